import { useState, type FormEvent } from 'react'
import { dateTime } from '@shared/format.ts'
import { errorCode } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { text } from '../text.ts'
import { callKinds, openCall, searchCalls, selectedCallId, type CallRow } from './calls.ts'
import { StateTag } from './Calls.tsx'

const dayMs = 86_400_000

/** What was, by number, car, day and kind. */
export function History() {
  const t = useTranslator(text)
  const id = useStore(selectedCallId)
  const [asked, setAsked] = useState<Record<string, unknown>>({})
  const [found, setFound] = useState<{ calls: CallRow[]; more: boolean } | null>(null)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)

  const ask = async (body: Record<string, unknown>, before: CallRow | null) => {
    setBusy(true)
    try {
      const answer = await searchCalls(before ? { ...body, beforeUnixMs: before.receivedAtUnixMs, beforeNumber: before.number } : body)
      setFound((known) => ({ more: answer.more, calls: before && known ? [...known.calls, ...answer.calls] : answer.calls }))
      setFailure('')
    } catch (error) {
      setFailure(errorCode(error))
    }
    setBusy(false)
  }
  const onSubmit = (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault()
    const form = new FormData(e.currentTarget)
    const [y, m, d] = String(form.get('day')).split('-').map(Number)
    const from = y && m && d ? new Date(y, m - 1, d).getTime() : undefined
    const body = { number: form.get('number'), unit: form.get('unit'), kind: form.get('kind'), fromUnixMs: from, toUnixMs: from === undefined ? undefined : from + dayMs }
    setAsked(body)
    void ask(body, null)
  }

  return (
    <div className="calls-past">
      <form className="calls-search" onSubmit={onSubmit}>
        <label>
          {t('history.number')}
          <input name="number" maxLength={20} inputMode="numeric" />
        </label>
        <label>
          {t('history.unit')}
          <input name="unit" maxLength={32} />
        </label>
        <label>
          {t('history.day')}
          <input name="day" inputMode="numeric" maxLength={10} pattern="\d{4}-\d{1,2}-\d{1,2}" placeholder={t('history.dayHint')} />
        </label>
        <label>
          {t('history.kind')}
          <select name="kind" defaultValue="">
            <option value="">{t('history.any')}</option>
            {callKinds.map((kind) => (
              <option key={kind} value={kind}>
                {t.code('callKind.', kind)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" data-action="search-calls" disabled={busy}>
          {t('history.go')}
        </button>
        <small className="soft">{t('history.hint')}</small>
      </form>
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
      {found && found.calls.length === 0 && <p className="empty">{t('history.none')}</p>}
      <ul className="calls-rows">
        {found?.calls.map((call) => (
          <li key={call.callId}>
            <button type="button" className="call-row" data-past={call.number} aria-pressed={call.callId === id} onClick={() => openCall(call.callId)}>
              <span className="call-line">
                <b data-own-words>{call.title}</b>
              </span>
              <small className="call-line soft">
                <StateTag call={call} t={t} />
                <span>{call.ownerUnitId || t('calls.centre')}</span>
                <span>{t.code('callKind.', call.kind)}</span>
              </small>
              <small className="call-line soft">
                <span>{call.number}</span>
                <span className="grow" />
                <span>{dateTime(call.receivedAtUnixMs, t.lang)}</span>
              </small>
            </button>
          </li>
        ))}
        {found?.more && (
          <li>
            <button type="button" data-action="more-calls" disabled={busy} onClick={() => void ask(asked, found.calls.at(-1)!)}>
              {t('history.more')}
            </button>
          </li>
        )}
      </ul>
    </div>
  )
}
