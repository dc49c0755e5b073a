import type { Feature, FeatureCollection, Geometry, Polygon } from 'geojson'
import { Marker, type GeoJSONSource, type Map as GlMap, type MapMouseEvent } from 'maplibre-gl'
import type { Cell, Handle, LonLat, Shape, Tone } from './shapes.ts'

export interface FieldScene {
  shapes: readonly Shape[]
  handles: readonly Handle[]
  cells: readonly Cell[]
  roads: readonly (readonly LonLat[])[]
}
export interface FieldActs {
  onClick(at: LonLat): void
  onMoved(handleId: string, at: LonLat): void
  onCell(cell: Cell | null): void
  onBounds(bounds: readonly [number, number, number, number]): void
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const tones: Record<Tone, string> = { plain: '--accent', done: '--ok', due: '--warn', missed: '--bad', later: '--line-strong' }
const stepPixels = 8

/** Draws shapes, handles and cells over the ground of a map, below its cars, and says what was clicked and moved. */
export class FieldLayer {
  private readonly markers = new Map<string, { marker: Marker; element: HTMLButtonElement }>()
  private cells = new Map<string, Cell>()

  constructor(
    private readonly map: GlMap,
    private readonly acts: FieldActs,
  ) {
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const tone = ['match', ['get', 'tone'], ...Object.entries(tones).flatMap(([name, variable]) => [name, colour(variable)]), colour('--accent')]
    const strong = ['case', ['get', 'chosen'], 5, 3]
    for (const source of ['roads', 'cells', 'shapes']) map.addSource(`field-${source}`, { type: 'geojson', data: collection([]) })
    const add = (id: string, source: string, type: 'line' | 'fill' | 'circle', paint: object, filter?: unknown) =>
      map.addLayer({ id, source: `field-${source}`, type, paint, ...(filter ? { filter } : {}) } as Parameters<GlMap['addLayer']>[0], map.getLayer('trails') ? 'trails' : undefined)
    add('field-roads', 'roads', 'line', { 'line-color': colour('--line-strong'), 'line-width': 1 })
    add('field-cells', 'cells', 'fill', { 'fill-color': colour('--warn'), 'fill-opacity': ['interpolate', ['linear'], ['get', 'weight'], 0, 0.08, 1, 0.85] })
    add('field-areas', 'shapes', 'fill', { 'fill-color': tone, 'fill-opacity': 0.12 }, ['==', ['geometry-type'], 'Polygon'])
    add('field-lines', 'shapes', 'line', { 'line-color': tone, 'line-width': strong }, ['!=', ['geometry-type'], 'Point'])
    add('field-points', 'shapes', 'circle', { 'circle-color': tone, 'circle-radius': ['case', ['get', 'chosen'], 11, 8], 'circle-stroke-color': colour('--text'), 'circle-stroke-width': 1.5 }, ['==', ['geometry-type'], 'Point'])
    map.on('click', this.clicked)
    map.on('mousemove', this.hovered)
    map.on('moveend', this.moved)
    this.moved()
  }

  draw(scene: FieldScene): void {
    this.cells = new Map(scene.cells.map((c) => [c.id, c]))
    const most = Math.max(1e-9, ...scene.cells.map((c) => c.minutes))
    this.put('roads', scene.roads.map((at) => feature({ type: 'LineString', coordinates: [...at] as LonLat[] }, {})))
    // The root spreads few-minute cells apart that a single busy corner would drown.
    this.put('cells', scene.cells.map((c) => feature(square(c.bounds), { id: c.id, weight: Math.sqrt(c.minutes / most) })))
    this.put('shapes', scene.shapes.filter((s) => s.at.length > 0).map((s) => feature(geometry(s), { id: s.id, tone: s.tone, chosen: s.chosen === true })))
    this.drawHandles(scene.handles)
  }

  private put(source: string, features: Feature[]): void {
    this.map.getSource<GeoJSONSource>(`field-${source}`)?.setData(collection(features))
  }

  private drawHandles(handles: readonly Handle[]): void {
    const wanted = new Set(handles.map((h) => h.id))
    for (const [id, known] of this.markers) {
      if (wanted.has(id)) continue
      known.marker.remove()
      this.markers.delete(id)
    }
    for (const handle of handles) {
      const known = this.markers.get(handle.id) ?? this.newHandle(handle)
      known.marker.setLngLat(handle.at).setDraggable(handle.movable)
      known.element.dataset['tone'] = handle.tone
      known.element.textContent = handle.label
      known.element.setAttribute('aria-label', handle.label)
    }
  }

  private newHandle({ id, at }: Handle) {
    const element = document.createElement('button')
    element.type = 'button'
    element.className = 'field-handle'
    element.dataset['handle'] = id
    element.addEventListener('click', (e) => e.stopPropagation())
    const marker = new Marker({ element }).setLngLat(at).addTo(this.map)
    marker.on('dragend', () => this.acts.onMoved(id, marker.getLngLat().toArray()))
    element.addEventListener('keydown', (e) => {
      const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key] ?? [0, 0]
      if (!marker.isDraggable() || (x === 0 && y === 0)) return
      e.preventDefault()
      e.stopPropagation()
      const from = this.map.project(marker.getLngLat())
      this.acts.onMoved(id, this.map.unproject([from.x + x! * stepPixels, from.y + y! * stepPixels]).toArray())
    })
    const made = { marker, element }
    this.markers.set(id, made)
    return made
  }

  private readonly clicked = (e: MapMouseEvent) => this.acts.onClick(e.lngLat.toArray())

  private readonly hovered = (e: MapMouseEvent) => {
    const found = this.cells.size > 0 ? this.map.queryRenderedFeatures(e.point, { layers: ['field-cells'] })[0] : undefined
    this.acts.onCell(this.cells.get(String(found?.properties['id'])) ?? null)
  }

  private readonly moved = () => {
    const b = this.map.getBounds()
    this.acts.onBounds([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()])
  }
}

function feature(geometry: Geometry, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', properties, geometry }
}

function geometry({ kind, at }: Shape): Geometry {
  if (kind === 'point') return { type: 'Point', coordinates: at[0]! }
  return kind === 'area' && at.length > 2 ? { type: 'Polygon', coordinates: [[...at, at[0]!]] } : { type: 'LineString', coordinates: [...at] }
}

function square([w, s, e, n]: Cell['bounds']): Polygon {
  return { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] }
}
