export interface Point { latitude: number; longitude: number }

const metresPerDegree = (6_371_008.8 * Math.PI) / 180

/** Metres east and north of an origin, for distances of a city's size, as Contract's LocalPlane has it. */
export function planeOf(origin: Point, at: Point): { east: number; north: number } {
  const turn = ((((at.longitude - origin.longitude + 180) % 360) + 360) % 360) - 180
  return { east: turn * metresPerDegree * Math.cos((origin.latitude * Math.PI) / 180), north: (at.latitude - origin.latitude) * metresPerDegree }
}

export function metresBetween(a: Point, b: Point): number {
  const { east, north } = planeOf(a, b)
  return Math.hypot(east, north)
}

/** From north by east, 0 to 360. */
export function bearing(from: Point, to: Point): number {
  const { east, north } = planeOf(from, to)
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

/** One of eight: 0 north, 1 north-east and so on. */
export const eighth = (degrees: number): number => Math.round(degrees / 45) % 8

/** A closed ring of points at this distance, as [longitude, latitude]. */
export function circle(centre: Point, metres: number, corners = 72): [number, number][] {
  const perLongitude = metresPerDegree * Math.max(0.01, Math.cos((centre.latitude * Math.PI) / 180))
  return Array.from({ length: corners + 1 }, (_, i) => {
    const turn = (2 * Math.PI * i) / corners
    return [centre.longitude + (metres * Math.sin(turn)) / perLongitude, centre.latitude + (metres * Math.cos(turn)) / metresPerDegree]
  })
}

/** How far a car comes in so many minutes, in a straight line, by the speed that the centre reckons with. */
export const metresIn = (minutes: number, kmh: number): number => ((kmh * 1000) / 60) * minutes
export const ringMinutes: readonly number[] = [1, 3, 5]
