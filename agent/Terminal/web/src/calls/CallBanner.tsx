import { useEffect, useRef, useState } from 'react'
import { state } from '../desk.ts'
import { ago } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useNow } from '../shared/ticker.ts'
import { goTo, page } from '../shell/pages.tsx'
import { play } from '../sound.ts'
import { text } from '../text.ts'
import { callsOf, chosenId, isNew, isOver, ranked, takeStep, type Call } from './calls.ts'
import { hush, say } from './speech.ts'
import { spoken, titleOf, way } from './words.ts'

// The words begin when the tone is over.
const toneMs = 1300

/** A call that nobody of this car has acknowledged: above every page until somebody does, in one touch. An alert comes first. */
export function CallBanner({ hidden }: { hidden: boolean }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const shownPage = useStore(page)
  const chosen = useStore(chosenId)
  const [failed, setFailed] = useState('')
  const [sending, setSending] = useState('')
  useNow(5000)
  const calls = ranked(callsOf(snapshot))
  useArrival(calls, hidden)
  const fresh = calls.filter(isNew)
  const call = fresh[0]
  if (!call || hidden) return null
  // The page shows this very call with the same button.
  if (shownPage === 'calls' && fresh.length === 1 && (chosen === call.id || (chosen === null && calls[0] === call))) return null
  const acknowledge = (): void => {
    hush()
    setFailed('')
    setSending(call.id)
    takeStep(call.id, 'acknowledge')
      .catch(() => setFailed(call.id))
      .finally(() => setSending(''))
  }
  return (
    <section className={`call-banner${call.urgent ? ' is-urgent' : ''}`} role="alert" data-call-banner={call.id}>
      <button
        type="button"
        className="call-banner-words"
        data-action="open-call"
        onClick={() => {
          chosenId.set(call.id)
          goTo('calls')
        }}
      >
        <Icon name={call.urgent ? 'stop' : 'phone'} size={44} />
        <span>
          <small>
            {t(call.urgent ? 'speech.urgent' : 'calls.new')} · {t.code('callKind.', call.kind)}
            {call.part === 'back_up' && ` · ${t('callPart.back_up')}`} · {ago(t, (snapshot?.timeUnixMs ?? 0) - call.receivedAtUnixMs)}
            {fresh.length > 1 && <em> {t('calls.more', { n: fresh.length - 1 })}</em>}
          </small>
          <b>{titleOf(t, call)}</b>
          <span>{[call.address || t('calls.noAddress'), way(t, call, snapshot)].filter(Boolean).join(' · ')}</span>
          <span className="visually-hidden">{t('calls.open')}</span>
          {failed === call.id && <span className="is-bad">{t('calls.failed', { why: t('error.unreachable') })}</span>}
        </span>
      </button>
      <button type="button" className="primary call-banner-do" data-action="acknowledge" disabled={sending === call.id} onClick={acknowledge}>
        <Icon name="tick" size={36} />
        {t('callDo.acknowledge')}
      </button>
    </section>
  )
}

/** Sounds once for each call that comes, then reads it aloud; those that were there when the officer signed in sound as one. */
function useArrival(calls: readonly Call[], hidden: boolean): void {
  const t = useTranslator(text)
  const heard = useRef(new Set<string>())
  const silent = useRef(hidden)
  silent.current = hidden
  const newest = calls.filter((c) => isNew(c) || (c.part === 'nearby' && !isOver(c))).map((c) => c.id).join(' ')
  useEffect(() => {
    const fresh = calls.filter((c) => (isNew(c) || (c.part === 'nearby' && !isOver(c))) && !heard.current.has(c.id))
    for (const c of fresh) heard.current.add(c.id)
    const first = fresh[0]
    if (!first) return
    play(fresh.some((c) => c.urgent) ? 'urgentCall' : 'call')
    if (!isNew(first)) return
    const timer = window.setTimeout(() => {
      // Over an alert nobody is talked to.
      if (!silent.current) void say(spoken(t, first, state.get()), t.lang)
    }, toneMs)
    return () => window.clearTimeout(timer)
    // The list is a new one twice a second; who is in it is what counts.
  }, [newest])
}
