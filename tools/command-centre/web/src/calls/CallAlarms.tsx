import { useEffect, useRef } from 'react'
import { span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { account } from '../centre.ts'
import { text } from '../text.ts'
import { mayAct, openCall, openCalls, openIntake } from './calls.ts'
import { chime, soundIsOff, unlockChime } from './chime.ts'

const shown = 3

/** Over every page: calls that nobody acknowledges, for those whom it is for. Alt+N takes a new call from anywhere. */
export function CallAlarms() {
  const t = useTranslator(text)
  const now = useNow(1000)
  const silent = useStore(soundIsOff)
  const who = useStore(account)
  const loud = (useStore(openCalls)?.calls ?? []).filter((call) => call.loud)
  const heard = useRef(new Set<string>())

  useEffect(() => {
    // Each level of each call sounds once; the strip stays.
    const levels = loud.map((call) => `${call.callId} ${call.escalation} ${call.ownerUnitId}`)
    if (levels.some((level) => !heard.current.has(level))) chime()
    heard.current = new Set(levels)
  }, [loud])
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      unlockChime()
      if (!e.altKey || e.code !== 'KeyN' || !mayAct()) return
      e.preventDefault()
      openIntake()
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('pointerdown', unlockChime)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('pointerdown', unlockChime)
    }
  }, [])

  if (!who || loud.length === 0) return null
  return (
    <section className="alarms call-alarms" role="alert" aria-label={t('callAlarm.title')}>
      {loud.slice(0, shown).map((call) => (
        <div className="alarm" key={call.callId} data-call-alarm={call.number} data-level={call.escalation}>
          <Icon name="warning" size={26} />
          <p>
            <b>{t('callAlarm.words', { number: call.number, title: call.title, age: span(t, now - (call.waitingSinceUnixMs ?? now)) })}</b>
            <span>
              {t.code('callLevel.', String(call.escalation))}
              {call.proposedUnitId && ` · ${t('call.proposed', { unit: call.proposedUnitId })}`}
            </span>
          </p>
          {silent && (
            <button type="button" data-action="sound-on" onClick={unlockChime}>
              <Icon name="mute" size={18} />
              {t('callSound.off')}
            </button>
          )}
          <button type="button" data-action="open-call" onClick={() => openCall(call.callId)}>
            {t('callAlarm.open')}
          </button>
        </div>
      ))}
      {loud.length > shown && <p className="alarms-more">{t('callAlarm.more', { n: loud.length - shown })}</p>}
    </section>
  )
}
