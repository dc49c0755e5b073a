import { useEffect, useRef, useState } from 'react'
import { dateTimeSeconds } from '@shared/format.ts'
import { errorCode } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { text } from '../text.ts'
import { CallActs, Requests } from './CallActs.tsx'
import { candidates, intakePlace, isOver, mayAct, openCalls, readCall, sendRecording, type CallDetails } from './calls.ts'
import { StateTag } from './Calls.tsx'
import { Cars } from './Cars.tsx'
import { Intake } from './Intake.tsx'
import { Story } from './Story.tsx'

/** One call whole. Each reading of it goes into the audit, so it is read again only when there is more to read. */
export function CallDetail({ callId }: { callId: string }) {
  const t = useTranslator(text)
  const row = useStore(openCalls)?.calls.find((c) => c.callId === callId)
  const [known, setKnown] = useState<CallDetails | null>(null)
  const [failure, setFailure] = useState('')
  const [correcting, setCorrecting] = useState(false)
  const [again, setAgain] = useState(0)

  useEffect(() => {
    let over = false
    readCall(callId).then(
      (read) => !over && (setKnown(read), setFailure('')),
      (error: unknown) => !over && setFailure(errorCode(error)),
    )
    return () => {
      over = true
    }
    // Closed, it leaves the list of open calls: one more look.
  }, [callId, row?.revision, row?.entries, row === undefined, again])
  useEffect(() => () => candidates.set([]), [])

  if (!known)
    return failure ? (
      <div className="empty" role="alert">
        <p>
          {t('call.failed')}: {t.code('error.', failure)}
        </p>
        <button type="button" onClick={() => setAgain((n) => n + 1)}>
          {t('action.retry')}
        </button>
      </div>
    ) : (
      <p className="empty">{t('calls.loading')}</p>
    )
  if (correcting)
    return (
      <Intake
        known={known}
        onDone={() => {
          setCorrecting(false)
          setAgain((n) => n + 1)
        }}
      />
    )
  const call = row ?? known.call
  return (
    <div className="call" data-call-open={call.number} data-state={call.state}>
      <header className="call-head">
        <h2 data-own-words>{call.title}</h2>
        <p className="call-line">
          {call.urgent && (
            <span className="call-urgent">
              <Icon name="warning" size={16} />
              {t('call.urgent')}
            </span>
          )}
          <StateTag call={call} t={t} />
          <b>{call.number}</b>
          <span className="grow" />
          {mayAct() && !isOver(call) && (
            <button
              type="button"
              data-action="correct"
              onClick={() => {
                intakePlace.set(call.latitude !== null && call.longitude !== null ? { latitude: call.latitude, longitude: call.longitude, clicked: false } : null)
                setCorrecting(true)
              }}
            >
              {t('intake.correct')}
            </button>
          )}
        </p>
      </header>
      <Requests call={call} />
      <Facts known={known} />
      {!isOver(call) && call.state !== 'reported' && <Cars call={call} backUps={known.backUpUnitIds} />}
      <Recording known={known} onSent={() => setAgain((n) => n + 1)} />
      <Story lines={known.story} />
      {mayAct() && <CallActs call={call} />}
    </div>
  )
}

function Facts({ known }: { known: CallDetails }) {
  const t = useTranslator(text)
  const { call } = known
  const facts: [string, string][] = [
    [t('call.owner'), call.ownerUnitId || t('calls.centre')],
    [t('call.address'), call.address || t('value.unknown')],
    [t('call.details'), known.details],
    [t('call.contact'), known.contact],
    [t('call.kind'), `${t.code('callKind.', call.kind)} · ${t.code('callPolice.', call.policeType)}`],
    [t('intake.district'), call.district || t('intake.city')],
    [t('call.received'), dateTimeSeconds(call.receivedAtUnixMs, t.lang)],
    [t('call.takenBy'), known.takenBy],
    [t('call.backUps'), known.backUpUnitIds.join(' ')],
    [t('call.nearby'), known.nearbyUnitIds.join(' ')],
    [t('call.result'), call.result && t.code('callResult.', call.result)],
    [t('incident.id'), call.callId],
  ]
  return (
    <>
      {call.latitude === null && <p className="is-warn">{t('call.noPlace')}</p>}
      <dl className="drawer-facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd data-own-words>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

function Recording({ known, onSent }: { known: CallDetails; onSent: () => void }) {
  const t = useTranslator(text)
  const file = useRef<HTMLInputElement>(null)
  const [told, setTold] = useState('')
  const send = async (chosen: File | undefined) => {
    if (!chosen) return
    setTold(t('call.recordingSending'))
    const code = await sendRecording(known.call.callId, chosen)
    setTold(code && t.code('error.', code))
    if (!code) onSent()
  }
  return (
    <section className="call-part" aria-label={t('call.recording')}>
      <h3>{t('call.recording')}</h3>
      {known.recording === 'here' && <audio controls preload="metadata" src={`/api/calls/${known.call.callId}/recording`} data-recording />}
      {known.recording === 'expired' && <p className="soft">{t('call.recordingExpired')}</p>}
      {known.recording === 'none' && (
        <div className="call-line">
          <span className="soft">{t('call.recordingNone')}</span>
          {mayAct() && !isOver(known.call) && (
            <>
              <input ref={file} type="file" hidden accept=".ogg,.opus,.wav,.mp3,.m4a,audio/*" data-recording-file onChange={(e) => void send(e.target.files?.[0])} />
              <button type="button" data-action="send-recording" onClick={() => file.current?.click()}>
                {t('call.recordingSend')}
              </button>
            </>
          )}
        </div>
      )}
      {told && (
        <p className="is-warn" role="status">
          {told}
        </p>
      )}
    </section>
  )
}
