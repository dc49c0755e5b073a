import { useState } from 'react'
import { session, state } from '../desk.ts'
import { span } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { serverClock } from '../shared/clock.ts'
import { useNow } from '../shared/ticker.ts'
import { text } from '../text.ts'
import { voice } from '../voice/voice.ts'
import { quiet, sosNow, takeBack } from './sos.ts'

/** Over everything while this car calls for help: how far the call has got, and whether the centre hears. */
export function SosBanner() {
  const t = useTranslator(text)
  useNow(500)
  const sos = useStore(sosNow)
  const { mine } = useStore(voice.now)
  const isQuiet = useStore(quiet)
  const who = useStore(session)
  const link = useStore(state)?.link.phase
  const [asking, setAsking] = useState(false)
  const [failure, setFailure] = useState(false)
  if (!sos) return null
  const heard = mine.state === 'talk' && mine.emergency
  const step = sos.takenBy ? 'taken' : sos.sent ? 'sent' : 'waits'
  return (
    <section className="sos-banner" role="alert" data-sos={step} data-heard={heard}>
      <Icon name="stop" size={40} />
      <div>
        <b>{t(`sos.${step}`, { who: sos.takenBy })}</b>
        <span>
          {t('sos.since', { age: span(t, Math.max(0, serverClock.now() - sos.sinceUnixMs)) })} · {t(isQuiet ? 'sos.quiet' : heard ? 'sos.heard' : link === 'up' ? 'sos.opening' : 'sos.notHeard')}
          {failure && ` · ${t('sos.failed')}`}
        </span>
      </div>
      <button type="button" data-action="sos-quiet" aria-pressed={isQuiet} onClick={() => quiet.set(!isQuiet)}>
        <Icon name={isQuiet ? 'mute' : 'microphone'} />
        {t(isQuiet ? 'sos.unmute' : 'sos.mute')}
      </button>
      {who &&
        (asking ? (
          <>
            <button type="button" data-action="sos-end-now" onClick={() => takeBack().then(() => setAsking(false), () => setFailure(true))}>
              {t('sos.endNow')}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {t('sos.stay')}
            </button>
          </>
        ) : (
          <button type="button" data-action="sos-end" onClick={() => setAsking(true)}>
            {t('sos.end')}
          </button>
        ))}
    </section>
  )
}
