import { useEffect, useRef, useState, type PointerEvent, type Ref } from 'react'
import { state } from './desk.ts'
import { LookUpAnswers } from './LookUpCard.tsx'
import { LookUpKeys } from './LookUpKeys.tsx'
import { ask, loadLookUps, lookUpOpen, purposesOf, type LookUpKind, type Purpose } from './lookUps.ts'
import type { CallView } from './shared/api.ts'
import { span } from './shared/format.ts'
import { ApiError, errorCode } from './shared/http.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { WhenStanding } from './shell/driving.tsx'
import { text } from './text.ts'

const mostCharacters = { plate: 8, document: 18 } as const
const leastCharacters = { plate: 7, document: 18 } as const
const mostCalls = 4
const quickReasons = ['no_papers', 'fits_notice', 'own_request'] as const

interface Failure { code: string; again: number }

/** A plate or document number to the centre, for a purpose. Hidden, not gone, while an alert waits: what was typed is still there after it. */
export function LookUp({ hidden }: { hidden: boolean }) {
  const t = useTranslator(text)
  const [kind, setKind] = useState<LookUpKind>('plate')
  const [subject, setSubject] = useState('')
  const [purpose, setPurpose] = useState<Purpose | null>(null)
  const [reason, setReason] = useState('')
  const [callId, setCallId] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [shownId, setShownId] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => void loadLookUps(), [])
  useEffect(() => {
    if (!hidden) field.current?.focus()
  }, [hidden, kind])

  const write = (next: string, typing = false) => {
    setFailure(null)
    setSubject(typing ? next : normalised(next).slice(0, mostCharacters[kind]))
  }
  const turn = (next: LookUpKind) => {
    setKind(next)
    setSubject('')
    setFailure(null)
    if (purpose && !purposesOf[next].includes(purpose)) setPurpose(null)
  }
  const reasonNeeded = purpose === 'identity_check'
  const complete = subject.length >= leastCharacters[kind] && purpose !== null && (!reasonNeeded || reason.trim() !== '') && (purpose !== 'call' || callId !== '')
  const submit = async () => {
    if (!complete || busy) return
    setBusy(true)
    setFailure(null)
    try {
      const answer = await ask({ kind, subject, purpose, reason, ...(purpose === 'call' ? { callId } : {}) })
      setShownId(answer.id)
      // Each question has a purpose of its own: none is carried over.
      setSubject('')
      setPurpose(null)
      setReason('')
      field.current?.focus()
    } catch (error) {
      const waitS = error instanceof ApiError ? Number(error.body['retryAfterS'] ?? 0) : 0
      setFailure({ code: errorCode(error), again: waitS > 0 ? performance.now() + waitS * 1000 : 0 })
    } finally {
      setBusy(false)
    }
  }

  return (
    <section
      className="look-up"
      hidden={hidden}
      aria-label={t('lookUp.title')}
      onKeyDown={(e) => {
        if (e.key !== 'Escape') return
        e.stopPropagation()
        lookUpOpen.set(false)
      }}
    >
      <form
        className="look-up-form"
        onSubmit={(e) => {
          e.preventDefault()
          void submit()
        }}
      >
        <Head kind={kind} onTurn={turn} />
        <WhenStanding>
          <Field ref={field} kind={kind} subject={subject} onWrite={write} />
          <LookUpKeys kind={kind} subject={subject} onKey={(key) => write(subject + key)} />
          <Purposes kind={kind} purpose={purpose} onChoose={setPurpose} />
          <div className="look-up-reason">
            {purpose === 'call' ? <Calls callId={callId} onChoose={setCallId} /> : <Reason needed={reasonNeeded} reason={reason} onWrite={setReason} />}
          </div>
          <footer>
            {failure ? <Refusal failure={failure} onOver={() => setFailure(null)} /> : <span />}
            <button type="submit" className="primary" data-action="ask" disabled={!complete || busy || (failure?.again ?? 0) > 0}>
              <Icon name="search" size={26} />
              {t(busy ? 'lookUp.asking' : 'lookUp.ask')}
            </button>
          </footer>
        </WhenStanding>
      </form>
      <aside className="look-up-side">
        <LookUpAnswers shownId={shownId} onShow={setShownId} />
      </aside>
    </section>
  )
}

