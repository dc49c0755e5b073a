import { addProtocol, type LayerSpecification, type SourceSpecification, type StyleSpecification } from 'maplibre-gl'
import { PMTiles, Protocol } from 'pmtiles'
import { request } from '../shared/http.ts'

export type GroundKind = 'pmtiles' | 'geojson' | 'none'
/** What the car has of a map on its own disk; `why` where it has none, or none that can be used. */
export interface Ground { kind: GroundKind; why: string; name: string; attribution: string; layers: ReadonlySet<string> }

const bare: Ground = { kind: 'none', why: 'not_set', name: '', attribution: '', layers: new Set() }
const file = () => new URL('/api/map/file', document.baseURI).href

let protocol: Protocol | null = null

/** Asks the host; a tile file is opened, so that what it cannot give is known before anything is drawn. */
export async function findGround(): Promise<Ground> {
  const told = await request<{ kind: GroundKind; why: string; name: string }>('GET', '/api/map')
  if (told.kind !== 'pmtiles') return { ...bare, ...told }
  if (!protocol) {
    protocol = new Protocol({ errorOnMissingTile: false })
    addProtocol('pmtiles', protocol.tile)
  }
  try {
    const tiles = new PMTiles(file())
    await tiles.getHeader()
    const about = (await tiles.getMetadata()) as { vector_layers?: { id: string }[]; attribution?: string }
    protocol.add(tiles)
    const layers = new Set((about.vector_layers ?? []).map((l) => l.id))
    // What the file's maker asks to be named; its markup is not wanted here.
    return { ...told, attribution: (about.attribution ?? '').replace(/<[^>]*>/g, '').slice(0, 120), layers }
  } catch {
    return { ...bare, why: 'unreadable' }
  }
}

type Colour = (name: string) => string
const empty = { type: 'FeatureCollection' as const, features: [] }

// Tile makers name the same things differently: OpenMapTiles, Protomaps and Shortbread, in this order.
const names = {
  water: ['water', 'ocean', 'water_polygons'],
  green: ['landcover', 'landuse', 'land', 'park'],
  roads: ['transportation', 'roads', 'streets'],
  buildings: ['building', 'buildings'],
  roadNames: ['transportation_name', 'street_labels', 'roads'],
  places: ['place', 'places', 'place_labels'],
}
const major = ['motorway', 'trunk', 'primary', 'highway', 'major_road', 'secondary']

/** The ground alone; the page's own lines and marks are drawn above it. All words are drawn from this machine's fonts. */
export function groundStyle(ground: Ground, colour: Colour): StyleSpecification {
  const sources: Record<string, SourceSpecification> = { grid: { type: 'geojson', data: empty } }
  const layers: LayerSpecification[] = [{ id: 'ground', type: 'background', paint: { 'background-color': colour('--ground') } }]
  if (ground.kind === 'pmtiles') {
    sources['tiles'] = { type: 'vector', url: `pmtiles://${file()}` }
    layers.push(...tileLayers(ground, colour))
  } else if (ground.kind === 'geojson') {
    sources['file'] = { type: 'geojson', data: file() }
    layers.push(...fileLayers(colour))
  }
  layers.push({ id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': colour('--line'), 'line-width': 1, 'line-opacity': ground.kind === 'none' ? 1 : 0.35 } })
  return { version: 8, sources, layers }
}

function tileLayers(ground: Ground, colour: Colour): LayerSpecification[] {
  const has = (what: keyof typeof names): string[] => names[what].filter((n) => ground.layers.has(n))
  const isMajor = ['in', ['coalesce', ['get', 'class'], ['get', 'kind'], ['get', 'pmap:kind'], ''], ['literal', major]] as unknown as boolean
  const label = (source: string, at: 'line' | 'point', size: number): LayerSpecification => ({
    id: `${source}-${at}-words`,
    type: 'symbol',
    source: 'tiles',
    'source-layer': source,
    minzoom: at === 'line' ? 14 : 8,
    layout: { 'text-field': ['coalesce', ['get', 'name:zh'], ['get', 'name'], ''], 'text-size': size, 'symbol-placement': at },
    paint: { 'text-color': colour('--text-soft'), 'text-halo-color': colour('--ground'), 'text-halo-width': 1.5 },
  })
  return [
    ...has('green').map((id): LayerSpecification => ({ id: `${id}-fill`, type: 'fill', source: 'tiles', 'source-layer': id, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour('--surface'), 'fill-opacity': 0.6 } })),
    ...has('water').map((id): LayerSpecification => ({ id: `${id}-fill`, type: 'fill', source: 'tiles', 'source-layer': id, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour('--map-water') } })),
    ...has('buildings').map((id): LayerSpecification => ({ id: `${id}-fill`, type: 'fill', source: 'tiles', 'source-layer': id, minzoom: 14, paint: { 'fill-color': colour('--raised') } })),
    ...has('roads').flatMap((id): LayerSpecification[] => [
      { id: `${id}-lines`, type: 'line', source: 'tiles', 'source-layer': id, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('--map-road'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.6, 18, 9] } },
      { id: `${id}-major`, type: 'line', source: 'tiles', 'source-layer': id, filter: isMajor, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('--map-major'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 18, 14] } },
    ]),
    ...has('roadNames').slice(0, 1).map((id) => label(id, 'line', 14)),
    ...has('places').slice(0, 1).map((id) => label(id, 'point', 17)),
  ]
}

function fileLayers(colour: Colour): LayerSpecification[] {
  return [
    { id: 'file-fill', type: 'fill', source: 'file', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour('--surface'), 'fill-outline-color': colour('--line') } },
    { id: 'file-lines', type: 'line', source: 'file', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('--map-road'), 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1, 18, 8] } },
    {
      id: 'file-words',
      type: 'symbol',
      source: 'file',
      minzoom: 12,
      layout: { 'text-field': ['coalesce', ['get', 'name'], ''], 'text-size': 14, 'symbol-placement': 'point' },
      paint: { 'text-color': colour('--text-soft'), 'text-halo-color': colour('--ground'), 'text-halo-width': 1.5 },
    },
  ]
}
