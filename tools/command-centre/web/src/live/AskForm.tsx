import { useState, type FormEvent } from 'react'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { camerasOf, selectedUnitId, units, type Quality } from '../centre.ts'
import { text } from '../text.ts'
import { Reason } from './Reason.tsx'

const all = '*'

/** Asks for one camera, or for all cameras of a car for one reason. What begins comes back through the stream. */
export function AskForm({ onDone }: { onDone: () => void }) {
  const t = useTranslator(text)
  const known = useStore(units)?.list ?? []
  const [unitId, setUnitId] = useState(() => selectedUnitId.get() ?? known.find((u) => u.online)?.unitId ?? '')
  const [cameraId, setCameraId] = useState(all)
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(15)
  const [quality, setQuality] = useState<Quality>('sub')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const unit = known.find((u) => u.unitId === unitId)
  const cameras = unit ? camerasOf(unit) : []

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!unit || cameras.length === 0) return
    setProblem(reason.trim() ? '' : 'reason_required')
    if (!reason.trim()) return
    setBusy(true)
    try {
      const which = cameraId === all ? { allCameras: true } : { cameraId }
      await request('POST', '/api/live', { unitId, ...which, reason: reason.trim(), minutes, quality })
      onDone()
    } catch (error) {
      setBusy(false)
      setProblem(errorCode(error))
    }
  }

  return (
    <form className="wall-ask" onSubmit={(e) => void submit(e)} aria-label={t('wall.open')}>
      <label>
        {t('live.unit')}
        <select name="unit" value={unitId} onChange={(e) => setUnitId(e.target.value)}>
          <option value="">{t('live.chooseUnit')}</option>
          {known.map((u) => (
            <option key={u.unitId} value={u.unitId}>
              {u.online ? u.unitId : t('live.offlineUnit', { unit: u.unitId })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('live.camera')}
        <select name="camera" value={cameraId} disabled={cameras.length === 0} onChange={(e) => setCameraId(e.target.value)}>
          <option value={all}>{cameras.length === 0 ? t('live.noCameras') : t('wall.all', { n: cameras.length })}</option>
          {cameras.map((c) => (
            <option key={c.id} value={c.id}>
              {t.pick(c.labelZh, c.labelEn)}
            </option>
          ))}
        </select>
      </label>
      <Reason value={reason} onChange={setReason} />
      <label>
        {t('live.minutes')}
        <input name="minutes" type="number" min={1} max={60} value={minutes} onChange={(e) => setMinutes(Number(e.target.value))} />
      </label>
      <label>
        {t('live.quality')}
        <select name="quality" value={quality} onChange={(e) => setQuality(e.target.value as Quality)}>
          <option value="sub">{t('live.sub')}</option>
          <option value="main">{t('live.main')}</option>
        </select>
      </label>
      <button type="submit" className="primary" data-action="wall-start" disabled={busy || cameras.length === 0}>
        {t(busy ? 'live.starting' : 'live.start')}
      </button>
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {t.code('error.', problem)}
        </p>
      )}
    </form>
  )
}
