import type { LngLatBounds } from 'maplibre-gl'

const steps = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
const wantedPixels = 150
const tileSize = 512

interface GridLine { at: number; words: string }

/** Meridians and parallels in round steps, about 150 pixels apart at this zoom. */
export function graticule(bounds: LngLatBounds, zoom: number) {
  const degreesPerPixel = 360 / (tileSize * 2 ** zoom)
  const step = steps.find((s) => s >= degreesPerPixel * wantedPixels) ?? steps.at(-1)!
  const digits = Math.max(0, Math.ceil(-Math.log10(step)))
  const [west, east, south, north] = [bounds.getWest(), bounds.getEast(), Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())]
  const meridians = multiples(west, east, step).map((at): GridLine => ({ at, words: `${Math.abs(at).toFixed(digits)}°${at < 0 ? 'W' : 'E'}` }))
  const parallels = multiples(south, north, step).map((at): GridLine => ({ at, words: `${Math.abs(at).toFixed(digits)}°${at < 0 ? 'S' : 'N'}` }))
  const line = (coordinates: [number, number][]) => ({ type: 'Feature' as const, properties: {}, geometry: { type: 'LineString' as const, coordinates } })
  return {
    lines: {
      type: 'FeatureCollection' as const,
      features: [...meridians.map((m) => line([[m.at, south], [m.at, north]])), ...parallels.map((p) => line([[west, p.at], [east, p.at]]))],
    },
    meridians,
    parallels,
  }
}

function multiples(from: number, to: number, step: number): number[] {
  const found: number[] = []
  for (let n = Math.ceil(from / step); n * step <= to && found.length < 60; n++) found.push(n * step)
  return found
}
