import { useState, type FormEvent } from 'react'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from '../text.ts'
import { Reason } from './Reason.tsx'
import type { Tile } from './wall.ts'

export type Act = 'renew' | 'snapshot' | 'mark'

/** What an act on a view needs: a reason in every case, and how long or around when. */
export function TileAsk({ tile, act, shownAtUnixMs, onDone }: { tile: Tile; act: Act; shownAtUnixMs: () => number; onDone: (done: Act | null) => void }) {
  const t = useTranslator(text)
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(15)
  const [callNumber, setCallNumber] = useState('')
  const [before, setBefore] = useState(10)
  const [after, setAfter] = useState(10)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  // The picture that was on the screen when the still was asked for, not the one when the reason had been typed.
  const [shownAt] = useState(() => Math.round(shownAtUnixMs()))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setProblem(reason.trim() ? '' : 'reason_required')
    if (!reason.trim()) return
    setBusy(true)
    const said = { reason: reason.trim(), ...(callNumber.trim() ? { callNumber: callNumber.trim() } : {}) }
    const body = act === 'renew' ? { reason: said.reason, minutes } : act === 'snapshot' ? { ...said, ...(shownAt > 0 ? { capturedAtUnixMs: shownAt } : {}) } : { ...said, secondsBefore: before, secondsAfter: after }
    try {
      await request('POST', `/api/live/${encodeURIComponent(tile.leaseId)}/${act}`, body)
      onDone(act)
    } catch (error) {
      setBusy(false)
      setProblem(errorCode(error))
    }
  }

  const seconds = (name: 'before' | 'after', value: number, most: number, set: (n: number) => void) => (
    <label>
      {t(`wall.${name}`)}
      <input name={name} type="number" min={0} max={most} value={value} onChange={(e) => set(Number(e.target.value))} />
    </label>
  )
  return (
    <form className="tile-ask" data-ask={act} aria-label={t(`wall.${act}`)} onSubmit={(e) => void submit(e)}>
      <div className="tile-ask-do">
        <b>{t(`wall.${act}`)}</b>
        <button type="button" onClick={() => onDone(null)}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="primary" data-action="tile-do" disabled={busy}>
          {t(busy ? 'wall.busy' : `wall.do.${act}`)}
        </button>
      </div>
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={18} />
          {t.code('error.', problem)}
        </p>
      )}
      <Reason value={reason} onChange={setReason} />
      <div className="tile-ask-more">
        {act === 'renew' ? (
          <label>
            {t('live.minutes')}
            <input name="minutes" type="number" min={1} max={60} value={minutes} onChange={(e) => setMinutes(Number(e.target.value))} />
          </label>
        ) : (
          <label>
            {t('wall.call')}
            <input name="call" value={callNumber} maxLength={40} autoComplete="off" onChange={(e) => setCallNumber(e.target.value)} />
          </label>
        )}
        {act === 'mark' && seconds('before', before, 20, setBefore)}
        {act === 'mark' && seconds('after', after, 25, setAfter)}
      </div>
    </form>
  )
}
