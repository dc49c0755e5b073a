import { useEffect, useState, type FormEvent } from 'react'
import { clockTime, span } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { LiveVideo } from '@shared/LiveVideo.tsx'
import { PtzPad } from '@shared/PtzPad.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { account, camerasOf, endLive, liveEnded, liveView, selectedUnitId, startLive, units, type LiveView, type Quality } from './centre.ts'
import { liveNow } from './live/wall.ts'
import { text } from './text.ts'

export function LivePanel() {
  const t = useTranslator(text)
  const view = useStore(liveView)
  const [asking, setAsking] = useState(false)
  if (view) return <Watching key={view.leaseId} view={view} onAgain={() => setAsking(true)} />
  if (asking) return <LiveForm onDone={() => setAsking(false)} />
  return (
    <section className="live-bar" aria-label={t('live.title')}>
      <Icon name="camera" />
      <b>{t('live.title')}</b>
      <span className="soft">{t('live.hint')}</span>
      <span className="grow" />
      <button type="button" className="primary" data-action="live-open" onClick={() => setAsking(true)}>
        {t('live.open')}
      </button>
    </section>
  )
}

const quickReasons = ['scene', 'backup', 'hit', 'safety'] as const

function LiveForm({ onDone }: { onDone: () => void }) {
  const t = useTranslator(text)
  const known = useStore(units)?.list ?? []
  const selected = useStore(selectedUnitId)
  const [unitId, setUnitId] = useState(() => selected ?? known.find((u) => u.online)?.unitId ?? '')
  const [cameraId, setCameraId] = useState('')
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(15)
  const [quality, setQuality] = useState<Quality>('sub')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const unit = known.find((u) => u.unitId === unitId)
  const cameras = unit ? camerasOf(unit) : []
  const camera = cameras.find((c) => c.id === cameraId) ?? cameras[0]

  useEffect(() => {
    if (selected) setUnitId(selected)
  }, [selected])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!unit || !camera) return
    if (!reason.trim()) {
      setProblem('reason_required')
      return
    }
    setBusy(true)
    setProblem('')
    try {
      await startLive({ unitId, cameraId: camera.id, camera, reason: reason.trim(), minutes, quality })
      onDone()
    } catch (error) {
      setBusy(false)
      setProblem(error instanceof ApiError && error.code ? error.code : errorCode(error))
    }
  }

  return (
    <section className="live-form" aria-label={t('live.title')}>
      <div className="column-head">
        <h2>{t('live.title')}</h2>
        <span className="soft">{t('live.hint')}</span>
        <span className="grow" />
        <button type="button" onClick={onDone}>
          {t('action.cancel')}
        </button>
      </div>
      <form onSubmit={(e) => void submit(e)}>
        <label className="field-unit">
          {t('live.unit')}
          <select name="unit" value={unitId} required onChange={(e) => setUnitId(e.target.value)}>
            <option value="">{t('live.chooseUnit')}</option>
            {known.map((u) => (
              <option key={u.unitId} value={u.unitId}>
                {u.online ? u.unitId : t('live.offlineUnit', { unit: u.unitId })}
              </option>
            ))}
          </select>
        </label>
        <label className="field-camera">
          {t('live.camera')}
          <select name="camera" value={camera?.id ?? ''} disabled={cameras.length === 0} onChange={(e) => setCameraId(e.target.value)}>
            {cameras.length === 0 && <option value="">{t(unit ? 'live.noCameras' : 'live.chooseUnit')}</option>}
            {cameras.map((c) => (
              <option key={c.id} value={c.id}>
                {t.pick(c.labelZh, c.labelEn)}
              </option>
            ))}
          </select>
        </label>
        <label className="field-reason">
          {t('live.reason')}
          <input name="reason" value={reason} maxLength={200} onChange={(e) => setReason(e.target.value)} />
        </label>
        <div className="quick" role="group" aria-label={t('live.reason')}>
          {quickReasons.map((q) => (
            <button key={q} type="button" data-quick={q} onClick={() => setReason(t(`quick.${q}`))}>
              {t(`quick.${q}`)}
            </button>
          ))}
        </div>
        <label className="field-minutes">
          {t('live.minutes')}
          <input name="minutes" type="number" min={1} max={60} value={minutes} onChange={(e) => setMinutes(Number(e.target.value))} />
        </label>
        <label className="field-quality">
          {t('live.quality')}
          <select name="quality" value={quality} onChange={(e) => setQuality(e.target.value as Quality)}>
            <option value="sub">{t('live.sub')}</option>
            <option value="main">{t('live.main')}</option>
          </select>
        </label>
        <button type="submit" className="primary" data-action="live-start" disabled={busy || !camera}>
          {t(busy ? 'live.starting' : 'live.start')}
        </button>
        {problem && (
          <p className="error-line" role="alert">
            <Icon name="warning" size={20} />
            {t.code('error.', problem)}
          </p>
        )}
      </form>
    </section>
  )
}

