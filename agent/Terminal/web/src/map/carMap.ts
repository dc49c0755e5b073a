import { Map as GlMap, Marker, ScaleControl, setWorkerUrl, type GeoJSONSource, type LayerSpecification } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { areaOf, callsOf, fleetOf, isOver, ownPlace, placeOf } from '../calls/calls.ts'
import { titleOf, type T } from '../calls/words.ts'
import type { TerminalState } from '../shared/api.ts'
import { span } from '../shared/format.ts'
import { graticule } from '../shared/graticule.ts'
import { circle, metresIn, ringMinutes } from './geo.ts'
import { groundStyle, type Ground } from './ground.ts'
import { features, shapesOf, type PatrolShape } from './patrol.ts'
import { trail } from './trail.ts'

setWorkerUrl(new URL(workerUrl, document.baseURI).href)

export interface Wishes { follow: boolean; headingUp: boolean; rings: boolean; plan: readonly PatrolShape[] }

const usualKmh = 40
const firstZoom = 14.5
// Slower than this a receiver's heading is noise.
const headingMps = 1.5
const empty = { type: 'FeatureCollection' as const, features: [] }
const arrow = '<svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><path d="M24 7 35 37 24 31 13 37z"/></svg>'

/**
 * The car and what is around it. Its own lines lie above whatever ground the car has; marks and their words are HTML, so that they
 * need no glyphs and can be touched. Nothing glides: where WebGL runs in software that would keep a core busy all shift.
 */
export class CarMap {
  private readonly map: GlMap
  private readonly own: Marker
  private readonly marks = new Map<string, Marker>()
  private readonly gridLabels = document.createElement('div')
  private ready = false
  private placed = false
  private readonly drawn = new Map<string, string>()
  private centre = ''
  private bearing = 0
  private last: { s: TerminalState | null; wishes: Wishes; t: T } | null = null

