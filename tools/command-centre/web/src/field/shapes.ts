/** Longitude and latitude in degrees, as GeoJSON has them. */
export type LonLat = [number, number]

/** What is drawn of a plan, a cordon or a cell; the tone is its colour. */
export interface Shape {
  id: string
  kind: 'area' | 'line' | 'point'
  at: readonly LonLat[]
  tone: Tone
  /** Drawn stronger. */
  chosen?: boolean
}
export type Tone = 'plain' | 'done' | 'due' | 'missed' | 'later'

/** A place that can be taken hold of: by the mouse, or by its focus and the arrow keys. */
export interface Handle {
  id: string
  at: LonLat
  label: string
  tone: Tone
  movable: boolean
}

/** A square of the heat map. */
export interface Cell {
  id: string
  bounds: readonly [west: number, south: number, east: number, north: number]
  minutes: number
}

const earthMetres = 6_371_008.8
const radians = Math.PI / 180

export function metresBetween(a: LonLat, b: LonLat): number {
  const east = (b[0] - a[0]) * radians * Math.cos(a[1] * radians)
  return earthMetres * Math.hypot(east, (b[1] - a[1]) * radians)
}

export function circle([longitude, latitude]: LonLat, metres: number, corners = 96): LonLat[] {
  const north = metres / earthMetres / radians
  const east = north / Math.cos(latitude * radians)
  return Array.from({ length: corners }, (_, n) => {
    const turn = (2 * Math.PI * n) / corners
    return [longitude + east * Math.sin(turn), latitude + north * Math.cos(turn)]
  })
}

/** A point due east: where a circle's radius is taken hold of. */
export function eastOf([longitude, latitude]: LonLat, metres: number): LonLat {
  return [longitude + metres / earthMetres / radians / Math.cos(latitude * radians), latitude]
}

export function round([longitude, latitude]: LonLat): LonLat {
  return [Number(longitude.toFixed(6)), Number(latitude.toFixed(6))]
}

/** One "latitude, longitude" a line, as people and receivers write places. */
export function writePlaces(at: readonly LonLat[]): string {
  return at.map(([longitude, latitude]) => `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`).join('\n')
}

/** Null where a line is no place. */
export function readPlaces(text: string): LonLat[] | null {
  const lines = text.split(/[\n;]+/).map((line) => line.trim()).filter(Boolean)
  const found = lines.map((line) => line.split(/[\s,，]+/).filter(Boolean).map(Number))
  return found.every((p) => p.length === 2 && p.every(Number.isFinite) && Math.abs(p[0]!) <= 85 && Math.abs(p[1]!) <= 180) ? found.map((p) => [p[1]!, p[0]!]) : null
}

export function extent(all: readonly LonLat[]): [LonLat, LonLat] | null {
  if (all.length === 0) return null
  const [x, y] = [all.map((p) => p[0]), all.map((p) => p[1])]
  return [[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]]
}
