import type { Unit } from '@shared/api.ts'
import { isCurrent, placeOf } from './centre.ts'

const earthMetres = 6_371_008.8

/** Great-circle distance in metres between two [longitude, latitude] (haversine). */
export function metresBetween([lon1, lat1]: readonly [number, number], [lon2, lat2]: readonly [number, number]): number {
  const rad = Math.PI / 180
  const a = Math.sin(((lat2 - lat1) * rad) / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2
  return 2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(a)))
}

/** Cars that say where they are now, the nearest first. */
export function nearest(list: readonly Unit[], toldAt: number, at: readonly [number, number], except: string, most: number): { unit: Unit; metres: number }[] {
  return list
    .filter((u) => u.unitId !== except && isCurrent(u, toldAt))
    .map((unit) => ({ unit, metres: metresBetween(placeOf(unit)!, at) }))
    .sort((a, b) => a.metres - b.metres)
    .slice(0, most)
}
