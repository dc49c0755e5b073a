import type { TerminalState } from '../shared/api.ts'
import { request } from '../shared/http.ts'
import { Store } from '../shared/store.ts'

export type ItemState = 'open' | 'under_way' | 'done' | 'missed' | 'later'
export interface DutyRoute { id: string; name: string; fromUnixMs: number; toUnixMs: number; done: number; missed: number; of: number }
export interface DutyItem {
  planId: string
  itemId: string
  name: string
  kind: 'beat' | 'point' | 'line' | 'post'
  /** [latitude, longitude] */
  shape: [number, number][]
  state: ItemState
  done: number
  wanted: number
  /** Why it is not done; '' else. */
  code: string
  shortByS: number
  unknownMinutes: number
  dwellS: number
  leftS: number | null
  coveredShare: number
  fromUnixMs: number
  toUnixMs: number
  doneAtUnixMs: number | null
  sinceUnixMs: number | null
  leftAtUnixMs: number | null
  /** As the crow flies from the car, and in which direction from north; null without a position. */
  metres: number | null
  degrees: number | null
  relief: { atUnixMs: number; by: string; unitId: string } | null
  reason: string
  reasonWords: string
}
export interface Duty { routes: DutyRoute[]; items: DutyItem[]; rings: { minutes: number; metres: number }[] }
export interface OwnHazard { id: string; kind: string; note: string; atUnixMs: number; cameraId: string; state: 'pending' | 'found' | 'passed_on' | 'closed'; undoUntilUnixMs: number | null; changedAtUnixMs: number }

export const hazardKinds = ['blocked_fire_lane', 'smoke', 'broken_light', 'road_damage', 'signal_fault', 'flooding', 'crowding', 'obstacle', 'open_manhole', 'fallen_tree', 'power_line', 'other'] as const
export const missedReasons = ['on_call', 'ordered_elsewhere', 'road_closed', 'traffic', 'vehicle_fault', 'weather'] as const

export const dutyOf = (s: TerminalState | null): Duty | null => (s?.areas?.['duty'] as Duty | null | undefined) ?? null
const none: readonly OwnHazard[] = []
export const hazardsOf = (s: TerminalState | null): readonly OwnHazard[] => (s?.areas?.['hazards'] as OwnHazard[] | null | undefined) ?? none

/** Of what is still to do, the nearest; without a position, the first. */
export function nextOf(duty: Duty): DutyItem | null {
  const open = duty.items.filter((i) => i.state === 'open' && i.kind !== 'beat')
  return open.reduce<DutyItem | null>((best, i) => (best === null || (i.metres ?? Infinity) < (best.metres ?? Infinity) ? i : best), null)
}

/** Whether a hazard is being reported: the first touch. */
export const hazardOpen = new Store(false)

const itemPath = (i: DutyItem) => `/api/duty/${encodeURIComponent(i.planId)}/${encodeURIComponent(i.itemId)}`
export const handOver = (i: DutyItem, relievedBy: string, toUnitId: string) => request('POST', `${itemPath(i)}/hand-over`, { relievedBy, toUnitId })
export const explain = (i: DutyItem, reason: string, words: string) => request('POST', `${itemPath(i)}/reason`, { reason, words })

export interface Taken { id: string; cameraId: string; capturedUnixMs: number }
export const takePicture = (cameraId: string) => request<Taken>('POST', '/api/pictures', { cameraId })
export const dropPicture = (id: string) => request('DELETE', `/api/pictures/${id}`)
export const reportHazard = (kind: string, pictureId: string | null) => request<{ id: string; undoMs: number }>('POST', '/api/hazards', { kind, pictureId })
export const undoHazard = (id: string) => request('DELETE', `/api/hazards/${id}`)
export const closeHazard = (id: string) => request('POST', `/api/hazards/${id}/closed`, {})
