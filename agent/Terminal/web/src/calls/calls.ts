import { state } from '../desk.ts'
import { metresBetween, type Point } from '../map/geo.ts'
import type { TerminalState } from '../shared/api.ts'
import { request } from '../shared/http.ts'
import { Store } from '../shared/store.ts'

export type Part = 'owner' | 'former_owner' | 'back_up' | 'nearby'
export type CallStateName = 'open' | 'dispatched' | 'acknowledged' | 'en_route' | 'arrived' | 'handling' | 'reported' | 'closed' | 'cancelled'
export type Act = 'acknowledge' | 'en_route' | 'arrive' | 'handle' | 'report' | 'hand_over' | 'back_up' | 'note'
export interface Step { id: string; act: string; atUnixMs: number; officerId: string; text: string; toUnitId: string; pictures: number; sent: 'sent' | 'waiting' | 'refused' }
export interface HandOver { fromUnitId: string; toUnitId: string; state: string; reason: string }
export interface Recording { state: 'coming' | 'here' | 'none'; why: string; sizeBytes: number; heldBytes: number; mediaType: string }
export interface Call {
  id: string
  number: string
  kind: string
  urgent: boolean
  title: string
  details: string
  address: string
  latitude: number | null
  longitude: number | null
  receivedAtUnixMs: number
  ownerUnitId: string
  part: Part
  state: CallStateName
  /** How far this car is with it; a back-up has a way of its own. */
  own: CallStateName
  backUpUnitIds: string[]
  handOver: HandOver | null
  arriveOffered: boolean
  recording: Recording | null
  steps: Step[]
}
export interface CallsArea { arrivalKmh: number; arrivedMetres: number; items: Call[] }
export interface OtherCar {
  unitId: string
  label: string
  latitude: number
  longitude: number
  speedMps: number
  headingDegrees: number
  availability: '' | 'available' | 'busy' | 'off_duty'
  ageMs: number
  stale: boolean
}

const none: readonly Call[] = []
const nobody: readonly OtherCar[] = []
const ways: Readonly<Record<string, Act>> = { dispatched: 'acknowledge', acknowledged: 'en_route', en_route: 'arrive', arrived: 'handle', handling: 'report' }

/** The call that the page shows; null: the first of the list. */
export const chosenId = new Store<string | null>(null)

export const areaOf = (s: TerminalState | null): CallsArea | null => (s?.areas?.['calls'] as CallsArea | null | undefined) ?? null
export const callsOf = (s: TerminalState | null): readonly Call[] => areaOf(s)?.items ?? none
export const fleetOf = (s: TerminalState | null): readonly OtherCar[] => (s?.areas?.['fleet'] as OtherCar[] | null | undefined) ?? nobody

export const isOver = (call: Call): boolean => call.state === 'closed' || call.state === 'cancelled'
export const isOwn = (call: Call): boolean => call.part === 'owner' || call.part === 'back_up'
/** Nobody of this car has said that they heard of it. */
export const isNew = (call: Call): boolean => isOwn(call) && call.own === 'dispatched'
export const placeOf = (call: Call): Point | null => (call.latitude === null || call.longitude === null ? null : { latitude: call.latitude, longitude: call.longitude })

/** Going on before over, own before others', new before known, urgent first, then the newest. */
export function ranked(calls: readonly Call[]): Call[] {
  return [...calls].sort(
    (a, b) =>
      Number(isOver(a)) - Number(isOver(b)) ||
      Number(isOwn(b)) - Number(isOwn(a)) ||
      Number(isNew(b)) - Number(isNew(a)) ||
      Number(b.urgent) - Number(a.urgent) ||
      b.receivedAtUnixMs - a.receivedAtUnixMs,
  )
}

/** The one thing to do next; null: nothing, or not this car's to do. Near the place that is to arrive, and never by itself. */
export function nextAct(call: Call): Act | null {
  if (!isOwn(call) || isOver(call)) return null
  if (call.arriveOffered && (call.own === 'acknowledged' || call.own === 'en_route')) return 'arrive'
  return ways[call.own] ?? null
}

/** Where the car stands, if that is known now. */
export function ownPlace(s: TerminalState | null): Point | null {
  return s?.position && !s.position.stale ? s.position : null
}

export function metresTo(call: Call, s: TerminalState | null): number | null {
  const [from, to] = [ownPlace(s), placeOf(call)]
  return from && to ? metresBetween(from, to) : null
}

/** Who could come or take over: nearest to the call first, those whose place is old last. */
export function nearest(call: Call, s: TerminalState | null): { car: OtherCar; metres: number | null }[] {
  const at = placeOf(call) ?? ownPlace(s)
  return fleetOf(s)
    .map((car) => ({ car, metres: at && metresBetween(at, car) }))
    .sort((a, b) => Number(a.car.stale) - Number(b.car.stale) || (a.metres ?? Infinity) - (b.metres ?? Infinity))
}

/** What became of the newest hand-over that was asked for; '' when none was. Until the centre has it, this car's own step says so. */
export function handOverOf(call: Call): { state: '' | 'waiting' | 'asked' | 'accepted' | 'refused'; toUnitId: string } {
  const last = call.steps.filter((s) => s.act === 'hand_over').at(-1)
  if (last && last.sent !== 'sent') return { state: 'waiting', toUnitId: last.toUnitId }
  if (call.handOver) return { state: call.handOver.state as 'asked' | 'accepted' | 'refused', toUnitId: call.handOver.toUnitId }
  return last ? { state: 'asked', toUnitId: last.toUnitId } : { state: '', toUnitId: '' }
}

/** Written down in the car before this returns; the next state shows it. */
export function takeStep(callId: string, act: Act, text = '', toUnitId = ''): Promise<void> {
  return request('POST', `/api/calls/${callId}/steps`, { act, text, toUnitId })
}

export const takePicture = (callId: string, cameraId: string, text: string): Promise<void> => request('POST', `/api/calls/${callId}/pictures`, { cameraId, text })
export const keepClip = (callId: string, cameraId: string, text: string): Promise<void> => request('POST', `/api/calls/${callId}/clips`, { cameraId, text })

export const waitingCalls = (s: TerminalState): number => callsOf(s).filter(isNew).length

export function chosenCall(id: string | null): Call | undefined {
  const all = ranked(callsOf(state.get()))
  return all.find((c) => c.id === id) ?? all[0]
}
