import { useEffect, useRef, useState } from 'react'
import { state } from './desk.ts'
import { DutyButtons } from './DutyButtons.tsx'
import type { Camera } from './shared/api.ts'
import { shortTime } from './shared/format.ts'
import { errorCode, request } from './shared/http.ts'
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
  const [presets, setPresets] = useState<readonly { token: string; name: string }[]>([])
  const [steering, setSteering] = useState('')
  const canSteer = camera?.ptz === true
  useEffect(() => {
    if (!canSteer) return
    request<{ token: string; name: string }[]>('GET', `/api/ptz/${encodeURIComponent(cameraId)}/presets`).then(setPresets, () => undefined) // it can be steered without
  }, [cameraId, canSteer])
  const steer = (act: object) => {
    setSteering('')
    request('POST', '/api/ptz', { cameraId, pan: 0, tilt: 0, zoom: 0, holdMs: 0, ...act }).catch((error: unknown) => setSteering(errorCode(error)))
  }
  const name = camera ? t.pick(camera.labelZh, camera.labelEn) : cameraId
  return (
    <section className="full" aria-label={t('full.title', { name })} data-full={cameraId}>
      <LiveVideo
        key={quality}
        {...(canSteer && { onTouched: (right: number, down: number) => steer({ right, down }) })}
        path={`/api/live/${encodeURIComponent(cameraId)}?quality=${quality}`}
        title={name}
        onUnsupported={() => {
          if (quality === 'main') {
            setFellBack(true)
            setQuality('sub')
          }
        }}
      />
      <div className="full-said">
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
      </div>
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
        {camera && (camera.heldSeconds ?? 0) > 0 && <MarkMoment camera={camera} />}
        {fellBack && quality === 'sub' && <p className="soft">{t('full.fellBack')}</p>}
        {camera?.frozen && !camera.black && <p className="is-bad">{t('full.frozen')}</p>}
        {camera?.black && <p className="is-bad">{t('full.black')}</p>}
        {camera?.state === 'lost' && (
          <p className="is-bad">
            {t('camera.lost')} {camera.detail}
          </p>
        )}
        {canSteer && (
          <div className="full-presets" role="group" aria-label={t('full.presets')}>
            {presets.slice(0, 6).map((p) => (
              <button key={p.token} type="button" data-preset={p.token} onClick={() => steer({ preset: p.token })}>
                {p.name || p.token}
              </button>
            ))}
            <p className="soft">{t('full.touch')}</p>
            {steering && (
              <p className="error-line" role="alert">
                {t.code('error.', steering)}
              </p>
            )}
          </div>
        )}
        {camera?.ptz && <PtzPad send={(move) => request('POST', '/api/ptz', { cameraId, ...move })} />}
      </div>
    </section>
  )
}

/** One touch keeps what this camera has just shown: what is held in memory, and nothing is recorded but what is kept so. */
function MarkMoment({ camera }: { camera: Camera }) {
  const t = useTranslator(text)
  const [said, setSaid] = useState<{ seconds: number } | { code: string } | null>(null)
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => setSaid(null), 6000)
    return () => clearTimeout(timer)
  }, [said])
  const mark = () => {
    request<{ seconds: number }>('POST', '/api/moments', { cameraId: camera.id }).then(setSaid, (error: unknown) => setSaid({ code: errorCode(error) }))
  }
  const refused = said !== null && 'code' in said ? said.code : ''
  const state = refused || (said ? 'kept' : camera.keeping ? 'keeping' : '')
  const words = {
    kept: () => t('full.marked', { n: said && 'seconds' in said ? said.seconds : 0 }),
    keeping: () => `● ${t('camera.keeping')}`,
    '': () => t('full.held', { n: camera.heldSeconds ?? 0 }),
  }
  return (
    <div className="full-mark">
      <button type="button" data-action="mark" onClick={mark}>
        <Icon name="flag" />
        {t('full.mark')}
      </button>
      <p role="status" data-mark={state} className={refused ? 'error-line' : 'soft'}>
        {refused ? t.code('error.', refused) : words[state as keyof typeof words]()}
      </p>
    </div>
  )
}
