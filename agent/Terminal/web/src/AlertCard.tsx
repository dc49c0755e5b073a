import { useEffect, useRef, useState, type RefObject } from 'react'
import { decide, reportPainted } from './desk.ts'
import { rejectReasons, type AlertView, type RejectReason } from './shared/api.ts'
import { FaceSimilarity, Picture, PlateComparison } from './shared/Evidence.tsx'
import { ago, clockTime, span } from './shared/format.ts'
import { ApiError, errorCode } from './shared/http.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useNow } from './shared/ticker.ts'
import { SecondOfficer } from './SecondOfficer.tsx'
import { useDriving } from './shell/driving.tsx'
import { text } from './text.ts'

// A card that appears under a finger already on its way down must not be decided by it.
const guardMs = 600

export function AlertCard({ alert, cameraOf }: { alert: AlertView; cameraOf: (id: string) => string }) {
  const t = useTranslator(text)
  const card = useRef<HTMLElement>(null)
  const [ready, setReady] = useState(false)
  const settled = usePaintReport(alert)
  // By the keys' own times: a page that was busy hears of a key late, and its timer may have run out before.
  const quietSince = useRef(performance.now())
  useEffect(() => {
    card.current?.focus({ preventScroll: true })
    let timer = window.setTimeout(() => setReady(true), guardMs)
    // Nor by whoever was typing a plate when it came: Y and N stand on plates too.
    const typing = (e: KeyboardEvent) => {
      quietSince.current = e.timeStamp
      window.clearTimeout(timer)
      timer = window.setTimeout(() => setReady(true), guardMs)
    }
    window.addEventListener('keydown', typing)
    return () => {
      window.clearTimeout(timer)
      window.removeEventListener('keydown', typing)
    }
  }, [])
  return (
    <article
      ref={card}
      tabIndex={-1}
      className={`card tone-${alert.tone}`}
      aria-label={`${t('alert.label')} ${t(`tone.${alert.tone}`)}`}
      data-alert-id={alert.id}
      data-kind={alert.kind}
      data-camera-id={alert.cameraId}
      data-tone={alert.tone}
      data-listed-text={alert.listedText}
      data-read-text={alert.plate?.text ?? ''}
      data-ready={ready}
    >
      <header className="card-head">
        <Icon name={alert.tone} size={44} />
        <div className="card-tone">
          <strong>{t(`tone.${alert.tone}`)}</strong>
          <span>{t(`tone.${alert.tone}Hint`)}</span>
        </div>
        <div className="card-what">
          <strong>{t.code('category.', alert.category)}</strong>
          <span>
            {t('alert.what', { kind: t(`kind.${alert.kind}`) })} · {t('alert.youDecide')}
          </span>
        </div>
        <Lapse alert={alert} />
      </header>
      <div className={`card-body card-${alert.kind}`}>
        {alert.kind === 'face' ? <FaceEvidence alert={alert} settled={settled} /> : <PlateEvidence alert={alert} settled={settled} />}
        <Facts alert={alert} cameraOf={cameraOf} />
      </div>
      <Contradictions codes={alert.contradictions} />
      <Decide alert={alert} ready={ready} quietSince={quietSince} />
    </article>
  )
}

/** The card counts as painted when its pictures are on it too, or could not be had. */
function usePaintReport(alert: AlertView): () => void {
  const expected = (alert.kind === 'face' ? [alert.seenUrl, alert.listedUrl] : [alert.seenUrl]).filter(Boolean).length
  const left = useRef(expected)
  useEffect(() => {
    if (expected === 0) reportPainted(alert.id)
    const timer = window.setTimeout(() => reportPainted(alert.id), 1500)
    return () => window.clearTimeout(timer)
  }, [alert.id, expected])
  return () => {
    if (--left.current === 0) reportPainted(alert.id)
  }
}