function Watching({ view, onAgain }: { view: LiveView; onAgain: () => void }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const who = useStore(account)
  const [failed, setFailed] = useState('')
  const over = view.ended !== null
  const cameraName = t.pick(view.camera.labelZh, view.camera.labelEn)
  // It may have been renewed on the live page.
  const told = useStore(liveNow)?.mine.find((l) => l.leaseId === view.leaseId)
  const left = (told?.endsAtUnixMs ?? view.endsAtUnixMs) - now
  useEffect(() => {
    if (!over && left < -2000) liveEnded(view.leaseId, 'time is up')
  }, [over, left, view.leaseId])
  const end = () => endLive(view).catch((e: unknown) => setFailed(errorCode(e)))
  const leave = (again: boolean) => {
    liveView.set(null)
    if (again) onAgain()
  }
  return (
    <section className="watching" aria-label={t('live.title')} data-lease={view.leaseId} data-ended={over}>
      <LiveVideo
        path={`/api/live/${encodeURIComponent(view.leaseId)}/video`}
        title={`${view.unitId} · ${cameraName}`}
        watermark={t('live.watermark', { user: who?.user ?? '', unit: view.unitId, time: clockTime(now, t.lang).slice(0, 5) })}
        asked={view.quality}
        onEnded={(reason) => liveEnded(view.leaseId, reason || 'time is up')}
      />
      <div className="watching-side">
        <p className={over ? 'watching-left is-bad' : left < 60_000 ? 'watching-left is-warn' : 'watching-left'} role="timer" data-left={Math.max(0, Math.round(left / 1000))}>
          <Icon name="clock" />
          {over ? (view.ended ? t('live.overWhy', { why: t.code('endReason.', view.ended) }) : t('live.over')) : t('live.left', { age: countdown(left) })}
        </p>
        <dl className="watching-facts">
          <dt>{t('live.unit')}</dt>
          <dd>{view.unitId}</dd>
          <dt>{t('live.camera')}</dt>
          <dd>{cameraName}</dd>
          <dt>{t('live.reasonShort')}</dt>
          <dd>{view.reason}</dd>
          <dt>{t('live.minutes')}</dt>
          <dd>{span(t, view.minutes * 60_000)}</dd>
        </dl>
        {failed && (
          <p className="error-line" role="alert">
            {t.code('error.', failed)}
          </p>
        )}
        {over ? (
          <div className="watching-over">
            <button type="button" className="primary" onClick={() => leave(true)}>
              {t('live.again')}
            </button>
            <button type="button" data-action="live-close" onClick={() => leave(false)}>
              {t('action.close')}
            </button>
          </div>
        ) : (
          <button type="button" className="watching-end" data-action="live-end" onClick={() => void end()}>
            <Icon name="cross" />
            {t('live.end')}
          </button>
        )}
      </div>
      {view.camera.ptz && !over && <PtzPad send={(move) => request('POST', '/api/ptz', { leaseId: view.leaseId, ...move })} />}
    </section>
  )
}

function countdown(ms: number): string {
  // Rounded: the clocks of page and centre differ by some milliseconds, and five minutes are never 5:01.
  const s = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}
