import { useEffect, useRef, useState } from 'react'
import { state } from './desk.ts'
import { DutyButtons } from './DutyButtons.tsx'
import { shortTime } from './shared/format.ts'
import { request } from './shared/http.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { LiveVideo } from './shared/LiveVideo.tsx'
import { PtzPad } from './shared/PtzPad.tsx'
import { useStore } from './shared/store.ts'
import { text } from './text.ts'

type Quality = 'main' | 'sub'
const playsHere = (codec: string) => !/h\.?265|hevc|hev1|hvc1/i.test(codec)

/** One camera over the whole stage, live. */
export function LiveScreen({ cameraId, onClose }: { cameraId: string; onClose: () => void }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const camera = snapshot?.cameras.find((c) => c.id === cameraId)
  const [quality, setQuality] = useState<Quality>(() => (playsHere(camera?.codec ?? '') ? 'main' : 'sub'))
  const [fellBack, setFellBack] = useState(quality === 'sub')
  const back = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    back.current?.focus()
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') onClose()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [onClose])
  const name = camera ? t.pick(camera.labelZh, camera.labelEn) : cameraId
  return (
    <section className="full" aria-label={t('full.title', { name })} data-full={cameraId}>
      <LiveVideo
        key={quality}
        path={`/api/live/${encodeURIComponent(cameraId)}?quality=${quality}`}
        title={name}
        onUnsupported={() => {
          if (quality === 'main') {
            setFellBack(true)
            setQuality('sub')
          }
        }}
      />
      <div className="full-side">
        <button type="button" ref={back} className="primary full-back" data-action="close-live" onClick={onClose}>
          <Icon name="back" />
          {t('action.back')}
        </button>
        <DutyButtons />
        <div className="full-quality" role="group" aria-label={t('full.quality')}>
          {(['main', 'sub'] as const).map((q) => (
            <button key={q} type="button" aria-pressed={quality === q} onClick={() => setQuality(q)}>
              {t(`live.${q}`)}
            </button>
          ))}
        </div>
        {fellBack && quality === 'sub' && <p className="soft">{t('full.fellBack')}</p>}
        {camera?.frozen && <p className="is-bad">{t('full.frozen')}</p>}
        {camera?.state === 'lost' && (
          <p className="is-bad">
            {t('camera.lost')} {camera.detail}
          </p>
        )}
        {camera?.watchers.map((w) => (
          <p key={w.viewer + w.endsAtUnixMs} className="full-watch">
            <Icon name="eye" />
            {t('camera.watched', { viewer: w.viewer, time: shortTime(w.endsAtUnixMs, t.lang) })} · {w.reason}
          </p>
        ))}
        {camera?.clipsAsked?.map((c) => (
          <p key={c.viewer + c.atUnixMs} className="full-watch">
            <Icon name="camera" />
            {t('camera.clipAsked', { viewer: c.viewer, time: shortTime(c.atUnixMs, t.lang) })} · {c.reason}
          </p>
        ))}
        {camera?.ptz && <PtzPad send={(move) => request('POST', '/api/ptz', { cameraId, ...move })} />}
      </div>
    </section>
  )
}
