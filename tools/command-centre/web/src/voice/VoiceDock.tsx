import { useEffect, useState } from 'react'
import { shortTime } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { account, selectedUnitId, units } from '../centre.ts'
import { text } from '../text.ts'
import './voice.css'
import { channel, listening, talkKey, voice } from './voice.ts'

/** Push to talk, on every page: to whom, the button, and who speaks. */
export function VoiceDock() {
  const t = useTranslator(text)
  const { mine, hearing, heard, connected } = useStore(voice.now)
  const where = useStore(channel)
  const known = useStore(units)?.list ?? []
  const [open, setOpen] = useState(false)
  useNow(mine.state === 'talk' ? 100 : 1000)
  const own = useStore(account)?.district ?? ''
  const districts = [...new Set(known.map((u) => u.district ?? ''))].filter((d) => own === '' || d === own).sort()
  const selected = useStore(selectedUnitId)
  useEffect(() => {
    if (where === '' && districts.length > 0) channel.set(`district:${districts[0]}`)
  })
  // Whoever picks a car on the map speaks to it; the district is one choice away.
  useEffect(() => {
    if (selected) channel.set(`unit:${selected}`)
  }, [selected])
  const busy = mine.state === 'wait' || mine.state === 'talk'
  const now = hearing.find((h) => h.emergency) ?? hearing[hearing.length - 1]
  return (
    <div className="voice-dock" data-voice={connected ? 'up' : 'down'}>
      <select aria-label={t('voice.where')} name="voice-channel" value={where} onChange={(e) => channel.set(e.target.value)}>
        {districts.map((d) => (
          <option key={d} value={`district:${d}`}>
            {d ? t('voice.districtOf', { name: d }) : t('voice.everybody')}
          </option>
        ))}
        {known
          .filter((u) => u.online || `unit:${u.unitId}` === where)
          .map((u) => (
            <option key={u.unitId} value={`unit:${u.unitId}`}>
              {u.unitId}
            </option>
          ))}
      </select>
      <button
        type="button"
        className="voice-talk"
        data-action="talk"
        data-talk={mine.state}
        disabled={!connected || where === ''}
        aria-pressed={busy}
        aria-keyshortcuts={talkKey}
        title={t('voice.hold')}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId)
          void voice.press(where)
        }}
        onPointerUp={() => voice.release()}
        onPointerCancel={() => voice.release()}
        onKeyDown={(e) => (e.key === ' ' || e.key === 'Enter') && !e.repeat && void voice.press(where)}
        onKeyUp={(e) => (e.key === ' ' || e.key === 'Enter') && voice.release()}
      >
        <Icon name="microphone" size={20} />
        {t(mine.state === 'talk' ? 'voice.speaking' : mine.state === 'wait' ? 'voice.waiting' : 'voice.button')}
        {mine.state === 'talk' && <i style={{ transform: `scaleX(${voice.level})` }} />}
      </button>
      <button
        type="button"
        className={now?.emergency ? 'voice-hearing is-emergency' : now ? 'voice-hearing is-on' : 'voice-hearing'}
        data-action="voice-heard"
        data-hearing={now?.unitId ?? ''}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="sound" size={20} />
        <span>{now ? `${now.unitId || t('voice.centre')} ${now.speaker}` : mine.state === 'refused' ? why() : t('voice.silence')}</span>
      </button>
      {open && (
        <section className="voice-list" aria-label={t('voice.heard')}>
          <button type="button" aria-pressed={listening.get() === 'on'} data-action="voice-listen" onClick={() => listening.set(other(listening.get()))}>
            <Icon name={listening.get() === 'on' ? 'sound' : 'mute'} />
            {t(listening.get() === 'on' ? 'voice.listening' : 'voice.notListening')}
          </button>
          {heard.length === 0 && <p>{t('voice.nothingHeard')}</p>}
          <ul>
            {heard.map(({ talk, seconds, over }) => (
              <li key={talk.talkId} className={talk.emergency ? 'is-emergency' : ''} data-heard={talk.unitId}>
                <span>
                  <b>{talk.unitId || t('voice.centre')}</b> {talk.speaker}
                  <small>
                    {shortTime(talk.beganAtUnixMs, t.lang)} · {t('voice.seconds', { n: Math.max(1, Math.round(seconds)) })}
                    {over === null && ` · ${t('voice.speakingNow')}`}
                  </small>
                </span>
                <span className="voice-acts">
                  {talk.unitId && (
                    <button type="button" data-action="voice-answer" onClick={() => channel.set(`unit:${talk.unitId}`)}>
                      {t('voice.answer')}
                    </button>
                  )}
                  {over !== null && (
                    <button type="button" aria-label={t('voice.again')} title={t('voice.again')} onClick={() => voice.replay(talk.talkId)}>
                      <Icon name="renew" size={20} />
                    </button>
                  )}
                </span>
              </li>
            ))}
          </ul>
          <p>{t('voice.notKept')}</p>
        </section>
      )}
    </div>
  )

  function why(): string {
    if (mine.state !== 'refused') return ''
    return mine.busyWith ? t('voice.busyWith', { who: mine.busyWith.speaker || mine.busyWith.unitId || t('voice.centre') }) : t.code('voice.refused.', mine.code)
  }
}

const other = (now: 'on' | 'off'): 'on' | 'off' => (now === 'on' ? 'off' : 'on')
