import { useCallback, useEffect, useState } from 'react'
import { dateTime } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { account } from '../centre.ts'
import { text } from '../text.ts'
import './shifts.css'

interface Line { code: string; values: Record<string, string>; open: boolean }
interface Part { section: string; count: number; lines: Line[] }
interface Shift {
  shiftId: string
  fromUnixMs: number
  toUnixMs: number
  madeBy: string
  takenBy: string | null
  takenAtUnixMs: number | null
  sheet: { note: string; parts: Part[] } | null
}

const hourMs = 3_600_000
const lengths = [4, 8, 12, 24] as const

export function Shifts() {
  const t = useTranslator(text)
  const [list, setList] = useState<readonly Shift[] | null>(null)
  const [failure, setFailure] = useState('')
  const [open, setOpen] = useState<Shift | null>(null)
  const load = useCallback(() => {
    request<Shift[]>('GET', '/api/shifts').then(setList).catch((error: unknown) => setFailure(errorCode(error)))
  }, [])
  useEffect(load, [load])
  const show = (id: string) => {
    setFailure('')
    request<Shift>('GET', `/api/shifts/${id}`).then(setOpen).catch((error: unknown) => setFailure(errorCode(error)))
  }
  return (
    <section className="shifts" aria-label={t('shift.title')}>
      <div className="shift-side">
        <Make
          onMade={(made) => {
            setOpen(made)
            load()
          }}
        />
        <h2>{t('shift.title')}</h2>
        {failure && (
          <p className="error-line" role="alert">
            <Icon name="warning" />
            {t('shift.failed', { why: t.code('error.', failure) })}
          </p>
        )}
        {list === null ? !failure && <p className="empty">{t('shift.wait')}</p> : list.length === 0 && <p className="empty">{t('shift.none')}</p>}
        <ul>
          {(list ?? []).map((s) => (
            <li key={s.shiftId}>
              <button type="button" className="shift-row" data-shift={s.shiftId} aria-pressed={open?.shiftId === s.shiftId} onClick={() => show(s.shiftId)}>
                <b>{t('shift.span', { from: dateTime(s.fromUnixMs, t.lang), to: dateTime(s.toUnixMs, t.lang) })}</b>
                <small>{t('shift.madeBy', { user: s.madeBy })}</small>
                <small className={s.takenBy ? '' : 'is-warn'}>
                  {s.takenBy ? t('shift.takenBy', { user: s.takenBy, time: dateTime(s.takenAtUnixMs ?? 0, t.lang) }) : t('shift.notTaken')}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {open?.sheet ? (
        <Sheet
          key={open.shiftId}
          shift={open}
          onTaken={() => {
            show(open.shiftId)
            load()
          }}
        />
      ) : (
        <p className="empty">{t('shift.choose')}</p>
      )}
    </section>
  )
}

function Make({ onMade }: { onMade: (made: Shift) => void }) {
  const t = useTranslator(text)
  const [hours, setHours] = useState(8)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const make = async () => {
    setBusy(true)
    setFailure('')
    try {
      // A little later than asked for: the clocks of page and centre differ, and 24 hours are the most.
      onMade(await request<Shift>('POST', '/api/shifts', { fromUnixMs: Date.now() - hours * hourMs + 60_000, note }))
      setNote('')
    } catch (error) {
      setFailure(errorCode(error))
    }
    setBusy(false)
  }
  return (
    <form
      className="shift-make"
      onSubmit={(e) => {
        e.preventDefault()
        void make()
      }}
    >
      <h2>{t('shift.new')}</h2>
      <label>
        {t('shift.hours')}
        <select name="hours" value={hours} onChange={(e) => setHours(Number(e.target.value))}>
          {lengths.map((n) => (
            <option key={n} value={n}>
              {t('shift.hoursAgo', { n })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('shift.note')}
        <textarea name="note" rows={4} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} />
      </label>
      <button type="submit" className="primary" data-action="make-shift" disabled={busy}>
        {t(busy ? 'shift.making' : 'shift.make')}
      </button>
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
    </form>
  )
}

function Sheet({ shift, onTaken }: { shift: Shift; onTaken: () => void }) {
  const t = useTranslator(text)
  const who = useStore(account)
  const [failure, setFailure] = useState('')
  const take = () => {
    request('POST', `/api/shifts/${shift.shiftId}/take`, {}).then(onTaken).catch((error: unknown) => setFailure(errorCode(error)))
  }
  return (
    <article className="sheet" data-sheet={shift.shiftId}>
      <header className="sheet-head">
        <h2>{t('shift.span', { from: dateTime(shift.fromUnixMs, t.lang), to: dateTime(shift.toUnixMs, t.lang) })}</h2>
        <span>{t('shift.madeBy', { user: shift.madeBy })}</span>
        <span className={shift.takenBy ? '' : 'is-warn'}>
          {shift.takenBy ? t('shift.takenBy', { user: shift.takenBy, time: dateTime(shift.takenAtUnixMs ?? 0, t.lang) }) : t('shift.notTaken')}
        </span>
        <span className="grow" />
        {!shift.takenBy && shift.madeBy !== who?.user && (
          <button type="button" className="primary" data-action="take-shift" onClick={take}>
            {t('shift.take')}
          </button>
        )}
        <button type="button" data-action="print" onClick={() => window.print()}>
          {t('shift.print')}
        </button>
      </header>
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
      {shift.sheet?.note && <p className="sheet-note" data-own-words>{shift.sheet.note}</p>}
      {shift.sheet?.parts.map((part) => (
        <section key={part.section} data-part={part.section}>
          <h3>
            {t.code('shiftPart.', part.section)} <span className="tag">{part.count}</span>
          </h3>
          {part.lines.length === 0 && <p className="soft">{t('shift.nothing')}</p>}
          <ul>
            {part.lines.map((line, i) => (
              <li key={i} className={line.open ? 'is-open' : ''}>
                {line.open && <span className="tag tag-warn">{t('shift.open')}</span>} {words(t, line)}
              </li>
            ))}
          </ul>
          {part.count > part.lines.length && <p className="soft">{t('shift.more', { n: part.count - part.lines.length })}</p>}
        </section>
      ))}
    </article>
  )
}

/** A line in words: times and kinds as people say them. */
function words(t: Say<typeof text>, { code, values }: Line): string {
  const key = `shiftLine.${code}` as keyof typeof text
  if (!(key in text)) return [code, ...Object.values(values)].join(' ')
  const at = values['at'] ? dateTime(Number(values['at']), t.lang) : ''
  return t(key, { ...values, at, ...(values['kind'] ? { kind: t.code('hazardKind.', values['kind']) } : {}), ...(values['by'] === '' ? { by: t('value.none') } : {}) })
}
