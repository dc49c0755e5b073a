import { request } from '@shared/http.ts'
import type { LonLat, Shape, Tone } from '../field/shapes.ts'

export type Kind = 'beat' | 'point' | 'line' | 'post'
export const kinds: readonly Kind[] = ['beat', 'point', 'line', 'post']

export interface ItemProgress {
  itemId: string
  name: string
  kind: Kind
  beatId: string
  state: 'done' | 'due' | 'missed' | 'later'
  done: number
  wanted: number
  code: string
  nearestMetres: number | null
  ticks: readonly { atUnixMs: number; unitId: string }[]
  here: readonly string[]
  /** What officers said about it. */
  notes?: { unitId: string; atUnixMs: number; kind: 'hand_over' | 'missed'; reason: string; words: string }[]
}
export interface ShiftProgress {
  planId: string
  name: string
  version: number
  fromUnixMs: number
  toUnixMs: number
  state: 'now' | 'over' | 'later'
  done: number
  missed: number
  total: number
  items: readonly ItemProgress[]
  units: readonly { unitId: string; label: string; positions: number; counting: number; ticks: number }[]
}
export interface DayProgress { day: string; planId: string; name: string; fromUnixMs: number; done: number; missed: number; total: number }

interface Geometry { type: string; coordinates: unknown }
export interface PlanDocument {
  type: 'FeatureCollection'
  patrolPlan: { id: string; name: string; units: string[]; utcOffsetMinutes?: number; hours?: { from: string; to: string; weekdays?: number[] }[]; validFromUnixMs?: number; validToUnixMs?: number }
  features: { type: 'Feature'; id: string; properties: Record<string, unknown> & { name: string; kind: Kind }; geometry: Geometry }[]
}
export interface Plan { planId: string; name: string; version: number; district: string; mayEdit: boolean; units: readonly string[]; document: PlanDocument }

/** An item as the editor holds it: places as a plain list, whatever its kind. */
export interface DraftItem { id: string; name: string; kind: Kind; at: readonly LonLat[]; toleranceMetres: number; dwellSeconds: number; times: number; leastMinutes: number; from: string; to: string }
export interface Draft { id: string; name: string; units: readonly string[]; from: string; to: string; items: readonly DraftItem[]; isNew: boolean; rest: Partial<PlanDocument['patrolPlan']> }

export const loadPlans = () => request<Plan[]>('GET', '/api/patrol/plans')
export const loadProgress = (from: number, to: number) => request<ShiftProgress[]>('GET', `/api/patrol/progress?from=${from}&to=${to}`)

export function placesOf(kind: Kind, geometry: Geometry): LonLat[] {
  if (kind === 'line') return geometry.coordinates as LonLat[]
  return kind === 'beat' ? (geometry.coordinates as LonLat[][])[0]!.slice(0, -1) : [geometry.coordinates as LonLat]
}

export function shapesOf(plan: PlanDocument, tone: (id: string) => Tone, chosen: string | null): Shape[] {
  return plan.features.map(({ id, properties: { kind }, geometry }) => ({
    id,
    kind: kind === 'beat' ? 'area' : kind === 'line' ? 'line' : 'point',
    at: placesOf(kind, geometry),
    tone: tone(id),
    chosen: id === chosen,
  }))
}

export function draftOf({ patrolPlan, features }: PlanDocument): Draft {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0)
  const word = (value: unknown) => (typeof value === 'string' ? value : '')
  const hours = patrolPlan.hours?.[0] ?? { from: '00:00', to: '24:00' }
  return {
    ...{ id: patrolPlan.id, name: patrolPlan.name, units: patrolPlan.units, from: hours.from, to: hours.to, isNew: false, rest: patrolPlan },
    items: features.map(({ id, properties: p, geometry }) => ({
      ...{ id, name: p.name, kind: p.kind, at: placesOf(p.kind, geometry), toleranceMetres: number(p['toleranceMetres']), dwellSeconds: number(p['dwellSeconds']) },
      ...{ times: number(p['times']), leastMinutes: number(p['leastMinutes']), from: word(p['from']), to: word(p['to']) },
    })),
  }
}

/** Hours beyond the first, offsets and validity that the editor does not show stay as they were. */
export function documentOf(draft: Draft): PlanDocument {
  const [first, ...more] = draft.rest.hours ?? []
  return {
    type: 'FeatureCollection',
    patrolPlan: { ...draft.rest, id: draft.id.trim(), name: draft.name.trim(), units: [...draft.units], hours: [{ ...first, from: draft.from, to: draft.to }, ...more] },
    features: draft.items.map(({ id, at, name, kind, from, to, ...numbers }) => ({
      type: 'Feature',
      id,
      properties: { name, kind, ...numbers, ...(kind === 'post' && from && to ? { from, to } : {}) },
      geometry: kind === 'beat' ? { type: 'Polygon', coordinates: [[...at, ...at.slice(0, 1)]] } : kind === 'line' ? { type: 'LineString', coordinates: at } : { type: 'Point', coordinates: at[0] ?? null },
    })),
  }
}

/** The local day of a date field, in Unix milliseconds. */
export function daySpan(day: string): [number, number] {
  const from = new Date(`${day}T00:00:00`).getTime()
  return [from, from + 86_400_000]
}

export function today(now: number): string {
  const d = new Date(now)
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`
}