function FaceEvidence({ alert, settled }: { alert: AlertView; settled: () => void }) {
  const t = useTranslator(text)
  return (
    <div className="evidence">
      <div className="faces">
        <Picture url={alert.seenUrl} caption={t('face.seen')} person onSettled={settled} />
        <Picture url={alert.listedUrl} caption={t('face.listed')} person onSettled={settled} />
      </div>
      {alert.face && <FaceSimilarity face={alert.face} />}
    </div>
  )
}

function PlateEvidence({ alert, settled }: { alert: AlertView; settled: () => void }) {
  const t = useTranslator(text)
  const plateClass = alert.plate?.plateClass ? t.code('plateClass.', alert.plate.plateClass) : ''
  return (
    <div className="evidence">
      <Picture url={alert.seenUrl} caption={[t('alert.plateCrop'), plateClass].filter(Boolean).join(' · ')} person={false} onSettled={settled} />
      {alert.plate && <PlateComparison plate={alert.plate} listedText={alert.listedText} />}
    </div>
  )
}

function Facts({ alert, cameraOf }: { alert: AlertView; cameraOf: (id: string) => string }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const left = alert.listValidToUnixMs - now
  const facts: [string, string, string?][] = [
    [t('alert.seenAt'), `${clockTime(alert.seenAtUnixMs, t.lang)} · ${ago(t, now - alert.seenAtUnixMs)}`],
    [t('alert.camera'), cameraOf(alert.cameraId)],
    [t('alert.authority'), alert.authority],
    [t('alert.legal'), alert.legalReference],
    [t('alert.list'), `${t.pick(alert.listTitleZh, alert.listTitleEn)} · ${t('list.version', { n: alert.listVersion })}`],
    [t('alert.listAge'), ago(t, now - alert.listIssuedAtUnixMs)],
    [t('alert.listExpiry'), left > 0 ? t('age.left', { age: span(t, left) }) : t('age.over', { age: span(t, -left) }), left > 3_600_000 ? '' : 'is-warn'],
  ]
  if (alert.seenAgain) {
    const again = { n: alert.seenAgain, age: ago(t, now - (alert.lastSeenUnixMs ?? alert.seenAtUnixMs)), camera: cameraOf(alert.lastCameraId ?? alert.cameraId) }
    facts.splice(1, 0, [t('alert.seenAgain'), t('alert.seenAgainAt', again)])
  }
  if (alert.note) facts.unshift([t('note.title'), alert.note, 'fact-note'])
  if (alert.kind === 'face') facts.unshift([t('alert.subject'), alert.listedText])
  return (
    <dl className="facts card-facts">
      {facts.map(([name, value, level]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={level ?? ''}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Contradictions({ codes }: { codes: readonly string[] }) {
  const t = useTranslator(text)
  if (codes.length === 0)
    return (
      <p className="contradictions contradictions-none">
        <Icon name="tick" size={20} />
        {t('alert.noContradictions')}
      </p>
    )
  return (
    <div className="contradictions" role="note">
      <Icon name="warning" size={24} />
      <b>{t('contradiction.title')}</b>
      <ul>
        {codes.map((code) => (
          <li key={code} data-contradiction={code}>
            {t.code('contradiction.', code)}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Lapse({ alert }: { alert: AlertView }) {
  const t = useTranslator(text)
  const now = useNow(250)
  const left = alert.lapsesAtUnixMs - now
  const whole = Math.max(1, alert.lapsesAtUnixMs - alert.shownAtUnixMs)
  return (
    <div className="lapse" role="timer">
      <span>{left > 1000 ? t('alert.lapse', { age: span(t, left) }) : t('alert.lapsing')}</span>
      <progress max={1} value={Math.max(0, Math.min(1, left / whole))} />
    </div>
  )
}

/** Confirm in one tap; reject in two, the second being the reason. Y and N do the same from a keyboard. */
function Decide({ alert, ready, quietSince }: { alert: AlertView; ready: boolean; quietSince: RefObject<number> }) {
  const t = useTranslator(text)
  const [rejecting, setRejecting] = useState(false)
  const [seconding, setSeconding] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const [note, setNote] = useState('')
  // Reasons are one touch each; what needs typing waits until the car stands.
  const driving = useDriving()
  const firstReason = useRef<HTMLButtonElement>(null)
  const meant = useRef(false)

  const send = (verdict: 'confirmed' | 'rejected', reason: RejectReason | '', second?: { officerId: string; pin: string }) => {
    setBusy(true)
    setFailure('')
    decide(alert, verdict, reason, note, second).catch((error: unknown) => {
      setBusy(false)
      if (!(error instanceof ApiError && error.status === 409)) setFailure(errorCode(error))
    })
  }

  const confirm = () => (alert.needsSecond ? setSeconding(true) : send('confirmed', ''))

  const onKey = useRef((_: KeyboardEvent) => undefined as void)
  onKey.current = (e) => {
    if (!ready || busy || seconding || e.repeat || e.ctrlKey || e.altKey || e.metaKey || e.target instanceof HTMLInputElement) return
    // The first key after a quiet time is meant for the card, and so are those that follow it.
    meant.current ||= e.timeStamp - quietSince.current >= guardMs
    if (!meant.current) return
    if (rejecting && e.key >= '1' && e.key <= String(rejectReasons.length)) send('rejected', order(alert)[Number(e.key) - 1]!)
    else if (rejecting && e.key === 'Escape') setRejecting(false)
    else if (!rejecting && e.key.toLowerCase() === 'y') confirm()
    else if (!rejecting && e.key.toLowerCase() === 'n') setRejecting(true)
  }
  useEffect(() => {
    const listen = (e: KeyboardEvent) => onKey.current(e)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  useEffect(() => {
    if (rejecting) firstReason.current?.focus()
  }, [rejecting])

  return (
    <footer className="decide">
      {failure && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {t('alert.failed', { why: t.code('error.', failure) })}
        </p>
      )}
      {busy ? (
        <p className="decide-busy" role="status">
          {t('alert.saving')}
        </p>
      ) : seconding ? (
        <SecondOfficer onBack={() => setSeconding(false)} onGiven={(officerId, pin) => send('confirmed', '', { officerId, pin })} />
      ) : rejecting ? (
        <div className="reasons">
          <div className="reasons-head">
            <b>{t('alert.whyNot')}</b>
            {!driving && <input value={note} maxLength={200} placeholder={t('alert.noteLabel')} aria-label={t('alert.noteLabel')} onChange={(e) => setNote(e.target.value)} />}
            <button type="button" data-action="reject-back" onClick={() => setRejecting(false)}>
              <Icon name="back" size={20} />
              {t('action.back')}
            </button>
          </div>
          <div className="reasons-grid">
            {order(alert).map((reason, i) => (
              <button key={reason} type="button" ref={i === 0 ? firstReason : null} data-reason={reason} onClick={() => send('rejected', reason)}>
                <kbd>{i + 1}</kbd>
                {t(`reason.${reason}`)}
              </button>
            ))}
          </div>
        </div>
      ) : (
        <div className="decide-two">
          <button type="button" className="decide-confirm" data-action="confirm" disabled={!ready} onClick={confirm}>
            <Icon name="tick" size={34} />
            <span>
              <b>{t('alert.confirm')}</b>
              <small>{t(alert.needsSecond ? 'second.hint' : 'alert.confirmHint')}</small>
            </span>
            <kbd>Y</kbd>
          </button>
          <button type="button" className="decide-reject" data-action="reject" disabled={!ready} onClick={() => setRejecting(true)}>
            <Icon name="cross" size={34} />
            <span>
              <b>{t('alert.reject')}</b>
              <small>{t('alert.rejectHint')}</small>
            </span>
            <kbd>N</kbd>
          </button>
        </div>
      )}
    </footer>
  )
}

/** All six, those that fit the kind of hit first. */
function order(alert: AlertView): RejectReason[] {
  const last: RejectReason[] = alert.kind === 'face' ? ['not_same_plate', 'not_same_vehicle'] : ['not_same_person']
  return [...rejectReasons.filter((r) => !last.includes(r)), ...last]
}
