import type { Incident } from '@shared/api.ts'
import { PlateName } from '@shared/Evidence.tsx'
import { ago, clockTime } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { incidents, openIncidentId } from './centre.ts'
import { text } from './text.ts'

const newForMs = 15_000

export function Incidents() {
  const t = useTranslator(text)
  const all = useStore(incidents)
  return (
    <aside className="incidents" aria-label={t('incidents.title')}>
      <div className="column-head">
        <h2>{t('incidents.title')}</h2>
        <span className="tag">{t('incidents.count', { n: all.length })}</span>
      </div>
      <p className="soft incidents-only">{t('incidents.only')}</p>
      {all.length === 0 ? (
        <p className="empty">{t('incidents.none')}</p>
      ) : (
        <ul className="incident-rows">
          {all.map((i) => (
            <IncidentRow key={i.eventId} incident={i} />
          ))}
        </ul>
      )}
    </aside>
  )
}

function IncidentRow({ incident }: { incident: Incident }) {
  const t = useTranslator(text)
  const now = useNow(2000)
  const open = useStore(openIncidentId) === incident.eventId
  const { kind } = incident
  return (
    <li>
      <button
        type="button"
        className={`incident verdict-${incident.verdict}`}
        data-incident={incident.eventId}
        data-verdict={incident.verdict}
        data-new={now - incident.receivedAtUnixMs < newForMs}
        aria-pressed={open}
        aria-label={t('incident.open', { what: incident.listedText })}
        onClick={() => openIncidentId.set(open ? null : incident.eventId)}
      >
        <span className="incident-pictures">
          <Thumb url={incident.seenUrl} person={kind === 'face'} />
          {kind === 'face' && <Thumb url={incident.listedUrl} person />}
        </span>
        <span className="incident-words">
          <b>{kind === 'plate' && incident.listedText ? <PlateName text={incident.listedText} /> : incident.listedText || t('value.unknown')}</b>
          <span className={incident.verdict === 'confirmed' ? 'incident-verdict is-confirmed' : 'incident-verdict'}>
            <Icon name={incident.verdict === 'confirmed' ? 'tick' : 'cross'} size={17} />
            {t.code('verdict.', incident.verdict)}
            {incident.verdict === 'rejected' && `: ${t.code('reason.', incident.reason)}`}
          </span>
          <small>{t.code('category.', incident.category)}</small>
          <small>
            {incident.unitId} · {t('unit.officer', { id: incident.officerId })}
          </small>
          <small>
            {clockTime(incident.capturedAtUnixMs, t.lang)} · {ago(t, now - incident.capturedAtUnixMs)}
          </small>
          <SignatureMark valid={incident.signatureValid} />
        </span>
      </button>
    </li>
  )
}

export function SignatureMark({ valid }: { valid: boolean }) {
  const t = useTranslator(text)
  return (
    <small className={valid ? 'signature is-ok' : 'signature is-bad'} data-signature={valid}>
      <Icon name={valid ? 'shield' : 'warning'} size={15} />
      {t(valid ? 'signature.valid' : 'signature.invalid')}
    </small>
  )
}

function Thumb({ url, person }: { url: string | null; person: boolean }) {
  const t = useTranslator(text)
  return <span className={person ? 'thumb picture-person' : 'thumb'}>{url ? <img src={url} alt="" loading="lazy" /> : t('picture.none')}</span>
}
