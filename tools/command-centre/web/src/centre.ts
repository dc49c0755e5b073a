import type { Account, Incident, IssuedList, Lease, Unit, UnitCamera } from '@shared/api.ts'
import { serverClock } from '@shared/clock.ts'
import { ApiError, request } from '@shared/http.ts'
import { envelope, LiveSocket, type SocketStatus } from '@shared/socket.ts'
import { Store } from '@shared/store.ts'

/** undefined: not asked yet; null: nobody. */
export const account = new Store<Account | null | undefined>(undefined)
export const connection = new Store<SocketStatus>({ open: false, lastMessageAt: 0, attempts: 0 })
export const units = new Store<{ list: readonly Unit[]; at: number } | null>(null)
/** Newest first. */
export const incidents = new Store<readonly Incident[]>([])
export const lists = new Store<readonly IssuedList[] | null>(null)
/** What an administrator has to look at; the server sends nobody else any. */
export interface AlarmView { id: number; atUnixMs: number; actor: string; way: string; listId: string; titleZh: string; titleEn: string; canaryId: string; purpose: string }
export const alarms = new Store<readonly AlarmView[]>([])
export const selectedUnitId = new Store<string | null>(null)
/** Which page is shown beside the map. */
export const openPage = new Store('map')
export const openIncidentId = new Store<string | null>(null)

export interface LiveView extends Lease {
  unitId: string
  cameraId: string
  camera: UnitCamera
  reason: string
  minutes: number
  quality: Quality
  /** null while it runs. */
  ended: string | null
}
export type Quality = 'sub' | 'main'
export const liveView = new Store<LiveView | null>(null)

/** What the centre sends as a whole and again when it changes: one store for each topic that a page asks for. */
const topics = new Map<string, Store<unknown>>()
export function topic<T>(type: string): Store<T | null> {
  const known = topics.get(type) ?? new Store<unknown>(null)
  topics.set(type, known)
  return known as Store<T | null>
}

const keptIncidents = 500
let stream: LiveSocket | null = null

export async function loadAccount(): Promise<void> {
  try {
    begin(await request<Account>('GET', '/api/me'))
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) account.set(null)
    else window.setTimeout(() => void loadAccount(), 2000)
  }
}

export async function signIn(user: string, password: string, code = ''): Promise<void> {
  await request('POST', '/api/session', { user, password, ...(code && { code }) })
  begin(await request<Account>('GET', '/api/me'))
}

/** After one's own account has changed: the cookie is a new one. */
export async function reloadAccount(): Promise<void> {
  begin(await request<Account>('GET', '/api/me'))
}

const seenEveryMs = 60_000
let seenAt = 0
/** Somebody sits here. The centre ends a sign-in that nobody touches, and what the page asks by itself is no touch. */
export function touched(): void {
  if (!account.get() || performance.now() - seenAt < seenEveryMs) return
  seenAt = performance.now()
  request('POST', '/api/session/seen', {}).catch(() => undefined) // the next request of the page says what is wrong
}

export async function signOut(): Promise<void> {
  const view = liveView.get()
  if (view && view.ended === null) await endLive(view).catch(() => undefined)
  await request('DELETE', '/api/session').catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  })
  forget()
}

export async function startLive(view: Omit<LiveView, 'leaseId' | 'endsAtUnixMs' | 'ended'>): Promise<void> {
  const { unitId, cameraId, reason, minutes, quality } = view
  const lease = await request<Lease>('POST', '/api/live', { unitId, cameraId, reason, minutes, quality })
  liveView.set({ ...view, ...lease, ended: null })
}

export async function endLive(view: LiveView): Promise<void> {
  await request('DELETE', `/api/live/${encodeURIComponent(view.leaseId)}`).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  })
  liveEnded(view.leaseId, 'ended by the viewer')
}

export function liveEnded(leaseId: string, reason: string): void {
  liveView.update((v) => (v?.leaseId === leaseId && v.ended === null ? { ...v, ended: reason } : v))
}

export async function loadLists(): Promise<void> {
  lists.set(await request<IssuedList[]>('GET', '/api/lists'))
}

/** Cameras as the page needs them, whether the centre sent ids or knows more. */
export function camerasOf(unit: Unit): UnitCamera[] {
  return unit.cameras.map((c) => (typeof c === 'string' ? { id: c, labelZh: c, labelEn: c, ptz: true } : c))
}

/** Age of the unit's position now: what the centre said, and the time since it said so. */
export function positionAgeMs(unit: Unit, toldAt: number): number | null {
  return unit.positionAgeMs === null ? null : unit.positionAgeMs + (performance.now() - toldAt)
}

/** Where the unit is on the map; null without a fix. */
export function placeOf(unit: Unit): [longitude: number, latitude: number] | null {
  const p = unit.position
  return p === null || p.latitude === null || p.longitude === null ? null : [p.longitude, p.latitude]
}

const stalePositionMs = 10_000
export function isCurrent(unit: Unit, toldAt: number): boolean {
  const age = positionAgeMs(unit, toldAt)
  return unit.online && placeOf(unit) !== null && unit.position !== null && !unit.position.stale && age !== null && age < stalePositionMs
}

function begin(who: Account): void {
  account.set(who)
  stream?.stop()
  stream = new LiveSocket('/api/stream', onMessage, onStatus, 5000)
  void loadLists().catch(() => undefined) // the lists tab asks again and says so when it fails
}

function forget(): void {
  stream?.stop()
  stream = null
  account.set(null)
  units.set(null)
  incidents.set([])
  lists.set(null)
  alarms.set([])
  for (const known of topics.values()) known.set(null)
  selectedUnitId.set(null)
  openIncidentId.set(null)
  liveView.set(null)
  openPage.set('map')
}

function onStatus(status: SocketStatus): void {
  connection.set(status)
  // A session that ended shows itself only as a stream that will not open.
  if (!status.open && status.attempts > 0)
    request<Account>('GET', '/api/me').catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) forget()
    })
}

function onMessage(data: string | ArrayBuffer): void {
  const message = envelope(data)
  if (!message) return
  if (stream) connection.set(stream.status)
  if (message.type === 'units') onUnits(message.data as Unit[])
  else if (message.type === 'incident') onIncident(message.data as Incident)
  else if (message.type === 'alarms') alarms.set(message.data as AlarmView[])
  else if (message.type === 'lists') lists.set(message.data as IssuedList[])
  else topic(message.type).set(message.data)
}

function onUnits(list: Unit[]): void {
  const centreNow = list.find((u) => u.online)?.lastSeenUnixMs
  if (centreNow) serverClock.observe(centreNow)
  units.set({ list, at: performance.now() })
}

function onIncident(incident: Incident): void {
  incidents.update((all) => [incident, ...all.filter((i) => i.eventId !== incident.eventId)].slice(0, keptIncidents))
}