  constructor(
    holder: HTMLElement,
    private readonly ground: Ground,
    private readonly on: { onDragged(): void; onCall(id: string): void },
  ) {
    this.map = new GlMap({
      container: holder,
      style: groundStyle(ground, colour),
      center: [104.2, 35.5],
      zoom: 3.2,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new ScaleControl({ unit: 'metric', maxWidth: 160 }), 'bottom-left')
    this.gridLabels.className = 'grid-labels'
    holder.append(this.gridLabels)
    const element = document.createElement('div')
    element.className = 'map-own'
    element.setAttribute('role', 'img')
    element.dataset['mapOwn'] = ''
    element.innerHTML = arrow
    this.own = new Marker({ element, rotationAlignment: 'map' })
    this.map.on('style.load', () => {
      this.ready = true
      this.drawn.clear()
      this.addLayers()
      this.draw()
    })
    this.map.on('move', () => this.drawGrid())
    this.map.on('resize', () => this.drawGrid())
    this.map.on('dragstart', () => this.on.onDragged())
  }

  remove(): void {
    this.map.remove()
  }

  zoom(steps: number): void {
    this.map.zoomTo(Math.round(this.map.getZoom() * 2 + 2 * steps) / 2, { duration: 200 })
  }

  /** Day and night are other colours of the same ground. */
  recolour(): void {
    if (!this.ready) return
    this.ready = false
    this.map.setStyle(groundStyle(this.ground, colour), { diff: false })
  }

  show(s: TerminalState | null, wishes: Wishes, t: T): void {
    this.last = { s, wishes, t }
    this.map.getCanvas().setAttribute('aria-label', t('map.label'))
    this.look(s, wishes)
    this.draw()
  }

  private look(s: TerminalState | null, { follow, headingUp }: Wishes): void {
    const position = s?.position
    if (position && !position.stale && position.speedMps > headingMps) this.bearing = position.headingDegrees
    const bearing = headingUp ? this.bearing : 0
    const first = !this.placed && position
    if (first) this.placed = true
    const center: [number, number] | null = position && (follow || first) ? [position.longitude, position.latitude] : null
    const wanted = `${center} ${bearing}`
    if (center ? wanted !== this.centre : bearing !== this.map.getBearing())
      this.map.jumpTo({ ...(center ? { center } : {}), bearing, ...(first ? { zoom: firstZoom } : {}) })
    this.centre = center ? wanted : ''
  }

  private draw(): void {
    if (!this.last) return
    const { s, wishes, t } = this.last
    this.drawOwn(s, wishes, t)
    this.drawMarks(s, wishes, t)
    if (!this.ready) return
    this.set('trail', { type: 'FeatureCollection', features: trail().length > 1 ? [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: trail() } }] : [] })
    this.set('patrol', features(shapesOf(s, wishes.plan)))
    this.drawGrid()
  }

  private drawOwn(s: TerminalState | null, wishes: Wishes, t: T): void {
    const position = s?.position
    if (!position) {
      this.own.remove()
    } else {
      this.own.getElement().dataset['stale'] = String(position.stale)
      this.own.getElement().setAttribute('aria-label', t('mapKey.own'))
      this.own.setLngLat([position.longitude, position.latitude]).setRotation(position.headingDegrees).addTo(this.map)
    }
    const at = ownPlace(s)
    const kmh = areaOf(s)?.arrivalKmh ?? usualKmh
    const shown = at && wishes.rings ? ringMinutes.map((n) => ({ n, ring: circle(at, metresIn(n, kmh)) })) : []
    for (const n of ringMinutes) if (shown.length === 0) this.drop(`ring ${n}`)
    for (const { n, ring } of shown) {
      const mark = this.mark(`ring ${n}`, ring[0]!, () => words('map-ring'))
      mark.getElement().textContent = t('map.ring', { n })
    }
    if (this.ready) this.set('rings', { type: 'FeatureCollection', features: shown.map(({ ring }) => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: ring } })) })
  }

  private drawMarks(s: TerminalState | null, wishes: Wishes, t: T): void {
    const seen = new Set<string>()
    for (const car of fleetOf(s)) {
      seen.add(`car ${car.unitId}`)
      const element = this.mark(`car ${car.unitId}`, [car.longitude, car.latitude], () => carMark()).getElement()
      element.dataset['mapCar'] = car.unitId
      element.dataset['stale'] = String(car.stale)
      element.dataset['availability'] = car.availability
      element.querySelector('svg')!.style.transform = `rotate(${car.headingDegrees - this.map.getBearing()}deg)`
      element.querySelector('b')!.textContent = car.label
      element.querySelector('small')!.textContent = [car.availability && t(`availability.${car.availability}`), span(t, car.ageMs)].filter(Boolean).join(' · ')
    }
    for (const call of callsOf(s)) {
      const place = placeOf(call)
      if (!place || isOver(call)) continue
      seen.add(`call ${call.id}`)
      const element = this.mark(`call ${call.id}`, [place.longitude, place.latitude], () => this.callMark(call.id), 'bottom').getElement()
      Object.assign(element.dataset, { mapCall: call.id, own: call.own, part: call.part, urgent: String(call.urgent) })
      element.querySelector('b')!.textContent = titleOf(t, call)
      element.querySelector('small')!.textContent = t.code('callState.', call.part === 'owner' || call.part === 'back_up' ? call.own : call.state)
    }
    for (const item of shapesOf(s, wishes.plan).filter((i) => i.name)) {
      seen.add(`item ${item.itemId}`)
      const [latitude, longitude] = item.kind === 'beat' ? top(item.shape) : item.shape[0]!
      const element = this.mark(`item ${item.itemId}`, [longitude, latitude], () => words('map-item'), 'top').getElement()
      element.dataset['mapItem'] = item.itemId
      element.textContent = item.name
    }
    for (const name of [...this.marks.keys()]) if (!seen.has(name) && !name.startsWith('ring ')) this.drop(name)
  }

  private mark(name: string, at: [number, number], make: () => HTMLElement, anchor: 'center' | 'bottom' | 'top' = 'center'): Marker {
    const known = this.marks.get(name)
    if (known) return known.setLngLat(at)
    const made = new Marker({ element: make(), anchor }).setLngLat(at).addTo(this.map)
    this.marks.set(name, made)
    return made
  }

  private drop(name: string): void {
    this.marks.get(name)?.remove()
    this.marks.delete(name)
  }

  private callMark(id: string): HTMLElement {
    const element = document.createElement('button')
    element.type = 'button'
    element.className = 'map-call'
    element.innerHTML = '<span><b></b><small></small></span><svg viewBox="0 0 24 30" width="36" height="45" aria-hidden="true"><path d="M12 30C4 20 1 16 1 11a11 11 0 0 1 22 0c0 5-3 9-11 19z"/><path class="map-call-bang" d="M12 5v8M12 16.500v.500"/></svg>'
    element.addEventListener('click', () => this.on.onCall(id))
    return element
  }

  private addLayers(): void {
    for (const id of ['rings', 'trail', 'patrol']) this.map.addSource(id, { type: 'geojson', data: empty })
    for (const layer of ownLayers()) this.map.addLayer(layer)
  }

  /** The same again is no work: a car that stands costs next to nothing. */
  private set(source: string, data: Parameters<GeoJSONSource['setData']>[0]): void {
    const said = JSON.stringify(data)
    if (this.drawn.get(source) === said) return
    this.drawn.set(source, said)
    this.map.getSource<GeoJSONSource>(source)?.setData(data)
  }

  private drawGrid(): void {
    if (!this.ready) return
    const { lines, meridians, parallels } = graticule(this.map.getBounds(), this.map.getZoom())
    this.set('grid', lines)
    // Turned, the lines meet the edges anywhere: their numbers would stand nowhere sensible.
    if (this.ground.kind !== 'none' || this.map.getBearing() !== 0) return this.gridLabels.replaceChildren()
    const [west, north] = [this.map.getBounds().getWest(), this.map.getBounds().getNorth()]
    this.gridLabels.replaceChildren(
      ...meridians.map((m) => gridLabel(m.words, this.map.project([m.at, north]).x + 4, 4)),
      ...parallels.map((p) => gridLabel(p.words, 4, this.map.project([west, p.at]).y + 2)),
    )
  }
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function ownLayers(): LayerSpecification[] {
  const done = ['case', ['get', 'done'], colour('--ok'), colour('--warn')] as unknown as string
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const
  return [
    { id: 'beats', type: 'fill', source: 'patrol', filter: ['==', ['get', 'kind'], 'beat'], paint: { 'fill-color': done, 'fill-opacity': 0.1 } },
    { id: 'beat-edges', type: 'line', source: 'patrol', filter: ['==', ['get', 'kind'], 'beat'], paint: { 'line-color': done, 'line-width': 2, 'line-dasharray': [3, 2] } },
    { id: 'patrol-lines', type: 'line', source: 'patrol', filter: ['==', ['get', 'kind'], 'line'], layout: round, paint: { 'line-color': done, 'line-width': 5, 'line-opacity': 0.8 } },
    { id: 'patrol-points', type: 'circle', source: 'patrol', filter: ['==', ['get', 'kind'], 'point'], paint: { 'circle-radius': 9, 'circle-color': ['case', ['get', 'done'], colour('--ok'), colour('--ground')], 'circle-stroke-width': 4, 'circle-stroke-color': done } },
    { id: 'patrol-posts', type: 'circle', source: 'patrol', filter: ['==', ['get', 'kind'], 'post'], paint: { 'circle-radius': 14, 'circle-color': ['case', ['get', 'done'], colour('--ok'), colour('--ground')], 'circle-stroke-width': 3, 'circle-stroke-color': done } },
    { id: 'rings', type: 'line', source: 'rings', paint: { 'line-color': colour('--line-strong'), 'line-width': 2, 'line-dasharray': [2, 3] } },
    { id: 'trail', type: 'line', source: 'trail', layout: round, paint: { 'line-color': colour('--accent'), 'line-width': 4, 'line-opacity': 0.75 } },
  ]
}

function words(name: string): HTMLElement {
  const element = document.createElement('span')
  element.className = name
  return element
}

function carMark(): HTMLElement {
  const element = words('map-car')
  element.innerHTML = `${arrow}<span><b></b><small></small></span>`
  return element
}

function gridLabel(said: string, x: number, y: number): HTMLElement {
  const label = document.createElement('span')
  label.textContent = said
  label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
  return label
}

/** Where a beat's name stands: inside its northern edge, away from the car that patrols it. */
function top(shape: readonly [number, number][]): [number, number] {
  const longitudes = shape.map(([, longitude]) => longitude)
  return [Math.max(...shape.map(([latitude]) => latitude)), (Math.min(...longitudes) + Math.max(...longitudes)) / 2]
}
