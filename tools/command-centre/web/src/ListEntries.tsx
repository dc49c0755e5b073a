import { useState, type FormEvent } from 'react'
import type { IssuedList } from '@shared/api.ts'
import { span } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { serverClock } from '@shared/clock.ts'
import { text } from './text.ts'

interface ListedEntry { entryId: string; plate: string; plateClass: string; vehicleClass: string; subjectReference: string; displayName: string; note: string }
interface Found { entries: ListedEntry[]; more: boolean }

const leastSearch = 2
const leastPurpose = 3

/** Looks for entries of one list: nobody reads one without saying what for, and each that is shown is in the audit log. */
export function ListEntries({ lists }: { lists: readonly IssuedList[] }) {
  const t = useTranslator(text)
  const open = lists.filter((l) => !l.revoked && l.validToUnixMs > serverClock.now())
  const [chosen, setChosen] = useState('')
  const [search, setSearch] = useState('')
  const [purpose, setPurpose] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [found, setFound] = useState<Found | null>(null)
  const listId = open.some((l) => l.listId === chosen) ? chosen : (open[0]?.listId ?? '')

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFound(null)
    const missing = purpose.trim().length < leastPurpose ? 'purpose_required' : search.trim().length < leastSearch ? 'search_too_short' : ''
    setProblem(missing && t.code('error.', missing))
    if (missing) return
    setBusy(true)
    try {
      setFound(await request<Found>('POST', `/api/lists/${encodeURIComponent(listId)}/entries`, { search: search.trim(), purpose: purpose.trim() }))
    } catch (error) {
      const wait = error instanceof ApiError && error.code === 'too_many_readings' ? Number(error.body.retryAfterS ?? 0) : 0
      setProblem(wait > 0 ? t('entries.tooMany', { age: span(t, wait * 1000) }) : t.code('error.', errorCode(error)))
    } finally {
      setBusy(false)
    }
  }

  if (open.length === 0) return null
  return (
    <section className="entries" aria-label={t('entries.title')}>
      <div className="column-head">
        <h2>{t('entries.title')}</h2>
        <span className="soft">{t('entries.hint')}</span>
      </div>
      <form onSubmit={(e) => void submit(e)}>
        <label>
          {t('lists.name')}
          <select name="list" value={listId} onChange={(e) => setChosen(e.target.value)}>
            {open.map((l) => (
              <option key={l.listId} value={l.listId}>
                {t.pick(l.titleZh, l.titleEn)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('entries.search')}
          <input name="search" type="search" autoComplete="off" value={search} maxLength={64} onChange={(e) => setSearch(e.target.value)} />
        </label>
        <label>
          {t('entries.purpose')}
          <input name="purpose" value={purpose} maxLength={200} onChange={(e) => setPurpose(e.target.value)} />
        </label>
        <button type="submit" className="primary" data-action="search-entries" disabled={busy}>
          {t(busy ? 'entries.searching' : 'entries.go')}
        </button>
      </form>
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {problem}
        </p>
      )}
      <div role="status">{found && <Results found={found} />}</div>
    </section>
  )
}

function Results({ found }: { found: Found }) {
  const t = useTranslator(text)
  if (found.entries.length === 0) return <p className="entries-none">{t('entries.none')}</p>
  return (
    <div className="entries-found">
      <table>
        <thead>
          <tr>
            {(['entry', 'what', 'details', 'note'] as const).map((c) => (
              <th key={c} scope="col">
                {t(`entries.${c}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.entries.map((e) => (
            <tr key={e.entryId} data-entry={e.entryId}>
              <th scope="row">{e.entryId}</th>
              <td>{e.plate || e.subjectReference}</td>
              <td>{[e.plateClass && t.code('plateClass.', e.plateClass), e.vehicleClass, e.displayName].filter(Boolean).join(' · ') || '—'}</td>
              <td>{e.note || '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.more && <p className="soft">{t('entries.more')}</p>}
    </div>
  )
}
