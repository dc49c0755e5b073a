import { LngLatBounds, Marker, type GeoJSONSource, type Map as GlMap } from 'maplibre-gl'

const earthMetres = 6_371_000
const corners = 72
const empty = { type: 'FeatureCollection' as const, features: [] }

interface Pin { callId: string; at: [number, number]; words: string; urgent: boolean; selected: boolean }
export interface Ring { metres: number; words: string }

/** Calls, the rings of arrival about the one that is open, and the place that is being chosen: over the cars of a FleetMap. */
export class CallLayer {
  private readonly pins = new Map<string, Marker>()
  private labels: Marker[] = []
  private chosen: Marker | null = null
  private rings: { at: [number, number]; rings: readonly Ring[] } | null = null
  private ready = false

  constructor(
    private readonly map: GlMap,
    private readonly on: { onPick(longitude: number, latitude: number): void; onSelect(callId: string): void },
  ) {
    const begin = () => {
      const line = getComputedStyle(document.documentElement).getPropertyValue('--check-line').trim()
      map.addSource('call-rings', { type: 'geojson', data: empty })
      map.addLayer({ id: 'call-rings', type: 'line', source: 'call-rings', paint: { 'line-color': line, 'line-width': 2, 'line-dasharray': [3, 2] } })
      this.ready = true
      this.drawRings()
    }
    if (map.loaded()) begin()
    else map.once('load', begin)
    map.on('click', (e) => this.on.onPick(e.lngLat.lng, e.lngLat.lat))
  }

  show(pins: readonly Pin[]): void {
    for (const [id, marker] of this.pins)
      if (!pins.some((p) => p.callId === id)) {
        marker.remove()
        this.pins.delete(id)
      }
    for (const pin of pins) {
      const marker = this.pins.get(pin.callId) ?? this.newPin(pin)
      const element = marker.setLngLat(pin.at).getElement()
      element.textContent = pin.words
      element.dataset['urgent'] = String(pin.urgent)
      element.dataset['selected'] = String(pin.selected)
    }
  }

  /** Rings about a place, smallest first; null takes them away. */
  showRings(at: [number, number] | null, rings: readonly Ring[]): void {
    const same = at !== null && this.rings !== null && this.rings.at[0] === at[0] && this.rings.at[1] === at[1]
    this.rings = at && { at, rings }
    this.drawRings()
    if (!at || same || rings.length === 0) return
    const ring = circle(at, rings.at(-1)!.metres)
    this.map.fitBounds(ring.reduce((bounds, corner) => bounds.extend(corner), new LngLatBounds()), { padding: 40, duration: 400 })
  }

  choose(at: [number, number] | null, words: string): void {
    this.chosen?.remove()
    this.chosen = null
    if (!at) return
    const element = document.createElement('div')
    element.className = 'call-chosen'
    element.textContent = words
    this.chosen = new Marker({ element, anchor: 'bottom' }).setLngLat(at).addTo(this.map)
    if (!this.map.getBounds().contains(at)) this.map.easeTo({ center: at, zoom: Math.max(this.map.getZoom(), 14), duration: 400 })
  }

  private newPin(pin: Pin): Marker {
    const element = document.createElement('button')
    element.type = 'button'
    element.className = 'call-pin'
    element.dataset['callPin'] = pin.callId
    element.addEventListener('click', (e) => {
      e.stopPropagation()
      this.on.onSelect(pin.callId)
    })
    const marker = new Marker({ element, anchor: 'bottom' }).setLngLat(pin.at).addTo(this.map)
    this.pins.set(pin.callId, marker)
    return marker
  }

  private drawRings(): void {
    for (const label of this.labels) label.remove()
    this.labels = []
    if (!this.ready) return
    const { at, rings } = this.rings ?? { at: null, rings: [] }
    this.map.getSource<GeoJSONSource>('call-rings')?.setData(
      at === null
        ? empty
        : { type: 'FeatureCollection', features: rings.map((r) => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: circle(at, r.metres) } })) },
    )
    if (at === null) return
    this.labels = rings.map((r) => {
      const element = document.createElement('span')
      element.className = 'ring-label'
      element.textContent = r.words
      return new Marker({ element, anchor: 'center' }).setLngLat(circle(at, r.metres)[0]!).addTo(this.map)
    })
  }
}

/** Points at this distance, from the north on and closed. */
function circle([longitude, latitude]: [number, number], metres: number): [number, number][] {
  const north = (metres / earthMetres) * (180 / Math.PI)
  const east = north / Math.cos((latitude * Math.PI) / 180)
  return Array.from({ length: corners + 1 }, (_, i) => {
    const turn = (i / corners) * 2 * Math.PI
    return [longitude + east * Math.sin(turn), latitude + north * Math.cos(turn)]
  })
}
