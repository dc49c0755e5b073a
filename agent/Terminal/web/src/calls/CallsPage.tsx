import { state } from '../desk.ts'
import { span } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useNow } from '../shared/ticker.ts'
import { text } from '../text.ts'
import { CallDetail } from './CallDetail.tsx'
import { callsOf, chosenId, isNew, isOver, isOwn, metresTo, ranked, type Call } from './calls.ts'
import { distance, titleOf } from './words.ts'

/** Every call of this car left, the chosen one right. */
export function CallsPage() {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const chosen = useStore(chosenId)
  const calls = ranked(callsOf(snapshot))
  const shown = calls.find((c) => c.id === chosen) ?? calls[0]
  if (!shown) {
    return (
      <div className="empty calls-none" data-calls="none">
        <Icon name="phone" size={56} />
        <h2>{t('calls.none')}</h2>
        <p>{t('calls.noneHint')}</p>
      </div>
    )
  }
  return (
    <div className="calls">
      <ul className="calls-list" aria-label={t('calls.list')}>
        {calls.map((c) => (
          <CallRow key={c.id} call={c} shown={c.id === shown.id} />
        ))}
      </ul>
      <CallDetail key={shown.id} call={shown} />
    </div>
  )
}

function CallRow({ call, shown }: { call: Call; shown: boolean }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const now = useNow(5000)
  const metres = metresTo(call, snapshot)
  const waiting = call.steps.filter((s) => s.sent === 'waiting').length
  return (
    <li>
      <button
        type="button"
        className={`call-row${isNew(call) ? ' is-new' : ''}${isOver(call) || !isOwn(call) ? ' is-aside' : ''}`}
        data-call-row={call.id}
        aria-current={shown ? 'true' : undefined}
        onClick={() => chosenId.set(call.id)}
      >
        <span className="call-row-top">
          {call.urgent && <CallMark />}
          <b>{titleOf(t, call)}</b>
        </span>
        <span className="call-row-state" data-own={call.own}>
          {call.part === 'owner' ? '' : `${t(`callPart.${call.part}`)} · `}
          {t.code('callState.', isOwn(call) ? call.own : call.state)}
        </span>
        <span className="soft">
          {[t.code('callKind.', call.kind), span(t, now - call.receivedAtUnixMs), metres === null ? '' : distance(t, metres)].filter(Boolean).join(' · ')}
        </span>
        {waiting > 0 && (
          <span className="is-warn call-row-waits">
            <Icon name="queue" size={16} />
            {t('calls.toSend', { n: waiting })}
          </span>
        )}
      </button>
    </li>
  )
}

export function CallMark() {
  const t = useTranslator(text)
  return (
    <span className="call-urgent">
      <Icon name="stop" size={18} />
      {t('calls.urgent')}
    </span>
  )
}
