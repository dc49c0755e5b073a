import { lazy, Suspense, useState } from 'react'
import { span } from '@shared/format.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { text } from '../text.ts'
import { CallDetail } from './CallDetail.tsx'
import './calls.css'
import { inOrder, intakeOpen, isWaiting, mayAct, openCall, openCalls, openIntake, selectedCallId, type CallRow } from './calls.ts'
import { soundIsOff, unlockChime } from './chime.ts'
import { History } from './History.tsx'
import { Intake } from './Intake.tsx'

const CallMap = lazy(() => import('./CallMap.tsx'))

/** 接处警: what is open, where it is, and the one that is worked on. */
export function Calls() {
  const t = useTranslator(text)
  const [past, setPast] = useState(false)
  const silent = useStore(soundIsOff)
  const taking = useStore(intakeOpen)
  const id = useStore(selectedCallId)
  return (
    <div className="calls">
      <aside className="calls-list" aria-label={t('calls.open')}>
        <div className="calls-tabs" role="tablist">
          <button type="button" role="tab" aria-selected={!past} data-action="open-calls" onClick={() => setPast(false)}>
            {t('calls.open')}
          </button>
          <button type="button" role="tab" aria-selected={past} data-action="history" onClick={() => setPast(true)}>
            {t('calls.history')}
          </button>
        </div>
        <div className="calls-body">
          {silent && (
            <button type="button" className="calls-silent" data-action="sound-on" onClick={unlockChime}>
              <Icon name="mute" size={18} />
              {t('callSound.off')}
            </button>
          )}
          {past ? <History /> : <OpenCalls />}
        </div>
        {mayAct() && (
          <button type="button" className="primary" data-action="new-call" onClick={openIntake}>
            <Icon name="plus" size={20} />
            {t('calls.new')}
          </button>
        )}
      </aside>
      <section className="map calls-map" aria-label={t('calls.map')}>
        <Suspense fallback={<p className="empty">{t('map.loading')}</p>}>
          <CallMap />
        </Suspense>
      </section>
      <aside className="calls-side">{taking ? <Intake key="new" /> : id ? <CallDetail key={id} callId={id} /> : <p className="empty">{t('calls.choose')}</p>}</aside>
    </div>
  )
}

function OpenCalls() {
  const t = useTranslator(text)
  const told = useStore(openCalls)
  const id = useStore(selectedCallId)
  const now = useNow(1000)
  if (!told) return <p className="empty">{t('calls.loading')}</p>
  if (told.calls.length === 0) return <p className="empty">{t('calls.none')}</p>
  return (
    <ul className="calls-rows">
      {inOrder(told.calls).map((call) => (
        <li key={call.callId}>
          <CallButton call={call} now={now} selected={call.callId === id} />
        </li>
      ))}
    </ul>
  )
}

export function CallButton({ call, now, selected }: { call: CallRow; now: number; selected: boolean }) {
  const t = useTranslator(text)
  return (
    <button type="button" className="call-row" data-call={call.number} data-state={call.state} data-level={call.escalation} aria-pressed={selected} onClick={() => openCall(call.callId)}>
      <span className="call-line">
        {call.urgent && (
          <span className="call-urgent">
            <Icon name="warning" size={16} />
            {t('call.urgent')}
          </span>
        )}
        <b data-own-words>{call.title}</b>
      </span>
      <span className="call-line">
        <StateTag call={call} t={t} />
        <span>{call.ownerUnitId || t('calls.centre')}</span>
        <span className="grow" />
        {call.waitingSinceUnixMs !== null && isWaiting(call) && <span className={call.escalation > 0 ? 'is-bad' : 'is-warn'}>{t('calls.waits', { age: span(t, now - call.waitingSinceUnixMs) })}</span>}
      </span>
      <small className="call-line soft">
        <span>{call.number}</span>
        <span>{t.code('callKind.', call.kind)}</span>
        <span className="grow" />
        <span>{t('age.ago', { age: span(t, now - call.receivedAtUnixMs) })}</span>
      </small>
      {(call.latitude === null || call.backUpOpen || call.handOverTo || call.escalation > 0) && (
        <small className="call-line">
          {call.escalation > 0 && <span className="is-bad">{t.code('callLevel.', String(call.escalation))}</span>}
          {call.backUpOpen && <span className="is-warn">{t('call.backUpAsked', { unit: call.ownerUnitId })}</span>}
          {call.handOverTo && <span className="is-warn">{t('call.handOver', { from: call.ownerUnitId, to: call.handOverTo })}</span>}
          {call.latitude === null && <span className="is-warn">{t('call.noPlace')}</span>}
        </small>
      )}
    </button>
  )
}

export function StateTag({ call, t }: { call: CallRow; t: Say<typeof text> }) {
  const tone = isWaiting(call) ? 'tag-warn' : call.state === 'cancelled' ? '' : 'tag-ok'
  return <span className={`tag ${tone}`}>{t.code('callState.', call.state)}</span>
}
