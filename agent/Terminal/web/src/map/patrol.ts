import type { Feature, FeatureCollection } from 'geojson'
import type { TerminalState } from '../shared/api.ts'

export type PatrolKind = 'beat' | 'line' | 'point' | 'post'
/** What is to be patrolled; the duty area says how far it is, the plan alone does not. Places are [latitude, longitude]. */
export interface PatrolShape { itemId: string; name: string; kind: PatrolKind; shape: [number, number][]; state?: string }

export const isDone = (item: PatrolShape): boolean => item.state === 'done'

/** From the duty area when there is one, else from the plan. */
export function shapesOf(s: TerminalState | null, plan: readonly PatrolShape[]): readonly PatrolShape[] {
  const duty = s?.areas?.['duty'] as { items?: PatrolShape[] } | null | undefined
  return (Array.isArray(duty?.items) ? duty.items : plan).filter((i) => Array.isArray(i.shape) && i.shape.length > 0)
}

const swap = ([latitude, longitude]: [number, number]): [number, number] => [longitude, latitude]

export function features(items: readonly PatrolShape[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: items.map((item): Feature => {
      const properties = { kind: item.kind, done: isDone(item), name: item.name }
      const points = item.shape.map(swap)
      if (item.kind === 'beat' && points.length > 2) return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [[...points, points[0]!]] } }
      if (item.kind === 'line' && points.length > 1) return { type: 'Feature', properties, geometry: { type: 'LineString', coordinates: points } }
      return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: points[0]! } }
    }),
  }
}
