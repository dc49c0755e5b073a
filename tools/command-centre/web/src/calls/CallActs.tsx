import { useState } from 'react'
import { errorCode } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from '../text.ts'
import { act, callResults, isOver, mayAct, type CallRow } from './calls.ts'

function useAct(callId: string) {
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  const run = async (name: string, body: object) => {
    setBusy(true)
    try {
      await act(callId, name, body)
      setFailure('')
      return true
    } catch (error) {
      setFailure(errorCode(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { failure, busy, run }
}

/** What a car has asked and nobody has answered: above everything else of the call. */
export function Requests({ call }: { call: CallRow }) {
  const t = useTranslator(text)
  const { failure, busy, run } = useAct(call.callId)
  const [words, setWords] = useState('')
  if (!call.handOverTo && !call.backUpOpen) return null
  return (
    <div className="call-asks" role="alert">
      {call.handOverTo && (
        <p className="call-line">
          <Icon name="car" size={20} />
          <b>{t('call.handOver', { from: call.ownerUnitId, to: call.handOverTo })}</b>
          <span className="grow" />
          {mayAct() && (
            <>
              <button type="button" className="primary" data-action="accept-hand-over" disabled={busy} onClick={() => void run('hand-over', { accept: true })}>
                {t('call.accept')}
              </button>
              <button type="button" data-action="refuse-hand-over" disabled={busy} onClick={() => void run('hand-over', { accept: false })}>
                {t('call.refuse')}
              </button>
            </>
          )}
        </p>
      )}
      {call.backUpOpen && (
        <p className="call-line" data-back-up={call.number}>
          <Icon name="warning" size={20} />
          <b>{t('call.backUpAsked', { unit: call.ownerUnitId })}</b>
          <span className="grow" />
          {mayAct() && (
            <>
              <input aria-label={t('call.backUpWords')} placeholder={t('call.backUpWords')} maxLength={2000} value={words} onChange={(e) => setWords(e.target.value)} />
              <button type="button" data-action="answer-back-up" disabled={busy} onClick={() => void run('back-up', { unitIds: [], text: words })}>
                {t('call.backUpAnswer')}
              </button>
            </>
          )}
        </p>
      )}
      {failure && <p className="error-line">{t.code('error.', failure)}</p>}
    </div>
  )
}

/** Notes, and how a call ends. */
export function CallActs({ call }: { call: CallRow }) {
  const t = useTranslator(text)
  const { failure, busy, run } = useAct(call.callId)
  const [note, setNote] = useState('')
  const [result, setResult] = useState('')
  const [remark, setRemark] = useState('')
  const [cancelling, setCancelling] = useState(false)
  const [reason, setReason] = useState('')
  return (
    <section className="call-part call-acts" aria-label={t('call.acts')}>
      <h3>{t('call.acts')}</h3>
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
      <form
        className="call-line"
        onSubmit={(e) => {
          e.preventDefault()
          void run('note', { text: note }).then((done) => done && setNote(''))
        }}
      >
        <input name="note" aria-label={t('call.note')} placeholder={t('call.note')} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} />
        <button type="submit" disabled={busy}>
          {t('call.noteAdd')}
        </button>
      </form>
      {!isOver(call) && (
        <form
          className="call-end"
          onSubmit={(e) => {
            e.preventDefault()
            void run('close', { result, text: remark })
          }}
        >
          <select name="result" aria-label={t('call.result')} value={result} onChange={(e) => setResult(e.target.value)}>
            <option value="">{t('call.chooseResult')}</option>
            {callResults.map((r) => (
              <option key={r} value={r}>
                {t.code('callResult.', r)}
              </option>
            ))}
          </select>
          <input name="remark" aria-label={t('call.closeText')} placeholder={t('call.closeText')} maxLength={2000} value={remark} onChange={(e) => setRemark(e.target.value)} />
          <button type="submit" className="primary" data-action="close-call" disabled={busy}>
            {t('call.close')}
          </button>
        </form>
      )}
      {!isOver(call) && call.state !== 'reported' && (
        <form
          className="call-line"
          onSubmit={(e) => {
            e.preventDefault()
            if (cancelling) void run('cancel', { text: reason })
            else setCancelling(true)
          }}
        >
          {cancelling && <input name="reason" autoFocus aria-label={t('call.cancelReason')} placeholder={t('call.cancelReason')} maxLength={2000} value={reason} onChange={(e) => setReason(e.target.value)} />}
          <button type="submit" className="call-cancel" data-action="cancel-call" disabled={busy}>
            {t('call.cancel')}
          </button>
        </form>
      )}
    </section>
  )
}
