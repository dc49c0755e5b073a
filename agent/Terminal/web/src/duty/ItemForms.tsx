import { useEffect, useState, type ReactNode } from 'react'
import { state } from '../desk.ts'
import { useDriving } from '../shell/driving.tsx'
import type { RosterEntry } from '../shared/api.ts'
import { errorCode, request } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { explain, handOver, missedReasons, type DutyItem } from './duty.ts'

/** A standing post becomes somebody else's: an officer of this car by one touch, or a name or unit that is written. */
export function HandOver({ item }: { item: DutyItem }) {
  const t = useTranslator(text)
  const driving = useDriving()
  const [open, setOpen] = useState(false)
  const [roster, setRoster] = useState<readonly RosterEntry[]>([])
  const [name, setName] = useState('')
  const [unit, setUnit] = useState('')
  const me = useStore(state)?.officer?.officerId
  const [send, failure] = useSend(() => setOpen(false))
  useEffect(() => {
    if (open) void request<RosterEntry[]>('GET', '/api/roster').then(setRoster, () => setRoster([]))
  }, [open])
  if (!open) {
    return (
      <button type="button" className="duty-act" data-action="hand-over" onClick={() => setOpen(true)}>
        <Icon name="officer" />
        {t('duty.handOver')}
      </button>
    )
  }
  return (
    <Form failure={failure} onCancel={() => setOpen(false)}>
      <p>{t('duty.handOverTo')}</p>
      <div className="duty-chips">
        {roster.filter((o) => o.officerId !== me).map((o) => (
          <button key={o.officerId} type="button" data-relief={o.officerId} data-own-words onClick={() => void send(() => handOver(item, o.displayName, ''))}>
            {o.displayName}
          </button>
        ))}
      </div>
      {!driving && (
        <form
          className="duty-relief"
          onSubmit={(e) => {
            e.preventDefault()
            void send(() => handOver(item, name, unit))
          }}
        >
          <input name="relief" value={name} maxLength={60} placeholder={t('duty.handOverName')} aria-label={t('duty.handOverName')} onChange={(e) => setName(e.target.value)} />
          <input name="unit" value={unit} maxLength={64} placeholder={t('duty.handOverUnit')} aria-label={t('duty.handOverUnit')} onChange={(e) => setUnit(e.target.value)} />
          <button type="submit" className="primary" disabled={!name.trim() && !unit.trim()}>
            {t('duty.handOverNow')}
          </button>
        </form>
      )}
    </Form>
  )
}

/** Asks for nothing; who wants to can say why, by one touch, when the car stands. */
export function SayWhy({ item }: { item: DutyItem }) {
  const t = useTranslator(text)
  const driving = useDriving()
  const [open, setOpen] = useState(false)
  const [words, setWords] = useState('')
  const [send, failure] = useSend(() => setOpen(false))
  if (driving) return null
  if (!open) {
    return (
      <button type="button" className="duty-act" data-action="say-why" onClick={() => setOpen(true)}>
        {t('duty.reasonAdd')}
      </button>
    )
  }
  return (
    <Form failure={failure} onCancel={() => setOpen(false)}>
      <div className="duty-chips">
        {missedReasons.map((r) => (
          <button key={r} type="button" data-reason={r} onClick={() => void send(() => explain(item, r, ''))}>
            {t(`missedReason.${r}`)}
          </button>
        ))}
      </div>
      <form
        className="duty-relief"
        onSubmit={(e) => {
          e.preventDefault()
          void send(() => explain(item, 'other', words))
        }}
      >
        <input name="reason" value={words} maxLength={200} placeholder={t('duty.reasonWords')} aria-label={t('duty.reasonWords')} onChange={(e) => setWords(e.target.value)} />
        <button type="submit" className="primary" disabled={!words.trim()}>
          {t('duty.reasonSend')}
        </button>
      </form>
    </Form>
  )
}

function Form({ failure, onCancel, children }: { failure: string; onCancel: () => void; children: ReactNode }) {
  const t = useTranslator(text)
  return (
    <div className="duty-form">
      {children}
      {failure && (
        <p className="error-line" role="alert" data-refused={failure}>
          <Icon name="warning" />
          {dutyWhy(t, failure)}
        </p>
      )}
      <button type="button" className="quiet" onClick={onCancel}>
        {t('action.cancel')}
      </button>
    </div>
  )
}

function dutyWhy(t: ReturnType<typeof useTranslator<typeof text>>, code: string): string {
  const own = t.code('dutyWhy.', code)
  return own !== code ? own : t.code('error.', code)
}

/** One at a time; what the host refused is said. */
function useSend(done: () => void): [(what: () => Promise<unknown>) => Promise<void>, string] {
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async (what: () => Promise<unknown>) => {
    if (busy) return
    setBusy(true)
    setFailure('')
    try {
      await what()
      done()
    } catch (error) {
      setFailure(errorCode(error))
    } finally {
      setBusy(false)
    }
  }
  return [send, failure]
}