function Head({ kind, onTurn }: { kind: LookUpKind; onTurn: (kind: LookUpKind) => void }) {
  const t = useTranslator(text)
  return (
    <header>
      <h2>{t('lookUp.title')}</h2>
      {(['plate', 'document'] as const).map((k) => (
        <button key={k} type="button" data-look-up-kind={k} aria-pressed={kind === k} onClick={() => onTurn(k)}>
          {t(`lookUpKind.${k}`)}
        </button>
      ))}
      <span className="soft">{t('lookUp.recorded')}</span>
      <button type="button" data-action="close-look-up" onClick={() => lookUpOpen.set(false)}>
        <Icon name="cross" size={18} />
        {t('action.close')}
      </button>
    </header>
  )
}

/** One field for touch, a keyboard and an input method: what is still being composed is left alone. */
function Field({ ref, kind, subject, onWrite }: { ref: Ref<HTMLInputElement>; kind: LookUpKind; subject: string; onWrite: (next: string, composing?: boolean) => void }) {
  const t = useTranslator(text)
  const keepFocus = (e: PointerEvent) => e.preventDefault()
  return (
    <div className="look-up-field">
      <input
        ref={ref}
        name="subject"
        className={`look-up-subject-${kind}`}
        value={subject}
        inputMode="none"
        autoComplete="off"
        spellCheck={false}
        aria-label={t(`lookUpKind.${kind}`)}
        placeholder={t(`lookUpHint.${kind}`)}
        onChange={(e) => onWrite(e.target.value, (e.nativeEvent as InputEvent).isComposing)}
        onCompositionEnd={(e) => onWrite(e.currentTarget.value)}
      />
      <button type="button" data-key="erase" aria-label={t('lookUp.erase')} disabled={subject === ''} onPointerDown={keepFocus} onClick={() => onWrite(subject.slice(0, -1))}>
        <Icon name="erase" size={28} />
      </button>
      <button type="button" data-key="clear" disabled={subject === ''} onPointerDown={keepFocus} onClick={() => onWrite('')}>
        {t('lookUp.clear')}
      </button>
    </div>
  )
}

function Purposes({ kind, purpose, onChoose }: { kind: LookUpKind; purpose: Purpose | null; onChoose: (purpose: Purpose) => void }) {
  const t = useTranslator(text)
  return (
    <div className="look-up-purposes" role="group" aria-label={t('lookUp.purpose')}>
      <b>{t('lookUp.purpose')}</b>
      {purposesOf[kind].map((p) => (
        <button key={p} type="button" data-purpose={p} aria-pressed={purpose === p} onClick={() => onChoose(p)}>
          {t(`purpose.${p}`)}
        </button>
      ))}
    </div>
  )
}

function Reason({ needed, reason, onWrite }: { needed: boolean; reason: string; onWrite: (reason: string) => void }) {
  const t = useTranslator(text)
  const words = t(needed ? 'lookUp.reasonNeeded' : 'lookUp.reason')
  return (
    <>
      <input value={reason} maxLength={200} name="reason" aria-label={words} placeholder={words} onChange={(e) => onWrite(e.target.value)} />
      {needed &&
        quickReasons.map((r) => (
          <button key={r} type="button" data-quick={r} onClick={() => onWrite(t(`quickReason.${r}`))}>
            {t(`quickReason.${r}`)}
          </button>
        ))}
    </>
  )
}

function Calls({ callId, onChoose }: { callId: string; onChoose: (id: string) => void }) {
  const t = useTranslator(text)
  const calls = goingOn(useStore(state)?.calls)
  if (calls.length === 0) return <p className="is-warn">{t('lookUp.noCall')}</p>
  return calls.slice(0, mostCalls).map((c) => (
    <button key={c.id} type="button" data-call={c.id} aria-pressed={callId === c.id} onClick={() => onChoose(c.id)}>
      <span data-own-words>
        {c.number} {c.title}
      </span>
    </button>
  ))
}

function Refusal({ failure, onOver }: { failure: Failure; onOver: () => void }) {
  const t = useTranslator(text)
  useNow(500)
  const left = failure.again - performance.now()
  useEffect(() => {
    if (failure.again > 0 && left <= 0) onOver()
  })
  const own = t.code('lookUpWhy.', failure.code)
  return (
    <p className="error-line" role="alert" data-refused={failure.code}>
      <Icon name="warning" />
      <span>
        {own === failure.code ? t.code('error.', failure.code) : own} {left > 0 && t('lookUp.again', { age: span(t, left) })}
      </span>
    </p>
  )
}

function normalised(written: string): string {
  return written.replace(/[\s·•-]/g, '').toUpperCase()
}

function goingOn(calls: readonly CallView[] | undefined): CallView[] {
  return (calls ?? []).filter((c) => c.state !== 'closed' && c.state !== 'cancelled')
}
