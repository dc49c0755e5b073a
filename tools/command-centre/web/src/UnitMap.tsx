import { useEffect, useRef, useState } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { incidents, openIncidentId, openPage, placeOf, selectedUnitId, units } from './centre.ts'
import { FleetMap } from './fleetMap.ts'
import { hazards } from './hazards/Hazards.tsx'
import { MapMarks } from './mapMarks.ts'
import { text } from './text.ts'

export default function UnitMap() {
  const t = useTranslator(text)
  const holder = useRef<HTMLDivElement>(null)
  const map = useRef<FleetMap | null>(null)
  const marks = useRef<MapMarks | null>(null)
  const [failed, setFailed] = useState(false)
  const [withCounts, setWithCounts] = useState(false)
  const known = useStore(units)
  const selected = useStore(selectedUnitId)
  const found = useStore(hazards)
  const openId = useStore(openIncidentId)
  const hit = useStore(incidents).find((i) => i.eventId === openId)

  useEffect(() => {
    try {
      map.current = new FleetMap(holder.current!, {
        onSelect: (unitId) => selectedUnitId.set(unitId),
        onDragged: () => selectedUnitId.set(null),
      })
      marks.current = new MapMarks(map.current.map, () => openPage.set('hazards'))
    } catch {
      setFailed(true) // no WebGL: the list still has every position
    }
    return () => {
      map.current?.remove()
      map.current = null
    }
  }, [])
  useEffect(() => {
    if (map.current) map.current.withCounts = withCounts
    if (known) map.current?.show(known.list, known.at, selected, t)
  }, [known, selected, withCounts, t])
  useEffect(() => {
    marks.current?.show(
      (found ?? []).flatMap((h) =>
        h.state !== 'closed' && h.longitude !== null && h.latitude !== null
          ? [{ id: h.hazardId, at: [h.longitude, h.latitude] as [number, number], words: t.code('hazardKind.', h.kind), kind: 'hazard' }]
          : [],
      ),
    )
  }, [found, t])
  useEffect(() => {
    map.current?.pin(hit?.latitude != null && hit.longitude != null ? { latitude: hit.latitude, longitude: hit.longitude } : null, t('map.hit'))
  }, [hit?.eventId, hit?.latitude, hit?.longitude, t])

  if (failed) return <p className="empty">{t('map.failed')}</p>
  const selectedUnit = known?.list.find((u) => u.unitId === selected)
  return (
    <>
      <div className="map-canvas" ref={holder} />
      <div className="map-tools">
        <button type="button" aria-label={t('map.zoomIn')} onClick={() => map.current?.zoom(1)}>
          <Icon name="plus" />
        </button>
        <button type="button" aria-label={t('map.zoomOut')} onClick={() => map.current?.zoom(-1)}>
          <Icon name="minus" />
        </button>
        <button type="button" data-action="counts" aria-pressed={withCounts} onClick={() => setWithCounts(!withCounts)}>
          {t('map.numbers')}
        </button>
        <button type="button" data-action="fit" onClick={() => map.current?.fit()}>
          {t('map.fit')}
        </button>
      </div>
      {selectedUnit && (
        <div className="map-follow">
          <span>{t('map.following', { name: selectedUnit.unitId })}</span>
          <button type="button" onClick={() => selectedUnitId.set(null)}>
            {t('map.stopFollowing')}
          </button>
        </div>
      )}
      {known && known.list.every((u) => placeOf(u) === null) && <p className="map-words">{t('map.noPositions')}</p>}
    </>
  )
}
