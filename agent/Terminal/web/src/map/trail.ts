import { session, state } from '../desk.ts'
import { metresBetween } from './geo.ts'

const keptMs = 600_000
const stepMetres = 10
const most = 600

let points: { at: number; longitude: number; latitude: number }[] = []

/** The way of the last ten minutes as [longitude, latitude], for whoever is on duty: in this page's memory and nowhere else. */
export const trail = (): [number, number][] => points.map((p) => [p.longitude, p.latitude])

state.subscribe(() => {
  const snapshot = state.get()
  const now = snapshot?.timeUnixMs ?? 0
  const position = snapshot?.position
  if (!session.get() || !position || position.stale) return
  const last = points.at(-1)
  if (last && metresBetween(last, position) < stepMetres) return
  points = [...points.filter((p) => now - p.at < keptMs).slice(1 - most), { at: now, longitude: position.longitude, latitude: position.latitude }]
})
session.subscribe(() => {
  if (!session.get()) points = []
})
