import { useEffect, useRef, useState } from 'react'
import type { Map as GlMap } from 'maplibre-gl'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { units } from '../centre.ts'
import { FleetMap } from '../fleetMap.ts'
import { text } from '../text.ts'
import { FieldLayer, type FieldActs } from './fieldLayer.ts'
import { extent, type Cell, type Handle, type LonLat, type Shape } from './shapes.ts'

export interface FieldMapProps {
  shapes?: readonly Shape[]
  handles?: readonly Handle[]
  cells?: readonly Cell[]
  /** The map goes to what is drawn when this changes. */
  focus: string
  /** Given while a click on the ground means something. */
  onClick?: ((at: LonLat) => void) | undefined
  onMoved?: (handleId: string, at: LonLat) => void
  onCell?: (cell: Cell | null) => void
}

const nothing: readonly never[] = []
const roadsFromZoom = 12

/** The map of a page about the field: cars, what the page draws, and the roads where they are installed. */
export default function FieldMap({ shapes = nothing, handles = nothing, cells = nothing, focus, onClick, onMoved, onCell }: FieldMapProps) {
  const t = useTranslator(text)
  const known = useStore(units)
  const holder = useRef<HTMLDivElement>(null)
  const fleet = useRef<FleetMap | null>(null)
  const layer = useRef<{ map: GlMap; field: FieldLayer } | null>(null)
  const acts = useRef<FieldMapProps>({ focus })
  acts.current = { focus, onClick, ...(onMoved ? { onMoved } : {}), ...(onCell ? { onCell } : {}) }
  const [ready, setReady] = useState(false)
  const [failed, setFailed] = useState(false)
  const [roads, setRoads] = useState<readonly LonLat[][]>([])

  useEffect(() => {
    const passed: FieldActs = {
      onClick: (at) => acts.current.onClick?.(at),
      onMoved: (id, at) => acts.current.onMoved?.(id, at),
      onCell: (cell) => acts.current.onCell?.(cell),
      onBounds: (bounds) => void loadRoads(layer.current?.map.getZoom() ?? 0, bounds).then(setRoads),
    }
    try {
      const made = new FleetMap(holder.current!, { onSelect: () => undefined, onDragged: () => undefined })
      fleet.current = made
      made.whenReady((map) => {
        layer.current = { map, field: new FieldLayer(map, passed) }
        setReady(true)
      })
    } catch {
      setFailed(true) // no WebGL: lists and coordinates still do everything
    }
    return () => {
      fleet.current?.remove()
      fleet.current = null
      layer.current = null
    }
  }, [])
  useEffect(() => {
    if (known) fleet.current?.show(known.list, known.at, null, t)
  }, [known, t])
  useEffect(() => {
    if (ready) layer.current?.field.draw({ shapes, handles, cells, roads })
  }, [ready, shapes, handles, cells, roads])
  useEffect(() => {
    if (!ready) return
    layer.current!.map.getCanvas().style.cursor = onClick ? 'crosshair' : ''
  }, [ready, onClick])
  const drawn = useRef<readonly LonLat[]>([])
  drawn.current = [...shapes.flatMap((s) => s.at), ...handles.map((h) => h.at), ...cells.flatMap((c): LonLat[] => [[c.bounds[0], c.bounds[1]], [c.bounds[2], c.bounds[3]]])]
  useEffect(() => {
    const bounds = extent(drawn.current)
    if (ready && bounds) layer.current?.map.fitBounds(bounds, { padding: 80, maxZoom: 15, duration: 0 })
  }, [ready, focus])

  if (failed) return <p className="empty">{t('field.mapFailed')}</p>
  return (
    <>
      <div className="map-canvas" ref={holder} data-ready={ready} />
      <div className="map-tools">
        <button type="button" aria-label={t('map.zoomIn')} onClick={() => fleet.current?.zoom(1)}>
          <Icon name="plus" />
        </button>
        <button type="button" aria-label={t('map.zoomOut')} onClick={() => fleet.current?.zoom(-1)}>
          <Icon name="minus" />
        </button>
      </div>
    </>
  )
}

/** Near enough to be told apart only; a centre without roads, or one that does not answer, leaves the ground plain. */
async function loadRoads(zoom: number, [west, south, east, north]: readonly [number, number, number, number]): Promise<LonLat[][]> {
  if (zoom < roadsFromZoom) return []
  try {
    return (await request<{ lines: LonLat[][] }>('GET', `/api/roads?west=${west.toFixed(5)}&south=${south.toFixed(5)}&east=${east.toFixed(5)}&north=${north.toFixed(5)}`)).lines
  } catch {
    return []
  }
}
