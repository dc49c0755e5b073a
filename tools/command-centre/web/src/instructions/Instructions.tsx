import { useCallback, useEffect, useState, type FormEvent } from 'react'
import type { Unit } from '@shared/api.ts'
import { dateTime, shortTime } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { topic, units } from '../centre.ts'
import { text } from '../text.ts'
import './instructions.css'

interface InstructionUnit { unitId: string; state: string; atUnixMs: number | null; readBy: string | null }
interface Instruction { instructionId: string; atUnixMs: number; account: string; urgent: boolean; text: string | null; units: InstructionUnit[] }

/** Without words; that it changed says that the list with words is to be read again. */
const changed = topic<readonly Instruction[]>('instructions')

export function Instructions() {
  const t = useTranslator(text)
  return (
    <section className="instructions" aria-label={t('tab.instructions')}>
      <Compose />
      <Sent />
    </section>
  )
}

function Compose() {
  const t = useTranslator(text)
  const known = useStore(units)?.list ?? []
  const [to, setTo] = useState<ReadonlySet<string>>(new Set())
  const [words, setWords] = useState('')
  const [urgent, setUrgent] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const [sent, setSent] = useState(false)
  const choose = (which: (u: Unit) => boolean) => setTo(new Set(known.filter(which).map((u) => u.unitId)))
  const toggle = (id: string) => setTo((before) => new Set(before.has(id) ? [...before].filter((b) => b !== id) : [...before, id]))
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure('')
    setSent(false)
    try {
      await request('POST', '/api/instructions', { unitIds: [...to], text: words, urgent })
      setWords('')
      setUrgent(false)
      setSent(true)
    } catch (error) {
      setFailure(errorCode(error))
    }
    setBusy(false)
  }
  return (
    <form className="instr-compose" onSubmit={(e) => void send(e)}>
      <h2>{t('instr.title')}</h2>
      <div className="instr-quick" role="group" aria-label={t('instr.to')}>
        <button type="button" data-to="all" onClick={() => choose(() => true)}>{t('instr.all')}</button>
        <button type="button" data-to="online" onClick={() => choose((u) => u.online)}>{t('instr.online')}</button>
        <button type="button" data-to="public_order" onClick={() => choose((u) => u.policeType === 'public_order')}>{t('instr.ofPublicOrder')}</button>
        <button type="button" data-to="traffic" onClick={() => choose((u) => u.policeType === 'traffic')}>{t('instr.ofTraffic')}</button>
        <button type="button" data-to="none" onClick={() => choose(() => false)}>{t('instr.none')}</button>
      </div>
      <div className="instr-cars">
        {known.length === 0 && <p className="empty">{t('instr.noCars')}</p>}
        {known.map((u) => (
          <button key={u.unitId} type="button" className={u.online ? '' : 'is-offline'} aria-pressed={to.has(u.unitId)} data-car={u.unitId} onClick={() => toggle(u.unitId)}>
            {to.has(u.unitId) && <Icon name="tick" size={18} />}
            {u.unitId}
          </button>
        ))}
      </div>
      <p className="soft">{t('instr.chosen', { n: to.size })}</p>
      <label>
        {t('instr.text')}
        <textarea name="text" rows={5} maxLength={500} value={words} onChange={(e) => setWords(e.target.value)} />
      </label>
      <button type="button" className="instr-urgent" role="switch" aria-checked={urgent} data-action="urgent" onClick={() => setUrgent(!urgent)}>
        <Icon name={urgent ? 'tick' : 'warning'} size={20} />
        {t('instr.urgent')}
      </button>
      <button type="submit" className="primary" data-action="send" disabled={busy || to.size === 0}>
        {t(busy ? 'instr.sending' : 'instr.send')}
      </button>
      {failure && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {t.code('error.', failure)}
        </p>
      )}
      {sent && <p className="is-ok" role="status">{t('instr.sent')}</p>}
    </form>
  )
}

function Sent() {
  const t = useTranslator(text)
  const news = useStore(changed)
  const [list, setList] = useState<readonly Instruction[] | null>(null)
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    request<Instruction[]>('GET', '/api/instructions')
      .then((answer) => {
        setList(answer)
        setFailed(false)
      })
      .catch(() => setFailed(true))
  }, [])
  useEffect(load, [load, news])
  return (
    <div className="instr-sent">
      <h2>{t('instr.list')}</h2>
      {failed && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {t('instr.failed')}
          <button type="button" onClick={load}>{t('action.retry')}</button>
        </p>
      )}
      {list === null ? !failed && <p className="empty">{t('instr.wait')}</p> : list.length === 0 ? <p className="empty">{t('instr.empty')}</p> : null}
      <ul>
        {(list ?? []).map((i) => (
          <li key={i.instructionId} className="instr" data-instruction={i.instructionId}>
            <p className="instr-head">
              {i.urgent && <span className="tag tag-bad">{t('instr.urgentTag')}</span>}
              <small>{t('instr.by', { user: i.account, time: dateTime(i.atUnixMs, t.lang) })}</small>
              <span className="grow" />
              <b>{t('instr.readCount', { read: i.units.filter((u) => u.state === 'read').length, n: i.units.length })}</b>
            </p>
            <p className="instr-words" data-own-words>{i.text || t('instr.erased')}</p>
            <p className="instr-units">
              {i.units.map((u) => (
                <span key={u.unitId} className={u.state === 'read' ? 'tag tag-ok' : u.state === 'delivered' ? 'tag' : 'tag tag-warn'} data-unit-state={`${u.unitId} ${u.state}`}>
                  {u.unitId} {u.state === 'read' ? t('instrState.read', { by: u.readBy ?? '', time: shortTime(u.atUnixMs ?? 0, t.lang) }) : t.code('instrState.', u.state)}
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </div>
  )
}
