import { dateTime } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, Table, useLoaded } from './parts.tsx'
import { text } from './text.ts'

interface Finding { code: string; about: string; detail: string; grave: boolean; wordsZh: string; wordsEn: string }
interface Acceptance {
  accepted: boolean
  madeAtUnixMs: number
  technician: string
  softwareVersion: string
  parts: { kind: string; place: string; model: string; serial: string; firmware: string }[]
  checks: { name: string; skipped: boolean; findings: Finding[] }[]
}

/** What was found when a unit was accepted last, and what it is made of. */
export function AcceptanceCard({ unitId, close }: { unitId: string; close: () => void }) {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Acceptance>(`/api/admin/units/${encodeURIComponent(unitId)}/acceptance`)
  return (
    <section className="admin-card" data-acceptance={unitId} aria-label={t('acceptance.of', { unit: unitId })}>
      <div className="admin-head">
        <h3>{t('acceptance.of', { unit: unitId })}</h3>
        <span className="grow" />
        <button type="button" onClick={close}>
          {t('acceptance.close')}
        </button>
      </div>
      {failure && <Failed why={failure} again={reload} />}
      {data === null ? (
        !failure && <p className="empty">{t('admin.loading')}</p>
      ) : (
        <>
          <p>
            <strong className={data.accepted ? '' : 'is-bad'}>{t.code('acceptance.', data.accepted ? 'accepted' : 'not_accepted')}</strong> {dateTime(data.madeAtUnixMs, t.lang)} ·{' '}
            <span data-own-words>{data.technician}</span>
            {data.softwareVersion && ` · ${data.softwareVersion}`}
          </p>
          <Table head={[t('acceptance.check'), t('acceptance.found')]}>
            {data.checks.map((check) => (
              <tr key={check.name}>
                <th scope="row">{t.code('check.', check.name)}</th>
                <td data-own-words>
                  {check.skipped ? t('acceptance.skipped') : check.findings.length === 0 ? t('acceptance.well') : check.findings.map((found) => <FoundLine key={found.code + found.about} found={found} />)}
                </td>
              </tr>
            ))}
          </Table>
          {data.parts.length > 0 && <Table head={[t('acceptance.part'), t('acceptance.model'), t('acceptance.serial'), t('acceptance.firmware')]}>
            {data.parts.map((part) => (
              <tr key={part.kind + part.place}>
                <th scope="row">
                  {t.code('part.', part.kind)} {part.place}
                </th>
                <td>{part.model || '—'}</td>
                <td>{part.serial || '—'}</td>
                <td>{part.firmware || '—'}</td>
              </tr>
            ))}
          </Table>}
        </>
      )}
    </section>
  )
}

/** A finding in the reader's language; which camera or list, and what was measured, are the technician's tools' own words. */
function FoundLine({ found }: { found: Finding }) {
  const { lang } = useTranslator(text)
  return (
    <div className={found.grave ? 'is-bad' : ''} data-finding={found.code}>
      {(lang === 'zh' ? found.wordsZh : found.wordsEn) || found.code} <small>{[found.about, found.detail].filter((w) => w).join(' · ')}</small>
    </div>
  )
}
