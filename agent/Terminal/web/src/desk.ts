import type { AlertView, OfficerSession, Outcome, RejectReason, TerminalState, Verdict } from './shared/api.ts'
import { serverClock } from './shared/clock.ts'
import { screen } from './login/faceLogin.ts'
import { ApiError, errorCode, request } from './shared/http.ts'
import { envelope, LiveSocket, type SocketStatus } from './shared/socket.ts'
import { Store } from './shared/store.ts'

export interface Notice { id: number; key: 'confirmed' | 'rejected' | 'lapsed' | 'gone' | 'signedOut'; what: string; at: number }

/** undefined: not asked yet; null: nobody. */
export const session = new Store<OfficerSession | null | undefined>(undefined)
export const state = new Store<TerminalState | null>(null)
export const connection = new Store<SocketStatus>({ open: false, lastMessageAt: 0, attempts: 0 })
export const alerts = new Store<readonly AlertView[]>([])
export const notices = new Store<readonly Notice[]>([])
/** The alert on the card. It stays until it closes: nothing may slip under the officer's finger. */
export const currentAlertId = new Store<string | null>(null)

// After a reconnect the host sends every open alert again; what it has not named by then was closed meanwhile.
const resendMs = 2000

let stream: LiveSocket | null = null
let named = new Set<string>()

/** Asks the host whether this page's cookie still stands; asks again until there is a first answer. */
export async function loadSession(): Promise<void> {
  try {
    session.set(await request<OfficerSession>('GET', '/api/session'))
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      const locked = errorCode(error) === 'screen_locked'
      lockedOfficer.set(locked ? { officerId: String(error.body['officerId']), displayName: String(error.body['displayName']) } : null)
      endSession(!locked)
    } else if (session.get() === undefined) window.setTimeout(() => void loadSession(), 1500)
  }
}

/** Whose screen locked itself; only they, or somebody who takes over, can open it. */
export const lockedOfficer = new Store<{ officerId: string; displayName: string } | null>(null)

/** By PIN, by a face that was just recognised (its ticket), or by both. */
export async function signIn(officerId: string, pin: string, faceTicket = ''): Promise<void> {
  session.set(await request<OfficerSession>('POST', '/api/session', { officerId, pin, screen: screen.get(), faceTicket }))
  lockedOfficer.set(null)
  openStream()
}

const touchEveryMs = 15_000
let touchedAt = -touchEveryMs
/** The host locks a screen that nobody touches. */
export function touched(): void {
  if (!session.get() || performance.now() - touchedAt < touchEveryMs) return
  touchedAt = performance.now()
  request('POST', '/api/session/touch', {}).catch(() => undefined) // an ended session is heard of from the stream
}

export async function signOut(): Promise<void> {
  await request('DELETE', '/api/session').catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  })
  session.set(null)
  forgetAlerts()
}

/** A new stream carries the session's cookie, and with it the open alerts. */
export function openStream(): void {
  stream?.stop()
  stream = new LiveSocket('/api/stream', onMessage, onStatus, 4000)
}

export async function decide(alert: AlertView, verdict: Verdict, reason: RejectReason | '', note: string, second?: { officerId: string; pin: string }): Promise<void> {
  try {
    const also = second ? { secondOfficerId: second.officerId, secondPin: second.pin } : {}
    await request('POST', `/api/alerts/${encodeURIComponent(alert.id)}/decision`, { verdict, reason, note, ...also })
    close(alert.id, verdict)
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) close(alert.id, null)
    if (error instanceof ApiError && error.status === 401) endSession()
    throw error
  }
}

/** The state names it no more once the host has written it down. */
export async function markRead(instructionId: string): Promise<void> {
  await request('POST', `/api/instructions/${encodeURIComponent(instructionId)}/read`, {}).catch((error: unknown) => {
    // Read already, from another page.
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
}

const painted = new Set<string>()
/** Told once for each alert, after the browser has put it on the screen: the host takes the latency from it. */
export function reportPainted(id: string): void {
  if (painted.has(id)) return
  painted.add(id)
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      request('POST', `/api/alerts/${encodeURIComponent(id)}/painted`, {}).catch(() => painted.delete(id))
    }),
  )
}

/** Stop before check, then what lapses first. */
export function ranked(list: readonly AlertView[]): AlertView[] {
  return [...list].sort((a, b) => Number(b.tone === 'stop') - Number(a.tone === 'stop') || a.lapsesAtUnixMs - b.lapsesAtUnixMs)
}

export function dismissNotice(id: number): void {
  notices.update((all) => all.filter((n) => n.id !== id))
}

function onStatus(status: SocketStatus): void {
  if (status.open && !connection.get().open) {
    named = new Set()
    const opened = stream
    window.setTimeout(() => {
      if (opened === stream) for (const gone of alerts.get().filter((a) => !named.has(a.id))) close(gone.id, null)
    }, resendMs)
  }
  connection.set(status)
}

function onMessage(data: string | ArrayBuffer): void {
  const message = envelope(data)
  if (message?.type === 'state') onState(message.data as TerminalState)
  else if (message?.type === 'alert') onAlert(message.data as AlertView)
  else if (message?.type === 'alertClosed') {
    const { id, outcome } = message.data as { id: string; outcome: Outcome }
    close(id, outcome)
  }
}

function onState(next: TerminalState): void {
  serverClock.observe(next.timeUnixMs)
  state.set(next)
  if (stream) connection.set(stream.status)
  const mine = session.get()
  const there = next.crew ? next.crew.some((m) => m.officerId === mine?.officerId && !m.locked) : next.officer?.officerId === mine?.officerId
  if (mine && !there) void loadSession()
  const over = serverClock.now() - 5000 // the host closes a lapsed alert itself; this is for one it forgot
  for (const a of alerts.get()) if (a.lapsesAtUnixMs < over) close(a.id, 'lapsed')
}

function onAlert(alert: AlertView): void {
  named.add(alert.id)
  alerts.update((all) => [...all.filter((a) => a.id !== alert.id), alert])
  if (currentAlertId.get() === null) currentAlertId.set(alert.id)
}

function close(id: string, outcome: Outcome | null): void {
  const alert = alerts.get().find((a) => a.id === id)
  if (!alert) return
  alerts.update((all) => all.filter((a) => a.id !== id))
  if (currentAlertId.get() === id) currentAlertId.set(ranked(alerts.get())[0]?.id ?? null)
  addNotice(outcome ?? 'gone', alert.listedText)
}

let lastNotice = 0
function addNotice(key: Notice['key'], what: string): void {
  const id = ++lastNotice
  notices.update((all) => [...all.slice(-3), { id, key, what, at: performance.now() }])
  window.setTimeout(() => dismissNotice(id), key === 'lapsed' || key === 'signedOut' ? 12_000 : 4000)
}

function endSession(tell = true): void {
  const had = session.get()
  session.set(null)
  if (!had) return
  if (tell) addNotice('signedOut', '')
  forgetAlerts()
}

function forgetAlerts(): void {
  alerts.set([])
  currentAlertId.set(null)
  openStream()
}
