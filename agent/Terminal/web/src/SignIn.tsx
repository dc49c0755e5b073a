import { useCallback, useEffect, useRef, useState } from 'react'
import { lockedOfficer, signIn, state } from './desk.ts'
import { FaceLogin } from './login/FaceLogin.tsx'
import { screen, type FaceEnd } from './login/faceLogin.ts'
import type { RosterEntry } from './shared/api.ts'
import { span } from './shared/format.ts'
import { ApiError, errorCode, request } from './shared/http.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { StageRows } from './StatusPanel.tsx'
import { text } from './text.ts'

const maxDigits = 12

export function SignIn() {
  const t = useTranslator(text)
  const { roster, failure, load } = useRoster()
  const locked = useStore(lockedOfficer)
  const [chosen, setChosen] = useState<RosterEntry | null>(null)
  const officer = chosen ?? locked
  const snapshot = useStore(state)
  const face = useFaceLogin(setChosen)
  if (face.trying)
    return (
      <div className="sign-in">
        <FaceLogin onEnd={face.end} onCancel={face.stop} />
        <PinPad key={officer?.officerId ?? ''} officer={officer} ticket="" />
      </div>
    )
  const fine = snapshot?.stages.filter((stage) => stage.state === 'ok').length ?? 0
  return (
    <div className="sign-in">
      <section className="sign-in-roster">
        <header className="sign-in-head">
          <h1>{t('signIn.title')}</h1>
          <ScreenChoice />
        </header>
        <div className="sign-in-why">
          <p className="soft">{locked ? t('signIn.lockedScreen', { name: locked.displayName }) : t('signIn.why')}</p>
          {face.offered && (
            <button type="button" className="face-begin primary" data-action="face-login" onClick={face.begin}>
              <Icon name="officer" size={34} />
              <span>
                <b>{t('face.begin')}</b>
                <small>{t('face.beginHint')}</small>
              </span>
            </button>
          )}
          <FaceResult end={face.result} />
        </div>
        {failure ? (
          <p className="error-line" role="alert">
            <Icon name="warning" />
            {t('signIn.rosterFailed')}
            <button type="button" onClick={load}>
              {t('action.retry')}
            </button>
          </p>
        ) : roster?.length === 0 ? (
          <p className="empty">{t('signIn.noRoster')}</p>
        ) : (
          <ul className="tiles" aria-label={t('signIn.pickOfficer')}>
            {roster?.map((r) => (
              <li key={r.officerId}>
                <button type="button" className="tile" data-officer={r.officerId} aria-pressed={officer?.officerId === r.officerId} onClick={() => setChosen(r)}>
                  <Icon name="officer" size={30} />
                  <span>
                    <b>{r.displayName}</b>
                    <small>{r.officerId}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {snapshot && (
          <div className="sign-in-vehicle" tabIndex={0} role="region" aria-label={t('signIn.vehicle')}>
            <h2>
              {t('signIn.vehicle')} <span className={fine === snapshot.stages.length ? 'is-ok' : 'is-warn'}>{t(fine === snapshot.stages.length ? 'stages.allOk' : 'stages.some', { ok: fine, n: snapshot.stages.length })}</span>
            </h2>
            <StageRows s={snapshot} faultsOnly />
          </div>
        )}
      </section>
      <PinPad key={officer?.officerId ?? ''} officer={officer} ticket={face.result?.officerId === officer?.officerId ? (face.result?.ticket ?? '') : ''} />
    </div>
  )
}

/** Whether a face may be tried here, the attempt that goes on, and how the last one ended. */
function useFaceLogin(onOfficer: (officer: RosterEntry) => void) {
  const [offered, setOffered] = useState(false)
  const [trying, setTrying] = useState(false)
  const [result, setResult] = useState<FaceEnd | null>(null)
  useEffect(() => {
    const ask = () =>
      void request<{ code: string }>('GET', '/api/face-login')
        .then((r) => setOffered(r.code === ''))
        .catch(() => setOffered(false)) // no word of it: the PIN is there
    ask()
    const timer = window.setInterval(ask, 5000)
    return () => window.clearInterval(timer)
  }, [])
  const begin = () => {
    setResult(null)
    setTrying(true)
  }
  const end = (e: FaceEnd) => {
    setTrying(false)
    setResult(e)
    if (e.code !== '' || !e.officerId) return
    if (e.pinToo) onOfficer({ officerId: e.officerId, displayName: e.displayName ?? e.officerId })
    else void signIn(e.officerId, '', e.ticket).catch((error: unknown) => setResult({ ...e, code: errorCode(error), ticket: '' }))
  }
  return { offered, trying, result, begin, end, stop: () => setTrying(false) }
}

function FaceResult({ end }: { end: FaceEnd | null }) {
  const t = useTranslator(text)
  if (!end) return null
  const good = end.code === ''
  return (
    <p className="face-result" role="alert" data-face-result={good ? 'ok' : end.code}>
      <Icon name={good ? 'tick' : 'warning'} size={24} />
      {good
        ? t('face.known', { name: end.displayName ?? '' })
        : end.retryAfterS > 0
          ? t('face.lockedFor', { age: span(t, end.retryAfterS * 1000) })
          : t.code('faceWhy.', end.code)}
    </p>
  )
}

/** Said once for each of the car's screens. */
function ScreenChoice() {
  const t = useTranslator(text)
  const here = useStore(screen)
  return (
    <div className="screen-choice" role="group" aria-label={t('signIn.screen')}>
      {(['driver', 'second'] as const).map((s) => (
        <button key={s} type="button" data-screen={s} aria-pressed={here === s} onClick={() => screen.set(s)}>
          {t(`screen.${s}`)}
        </button>
      ))}
    </div>
  )
}

export function useRoster() {
  const [roster, setRoster] = useState<RosterEntry[] | null>(null)
  const [failure, setFailure] = useState('')
  const load = useCallback(() => {
    request<RosterEntry[]>('GET', '/api/roster')
      .then((r) => {
        setRoster(r)
        setFailure('')
      })
      .catch((e: unknown) => setFailure(errorCode(e)))
  }, [])
  useEffect(() => {
    load()
    // The roster comes from the centre and may arrive while this screen waits.
    const timer = window.setInterval(load, 5000)
    return () => window.clearInterval(timer)
  }, [load])
  return { roster, failure, load }
}

function PinPad({ officer, ticket }: { officer: RosterEntry | null; ticket: string }) {
  const t = useTranslator(text)
  const [pin, setPin] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [lockedUntil, setLockedUntil] = useState(0)
  const [, redraw] = useState(0)
  const lockedMs = lockedUntil - performance.now()
  const pad = useRef<HTMLElement>(null)

  // Off the tile, so that Enter after the digits signs in and does not choose the tile again.
  useEffect(() => {
    if (officer) pad.current?.focus()
  }, [officer])

  useEffect(() => {
    if (lockedUntil === 0) return
    const timer = window.setInterval(() => redraw((n) => n + 1), 500)
    return () => window.clearInterval(timer)
  }, [lockedUntil])

  const press = (digit: string) => {
    setProblem('')
    setPin((p) => (p.length < maxDigits ? p + digit : p))
  }
  const erase = () => setPin((p) => p.slice(0, -1))
  const submit = async () => {
    if (!officer || pin === '' || busy || lockedMs > 0) return
    setBusy(true)
    try {
      await signIn(officer.officerId, pin, ticket)
    } catch (error) {
      setPin('')
      if (error instanceof ApiError && error.status === 423) setLockedUntil(performance.now() + Number(error.body['retryAfterS'] ?? 60) * 1000)
      setProblem(errorCode(error))
    } finally {
      setBusy(false)
    }
  }

  const onKey = useRef((_: KeyboardEvent) => undefined as void)
  onKey.current = (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || !officer) return
    if (/^\d$/.test(e.key)) press(e.key)
    else if (e.key === 'Backspace') erase()
    else if (e.key === 'Enter' && !(e.target instanceof HTMLButtonElement)) void submit()
  }
  useEffect(() => {
    const listen = (e: KeyboardEvent) => onKey.current(e)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])

  const off = !officer || busy || lockedMs > 0
  const message =
    lockedMs > 0
      ? t('signIn.locked', { age: span(t, lockedMs) })
      : problem === 'wrong_pin' || problem === 'unknown_officer' || problem === 'roster_expired'
        ? t(`signIn.${problem}`)
        : problem && problem !== 'locked'
          ? t.code('error.', problem)
          : ''
  return (
    <section ref={pad} tabIndex={-1} className="pin" aria-label={t('signIn.pin')}>
      <h2>{officer ? t('signIn.pinFor', { name: officer.displayName }) : t('signIn.pickOfficer')}</h2>
      <p className="pin-dots" role="status" aria-label={t('signIn.pinDigits', { n: pin.length })}>
        {Array.from({ length: Math.max(6, pin.length) }, (_, i) => (
          <i key={i} className={i < pin.length ? 'is-set' : ''} />
        ))}
      </p>
      <p className="pin-message" role="alert" data-pin-message={lockedMs > 0 ? 'locked' : problem}>
        {busy ? t('signIn.checking') : message}
      </p>
      <div className="pin-keys">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((d) => (
          <button key={d} type="button" disabled={off} data-digit={d} onClick={() => press(d)}>
            {d}
          </button>
        ))}
        <button type="button" disabled={off || pin === ''} className="pin-word" onClick={() => setPin('')}>
          {t('signIn.clear')}
        </button>
        <button type="button" disabled={off} data-digit="0" onClick={() => press('0')}>
          0
        </button>
        <button type="button" disabled={off || pin === ''} aria-label={t('signIn.erase')} onClick={erase}>
          <Icon name="erase" size={26} />
        </button>
      </div>
      <button type="button" className="primary pin-go" data-action="sign-in" disabled={off || pin === ''} onClick={() => void submit()}>
        {t('action.signIn')}
      </button>
    </section>
  )
}
