import { useState } from 'react'
import { state } from '../desk.ts'
import { shortTime } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import type { Talk } from '../shared/voice.ts'
import { text } from '../text.ts'
import { TalkButton, TalkRefused } from './TalkButton.tsx'
import { channel, manner, voice } from './voice.ts'

/** As the state has them under areas.fleet. */
interface OtherCar { unitId: string; label: string }

/** Whom to speak to, one large button to speak, and what was said of late. */
export function VoicePage() {
  const t = useTranslator(text)
  const where = useStore(channel)
  const how = useStore(manner)
  const snapshot = useStore(state)
  const { heard, connected } = useStore(voice.now)
  const cars = ((snapshot?.areas?.['fleet'] as readonly OtherCar[] | null | undefined) ?? []).slice(0, 40)
  const offline = !connected || snapshot?.link.phase !== 'up'
  return (
    <section className="voice" aria-label={t('rail.voice')}>
      <div className="voice-where" role="radiogroup" aria-label={t('voice.where')}>
        <h2>{t('voice.where')}</h2>
        {(['district', 'centre'] as const).map((id) => (
          <Choice key={id} id={id} chosen={where} name={t(`voice.${id}`)} what={t(`voice.${id}What`)} />
        ))}
        <div className="voice-cars">
          {cars.map((car) => (
            <Choice key={car.unitId} id={`unit:${car.unitId}`} chosen={where} name={car.unitId} what={car.label === car.unitId ? '' : car.label} />
          ))}
          {cars.length === 0 && <p className="voice-none">{t('voice.noCars')}</p>}
        </div>
      </div>
      <div className="voice-talk">
        {offline && (
          <p className="voice-offline" role="status">
            <Icon name="warning" />
            {t('voice.offline')}
          </p>
        )}
        <TalkButton large />
        <TalkRefused />
        <div className="voice-manner" role="group" aria-label={t('voice.manner')}>
          {(['hold', 'toggle'] as const).map((m) => (
            <button key={m} type="button" aria-pressed={how === m} data-manner={m} onClick={() => manner.set(m)}>
              {t(`voice.manner.${m}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="voice-heard">
        <h2>{t('voice.heard')}</h2>
        {heard.length === 0 && <p className="voice-none">{t('voice.nothingHeard')}</p>}
        <ul>
          {heard.map(({ talk, seconds, over }) => (
            <li key={talk.talkId} className={talk.emergency ? 'is-emergency' : ''} data-heard={talk.talkId}>
              <span>
                <b>{talk.unitId || t('voice.centre')}</b> {talk.speaker}
                <small>
                  {shortTime(talk.beganAtUnixMs, t.lang)} · {t('voice.seconds', { n: Math.max(1, Math.round(seconds)) })} · {over === null ? t('voice.speakingNow') : t(talk.channel.startsWith('unit:') ? 'voice.direct' : 'voice.district')}
                </small>
              </span>
              {over !== null && <Again talk={talk} />}
            </li>
          ))}
        </ul>
        <p className="voice-note">{t('voice.notKept')}</p>
      </div>
    </section>
  )
}

function Choice({ id, chosen, name, what }: { id: string; chosen: string; name: string; what: string }) {
  return (
    <button type="button" role="radio" aria-checked={id === chosen} data-channel={id} onClick={() => channel.set(id)}>
      <b>{name}</b>
      {what && <small>{what}</small>}
    </button>
  )
}

function Again({ talk }: { talk: Talk }) {
  const t = useTranslator(text)
  const [playing, setPlaying] = useState(false)
  return (
    <button
      type="button"
      aria-label={t('voice.again')}
      title={t('voice.again')}
      data-action="again"
      aria-pressed={playing}
      onClick={() => {
        voice.replay(talk.talkId)
        setPlaying(true)
        window.setTimeout(() => setPlaying(false), 1000)
      }}
    >
      <Icon name="renew" />
    </button>
  )
}
