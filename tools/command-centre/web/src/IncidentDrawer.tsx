import { useEffect, useRef } from 'react'
import type { Incident } from '@shared/api.ts'
import { FaceSimilarity, Picture, PlateComparison } from '@shared/Evidence.tsx'
import { clockTime, dateTimeSeconds, place, span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { camerasOf, incidents, openIncidentId, units } from './centre.ts'
import { IncidentClip } from './IncidentClip.tsx'
import { SignatureMark } from './Incidents.tsx'
import { text } from './text.ts'

/** One decided hit with everything that the centre was told of it. */
export function IncidentDrawer() {
  const t = useTranslator(text)
  const id = useStore(openIncidentId)
  const incident = useStore(incidents).find((i) => i.eventId === id)
  const drawer = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!id) return
    drawer.current?.focus()
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') openIncidentId.set(null)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [id])
  if (!incident) return null
  return (
    <aside className="drawer" ref={drawer} tabIndex={-1} aria-label={t('incident.title')} data-drawer={incident.eventId}>
      <div className="drawer-head">
        <h2>{t('incident.title')}</h2>
        <button type="button" data-action="close-drawer" onClick={() => openIncidentId.set(null)}>
          <Icon name="cross" size={18} />
          {t('action.close')}
        </button>
      </div>
      <div className="drawer-body">
        <p className={incident.verdict === 'confirmed' ? 'drawer-verdict is-confirmed' : 'drawer-verdict'}>
          <Icon name={incident.verdict === 'confirmed' ? 'tick' : 'cross'} size={26} />
          {t.code('verdict.', incident.verdict)}
          {incident.verdict === 'rejected' && `: ${t.code('reason.', incident.reason)}`}
        </p>
        <SignatureMark valid={incident.signatureValid} />
        <Evidence key={incident.eventId} incident={incident} />
        {incident.verdict === 'confirmed' && <IncidentClip key={`clip ${incident.eventId}`} eventId={incident.eventId} />}
        <Contradictions codes={incident.contradictions ?? []} />
        <Facts incident={incident} />
      </div>
    </aside>
  )
}

function Evidence({ incident }: { incident: Incident }) {
  const t = useTranslator(text)
  const { seenUrl, listedUrl } = incident
  if (incident.kind === 'face')
    return (
      <div className="drawer-evidence">
        <div className="drawer-faces">
          <Picture url={seenUrl} caption={t('face.seen')} person />
          <Picture url={listedUrl} caption={t('face.listed')} person />
        </div>
        {incident.face && <FaceSimilarity face={incident.face} />}
      </div>
    )
  return (
    <div className="drawer-evidence">
      {seenUrl ? <Picture url={seenUrl} caption={t('face.seen')} person={false} /> : <p className="soft">{t('picture.deleted')}</p>}
      {incident.plate && <PlateComparison plate={incident.plate} listedText={incident.listedText} />}
    </div>
  )
}

function Contradictions({ codes }: { codes: readonly string[] }) {
  const t = useTranslator(text)
  if (codes.length === 0) return null
  return (
    <div className="drawer-contradictions">
      <b>{t('contradiction.title')}</b>
      <ul>
        {codes.map((code) => (
          <li key={code}>{t.code('contradiction.', code)}</li>
        ))}
      </ul>
    </div>
  )
}

function Facts({ incident }: { incident: Incident }) {
  const t = useTranslator(text)
  const { latitude, longitude, capturedAtUnixMs, receivedAtUnixMs } = incident
  const unit = useStore(units)?.list.find((u) => u.unitId === incident.unitId)
  const camera = unit && camerasOf(unit).find((c) => c.id === incident.cameraId)
  const facts: [string, string][] = [
    [t('incident.category'), t.code('category.', incident.category)],
    [t('incident.unit'), incident.unitId],
    [t('incident.officer'), incident.secondOfficerId ? t('incident.two', { first: incident.officerId, second: incident.secondOfficerId }) : incident.officerId],
    [t('incident.captured'), dateTimeSeconds(capturedAtUnixMs, t.lang)],
    [t('incident.received'), t('incident.delay', { time: clockTime(receivedAtUnixMs, t.lang), age: span(t, receivedAtUnixMs - capturedAtUnixMs) })],
    [t('incident.camera'), camera ? t.pick(camera.labelZh, camera.labelEn) : incident.cameraId],
    [t('incident.place'), latitude !== null && longitude !== null ? place(latitude, longitude) : t('value.unknown')],
    [t('incident.authority'), incident.authority],
    [t('incident.legal'), incident.legalReference],
    [t('incident.list'), t.pick(incident.listTitleZh, incident.listTitleEn)],
    [t('incident.id'), incident.eventId],
  ]
  if (incident.kind === 'face') facts.unshift([t('incident.subject'), incident.listedText])
  if (incident.note) facts.unshift([t('note.officer'), incident.note])
  if (incident.verdict === 'rejected') facts.unshift([t('incident.reason'), t.code('reason.', incident.reason)])
  return (
    <dl className="drawer-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
