import { useState, type FormEvent } from 'react'
import { dateTimeSeconds } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, Problem, refusal, download, Table, useLoaded } from './parts.tsx'
import { text } from './text.ts'

interface Row { seq: number; at: number; actor: string; action: string; subject: string; purpose: string }
interface Found { rows: Row[]; more: boolean; actions: string[] }
interface Requests { requests: { reference: string; kind: string; receivedOn: string; dueOn: string; state: string; late: boolean }[] }
interface Query { actor: string; action: string; subject: string; fromUnixMs: number; toUnixMs: number; before: number }

const anything: Query = { actor: '', action: '', subject: '', fromUnixMs: 0, toUnixMs: 0, before: 0 }
const atMidnight = (day: string) => (day ? new Date(`${day}T00:00:00`).getTime() : 0)
const dayMs = 86_400_000

export function AuditTab() {
  const t = useTranslator(text)
  const [query, setQuery] = useState(anything)
  const [asked, setAsked] = useState(anything)
  const [days, setDays] = useState({ from: '', to: '' })
  const [problem, setProblem] = useState('')
  const { data, failure, reload } = useLoaded<Found>('/api/admin/audit', asked)
  const find = (event: FormEvent) => {
    event.preventDefault()
    setAsked({ ...query, fromUnixMs: atMidnight(days.from), toUnixMs: days.to ? atMidnight(days.to) + dayMs : 0, before: 0 })
  }
  const keep = (path: string, body: unknown, name: string) => {
    setProblem('')
    download(path, body, name).catch((error: unknown) => setProblem(refusal(t, error)))
  }
  const word = (name: 'actor' | 'subject') => (
    <label>
      {t(`audit.${name}`)}
      <input name={name} value={query[name]} maxLength={64} onChange={(e) => setQuery({ ...query, [name]: e.target.value })} />
    </label>
  )
  return (
    <>
      <div className="admin-head">
        <h2>{t('admin.audit')}</h2>
        <span className="soft">{t('audit.hint')}</span>
      </div>
      <form className="admin-search" onSubmit={find}>
        {word('actor')}
        <label>
          {t('audit.action')}
          <select name="action" value={query.action} onChange={(e) => setQuery({ ...query, action: e.target.value })}>
            <option value="">{t('audit.any')}</option>
            {(data?.actions ?? []).map((a) => (
              <option key={a}>{a}</option>
            ))}
          </select>
        </label>
        {word('subject')}
        {(['from', 'to'] as const).map((end) => (
          <label key={end}>
            {t(`audit.${end}`)}
            <input name={end} type="date" value={days[end]} onChange={(e) => setDays({ ...days, [end]: e.target.value })} />
          </label>
        ))}
        <button type="submit" className="primary" data-action="find-audit">
          {t('audit.find')}
        </button>
        <button type="button" data-action="export-audit" onClick={() => keep('/api/admin/audit/export', asked, 'audit.csv')}>
          {t('audit.export')}
        </button>
      </form>
      <Problem words={problem} />
      {failure && <Failed why={failure} again={reload} />}
      {data === null ? (
        !failure && <p className="empty">{t('admin.loading')}</p>
      ) : data.rows.length === 0 ? (
        <p className="empty">{t('audit.none')}</p>
      ) : (
        <>
          <Table head={[t('audit.time'), t('audit.actor'), t('audit.action'), t('audit.subject'), t('audit.purpose')]}>
            {data.rows.map((row) => (
              <tr key={row.seq} data-audit={row.seq}>
                <td>{dateTimeSeconds(row.at, t.lang)}</td>
                <td>{row.actor}</td>
                <td>{row.action}</td>
                <td data-own-words>{row.subject}</td>
                <td data-own-words>{row.purpose}</td>
              </tr>
            ))}
          </Table>
          {data.more && (
            <div className="admin-acts">
              <button type="button" data-action="older" onClick={() => setAsked({ ...asked, before: data.rows.at(-1)?.seq ?? 0 })}>
                {t('audit.older')}
              </button>
            </div>
          )}
        </>
      )}
      <Report keep={keep} />
      <RequestRegister />
    </>
  )
}

function Report({ keep }: { keep: (path: string, body: unknown, name: string) => void }) {
  const t = useTranslator(text)
  const [month, setMonth] = useState(() => new Date().toISOString().slice(0, 7))
  return (
    <form
      className="admin-search"
      onSubmit={(e) => {
        e.preventDefault()
        keep('/api/admin/report', { month }, `report-${month}.html`)
      }}
    >
      <label>
        {t('audit.month')}
        <input name="month" value={month} maxLength={7} onChange={(e) => setMonth(e.target.value)} />
      </label>
      <button type="submit" data-action="make-report">
        {t('audit.report')}
      </button>
    </form>
  )
}

function RequestRegister() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Requests>('/api/admin/requests')
  return (
    <>
      <h3>{t('audit.requests')}</h3>
      {failure && <Failed why={failure} again={reload} />}
      {data?.requests.length === 0 && <p className="empty">{t('audit.noRequests')}</p>}
      {data && data.requests.length > 0 && (
        <Table head={[t('audit.reference'), t('audit.kind'), t('audit.received'), t('audit.due'), t('audit.state')]}>
          {data.requests.map((r) => (
            <tr key={r.reference}>
              <th scope="row">{r.reference}</th>
              <td>{t.code('requestKind.', r.kind)}</td>
              <td>{r.receivedOn}</td>
              <td>{r.dueOn}</td>
              <td className={r.late ? 'is-bad' : ''}>
                {t.code('requestState.', r.state)} {r.late && t('audit.late')}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}
