import { useEffect, useState } from 'react'
import { dateTimeSeconds, place, span } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { isCurrent, openPage, placeOf, selectedUnitId, topic, units } from '../centre.ts'
import { nearest } from '../distance.ts'
import { text } from '../text.ts'
import { channel } from '../voice/voice.ts'
import './emergencies.css'
import { sirenBlocked, startSiren, stopSiren, unlockSiren } from './siren.ts'

interface Sos {
  unitId: string
  sosId: string
  officerId: string
  atUnixMs: number
  receivedAtUnixMs: number
  endedAtUnixMs: number | null
  acknowledgedAtUnixMs: number | null
  acknowledgedBy: string | null
  position: { latitude: number | null; longitude: number | null } | null
}

const open = topic<readonly Sos[]>('sos')
const lateMs = 10_000

/** Above everything, with sound until somebody has taken it. */
export function Emergencies() {
  const t = useTranslator(text)
  const all = useStore(open) ?? []
  const blocked = useStore(sirenBlocked)
  const untaken = all.some((s) => s.acknowledgedAtUnixMs === null)
  useEffect(() => {
    if (!untaken) return
    startSiren()
    return stopSiren
  }, [untaken])
  if (all.length === 0) return null
  return (
    <section className="emergencies" role="alert" aria-label={t('sos.title')}>
      {untaken && blocked && (
        <button type="button" className="sos-sound" onClick={unlockSiren}>
          <Icon name="mute" />
          {t('sos.soundOff')}
        </button>
      )}
      {all.map((s) => (
        <SosRow key={`${s.unitId} ${s.sosId}`} sos={s} />
      ))}
    </section>
  )
}

function SosRow({ sos }: { sos: Sos }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const known = useStore(units)
  const [closing, setClosing] = useState(false)
  const [failure, setFailure] = useState('')
  const unit = known?.list.find((u) => u.unitId === sos.unitId)
  // Where the car is now, if it still says so; else where it was pressed.
  const live = unit && known && isCurrent(unit, known.at) ? placeOf(unit) : null
  const pressed = sos.position?.latitude != null && sos.position.longitude != null ? ([sos.position.longitude, sos.position.latitude] as const) : null
  const at = live ?? pressed
  const near = at && known ? nearest(known.list, known.at, at, sos.unitId, 3) : []
  const taken = sos.acknowledgedAtUnixMs !== null
  const act = async (what: string, body: object) => {
    setFailure('')
    try {
      await request('POST', `/api/sos/${encodeURIComponent(sos.unitId)}/${sos.sosId}/${what}`, body)
      if (what === 'acknowledge') await watch()
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  // Whoever has taken it sees what the car sees, and answers it: the reason of these views is the call itself.
  const watch = async () => {
    channel.set(`unit:${sos.unitId}`)
    try {
      await request('POST', '/api/live', { unitId: sos.unitId, allCameras: true, reason: t('sos.reason'), minutes: 15, quality: 'sub' })
      openPage.set('live')
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  return (
    <div className={taken ? 'sos is-taken' : 'sos'} data-sos={sos.unitId} data-taken={taken}>
      <Icon name="stop" size={34} />
      <div className="sos-words">
        <b>{sos.officerId ? t('sos.who', { unit: sos.unitId, officer: sos.officerId }) : t('sos.noOfficer', { unit: sos.unitId })}</b>
        <span title={dateTimeSeconds(sos.atUnixMs, t.lang)}>
          {t('sos.ago', { age: span(t, now - sos.atUnixMs) })}
          {sos.receivedAtUnixMs - sos.atUnixMs > lateMs && ` · ${t('sos.late', { age: span(t, sos.receivedAtUnixMs - sos.atUnixMs) })}`}
          {' · '}
          {at ? place(at[1], at[0]) : t('sos.noPlace')}
          {sos.endedAtUnixMs !== null && ` · ${t('sos.endedInCar')}`}
        </span>
        <span>
          {near.length > 0
            ? t('sos.nearest', { cars: near.map((n) => t('sos.car', { unit: n.unit.unitId, km: (n.metres / 1000).toFixed(1) })).join('  ') })
            : t('sos.noneNear')}
        </span>
        {failure && <span className="sos-failure">{t.code('error.', failure)}</span>}
      </div>
      {taken && <span className="sos-by">{t('sos.takenBy', { user: sos.acknowledgedBy ?? '' })}</span>}
      <button
        type="button"
        data-action="sos-map"
        onClick={() => {
          openPage.set('map')
          selectedUnitId.set(sos.unitId)
        }}
      >
        <Icon name="place" />
        {t('sos.map')}
      </button>
      {!taken && (
        <button type="button" className="sos-take" data-action="sos-take" onClick={() => void act('acknowledge', {})}>
          {t('sos.take')}
        </button>
      )}
      {taken && !closing && (
        <button type="button" data-action="sos-close" onClick={() => setClosing(true)}>
          {t('sos.close')}
        </button>
      )}
      {closing && <SosClose onClose={(result) => void act('close', { result })} onCancel={() => setClosing(false)} />}
    </div>
  )
}

function SosClose({ onClose, onCancel }: { onClose: (result: string) => void; onCancel: () => void }) {
  const t = useTranslator(text)
  const [result, setResult] = useState('')
  return (
    <form
      className="sos-form"
      onSubmit={(e) => {
        e.preventDefault()
        onClose(result)
      }}
    >
      <label>
        {t('sos.result')}
        <input name="result" value={result} maxLength={500} autoFocus onChange={(e) => setResult(e.target.value)} />
      </label>
      <button type="submit" className="primary" data-action="sos-close-now">
        {t('sos.closeNow')}
      </button>
      <button type="button" onClick={onCancel}>
        {t('action.cancel')}
      </button>
    </form>
  )
}
