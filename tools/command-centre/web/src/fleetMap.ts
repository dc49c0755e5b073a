import { LngLatBounds, Map as GlMap, Marker, ScaleControl, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Unit } from '@shared/api.ts'
import { span } from '@shared/format.ts'
import type { Say } from '@shared/i18n.ts'
import { isCurrent, placeOf, positionAgeMs } from './centre.ts'
import { metresBetween } from './distance.ts'
import { graticule } from '@shared/graticule.ts'
import type { text } from './text.ts'

setWorkerUrl(new URL(workerUrl, document.baseURI).href)

interface CarMarker { marker: Marker; arrow: SVGElement; label: HTMLElement; age: HTMLElement; counts: HTMLElement; element: HTMLElement }

const empty = { type: 'FeatureCollection' as const, features: [] }
const arrowShape =
  '<svg viewBox="0 0 40 40" width="40" height="40" aria-hidden="true"><circle cx="20" cy="20" r="17"/><path d="M20 6 29 30 20 25 11 30z"/></svg>'

/**
 * The cars over a plain ground: a graticule, each car's trail and a marker that points where the car points. No tiles
 * and no glyphs are fetched, so the map works in a control room without a way out; all words on it are HTML.
 */
export class FleetMap {
  /** For those who draw on it. */
  readonly map: GlMap
  /** Whether traffic and crowd stand beside each car. */
  withCounts = false
  private readonly cars = new Map<string, CarMarker>()
  private readonly gridLabels: HTMLElement
  private pinned: Marker | null = null
  private list: readonly Unit[] = []
  private loaded = false
  private fitted = false
  private followed: string | null = null

  constructor(
    holder: HTMLElement,
    private readonly on: { onSelect(unitId: string): void; onDragged(): void },
    /** A word for a car's marker to be drawn by, such as what it has to do with a call. */
    private readonly markOf: (unitId: string) => string = () => '',
  ) {
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    this.map = new GlMap({
      container: holder,
      style: style(colour),
      center: [104.2, 35.5],
      zoom: 3.2,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.addControl(new ScaleControl({ unit: 'metric', maxWidth: 160 }), 'bottom-left')
    this.gridLabels = document.createElement('div')
    this.gridLabels.className = 'grid-labels'
    holder.append(this.gridLabels)
    this.map.on('load', () => {
      this.loaded = true
      this.drawTrails()
      this.drawGrid()
    })
    this.map.on('move', () => this.drawGrid())
    this.map.on('resize', () => this.drawGrid())
    this.map.on('dragstart', () => this.on.onDragged())
  }

  remove(): void {
    this.map.remove()
  }

  /** Hands the map to whoever draws more on it, once its style is there. */
  whenReady(draw: (map: GlMap) => void): void {
    if (this.loaded) draw(this.map)
    else this.map.once('load', () => draw(this.map))
  }

  zoom(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps)
  }

  show(list: readonly Unit[], toldAt: number, selected: string | null, t: Say<typeof text>): void {
    this.list = list
    this.map.getCanvas().setAttribute('aria-label', t('map.label'))
    const seen = new Set<string>()
    for (const unit of list) {
      const at = placeOf(unit)
      if (!at) continue
      seen.add(unit.unitId)
      this.place(unit, at, toldAt, unit.unitId === selected, t)
    }
    for (const [id, car] of this.cars) {
      if (seen.has(id)) continue
      car.marker.remove()
      this.cars.delete(id)
    }
    this.drawTrails()
    if (!this.fitted && seen.size > 0) {
      this.fitted = true
      this.fit(0)
    }
    this.follow(selected)
  }

  fit(durationMs = 600): void {
    const bounds = new LngLatBounds()
    for (const unit of this.list) {
      const at = placeOf(unit)
      if (at) bounds.extend(at)
    }
    if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 120, maxZoom: 15, duration: durationMs })
  }

  pin(at: { latitude: number; longitude: number } | null, words: string): void {
    this.pinned?.remove()
    this.pinned = null
    if (!at) return
    const element = document.createElement('div')
    element.className = 'hit-pin'
    element.textContent = words
    this.pinned = new Marker({ element, anchor: 'bottom' }).setLngLat([at.longitude, at.latitude]).addTo(this.map)
    this.map.easeTo({ center: [at.longitude, at.latitude], zoom: Math.max(this.map.getZoom(), 15), duration: 600 })
  }

  private follow(selected: string | null): void {
    const unit = this.list.find((u) => u.unitId === selected)
    const at = unit && placeOf(unit)
    const fresh = this.followed !== selected
    this.followed = selected
    if (!at) return
    // No glide from second to second: where WebGL runs in software it would keep a core busy all shift.
    if (fresh) this.map.easeTo({ center: at, zoom: Math.max(this.map.getZoom(), 15), duration: 600 })
    else this.map.jumpTo({ center: at })
  }

  private place(unit: Unit, at: [number, number], toldAt: number, selected: boolean, t: Say<typeof text>): void {
    const car = this.cars.get(unit.unitId) ?? this.newCar(unit, at)
    const current = isCurrent(unit, toldAt)
    car.marker.setLngLat(at)
    car.arrow.style.transform = `rotate(${unit.position?.headingDegrees ?? 0}deg)`
    car.element.dataset['current'] = String(current)
    car.element.dataset['selected'] = String(selected)
    car.element.dataset['mark'] = this.markOf(unit.unitId)
    car.element.setAttribute('aria-label', t('unit.select', { name: unit.unitId }))
    car.label.textContent = unit.unitId
    car.counts.textContent = this.withCounts && unit.online ? counts(unit, t) : ''
    car.age.textContent = current ? span(t, positionAgeMs(unit, toldAt) ?? 0) : t('unit.positionOld', { age: span(t, positionAgeMs(unit, toldAt) ?? 0) })
  }

  private newCar(unit: Unit, at: [number, number]): CarMarker {
    const element = document.createElement('button')
    element.type = 'button'
    element.className = 'car-marker'
    element.dataset['carMarker'] = unit.unitId
    element.innerHTML = `${arrowShape}<span class="car-label"><b></b><small></small><em></em></span>`
    element.addEventListener('click', () => this.on.onSelect(unit.unitId))
    const car: CarMarker = {
      element,
      arrow: element.querySelector('svg')!,
      label: element.querySelector('b')!,
      age: element.querySelector('small')!,
      counts: element.querySelector('em')!,
      marker: new Marker({ element }).setLngLat(at).addTo(this.map),
    }
    this.cars.set(unit.unitId, car)
    return car
  }

  private drawTrails(): void {
    if (!this.loaded) return
    const source = this.map.getSource<GeoJSONSource>('trails')
    source?.setData({
      type: 'FeatureCollection',
      features: this.list
        .filter((u) => u.trail.length > 1)
        .map((u) => ({ type: 'Feature', properties: { online: u.online }, geometry: { type: 'MultiLineString', coordinates: drivenParts(u.trail) } })),
    })
  }

  private drawGrid(): void {
    if (!this.loaded) return
    const { lines, meridians, parallels } = graticule(this.map.getBounds(), this.map.getZoom())
    this.map.getSource<GeoJSONSource>('grid')?.setData(lines)
    const { height } = this.map.getContainer().getBoundingClientRect()
    const west = this.map.getBounds().getWest()
    const north = this.map.getBounds().getNorth()
    this.gridLabels.replaceChildren(
      ...meridians.map((m) => gridLabel(m.words, this.map.project([m.at, north]).x, height - 20)),
      ...parallels.map((p) => gridLabel(p.words, 4, this.map.project([west, p.at]).y - 8)),
    )
  }
}

/** Numbers of the last minute, never people. */
/** Farther than a car gets between two reports: the way in between, through a tunnel or without a link, is not known and not drawn. */
const unknownWayMetres = 200

/** A trail in the parts that were driven under report. */
function drivenParts(trail: readonly [number, number][]): [number, number][][] {
  const parts: [number, number][][] = []
  for (const [at, point] of trail.entries()) {
    const before = trail[at - 1]
    if (before && metresBetween(before, point) <= unknownWayMetres) parts[parts.length - 1]?.push(point)
    else parts.push([point])
  }
  return parts.filter((part) => part.length > 1)
}

function counts(unit: Unit, t: Say<typeof text>): string {
  return [unit.vehiclesPerMinute != null && t('unit.vehicles', { n: unit.vehiclesPerMinute }), unit.heads != null && t('unit.heads', { n: unit.heads })]
    .filter(Boolean)
    .join(' · ')
}

function gridLabel(words: string, x: number, y: number): HTMLElement {
  const label = document.createElement('span')
  label.textContent = words
  label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
  return label
}

function style(colour: (name: string) => string): StyleSpecification {
  return {
    version: 8,
    sources: { grid: { type: 'geojson', data: empty }, trails: { type: 'geojson', data: empty } },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colour('--ground') } },
      { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': colour('--line'), 'line-width': 1 } },
      {
        id: 'trails',
        type: 'line',
        source: 'trails',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': ['case', ['get', 'online'], colour('--accent'), colour('--line-strong')], 'line-width': 3, 'line-opacity': 0.75 },
      },
    ],
  }
}
