import { useEffect, useRef, useState } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { units } from '../centre.ts'
import { FleetMap } from '../fleetMap.ts'
import { text } from '../text.ts'
import { CallLayer } from './callLayer.ts'
import { candidates, intakePlace, openCall, openCalls, placing, selectedCallId } from './calls.ts'

export default function CallMap() {
  const t = useTranslator(text)
  const holder = useRef<HTMLDivElement>(null)
  const map = useRef<FleetMap | null>(null)
  const layer = useRef<CallLayer | null>(null)
  const [failed, setFailed] = useState(false)
  const cars = useStore(units)
  const told = useStore(openCalls)
  const could = useStore(candidates)
  const id = useStore(selectedCallId)
  const taking = useStore(placing)
  const chosen = useStore(intakePlace)
  const calls = told?.calls ?? []
  const selected = calls.find((c) => c.callId === id)

  useEffect(() => {
    try {
      const mark = (unitId: string) => (candidates.get().find((c) => c.unitId === unitId)?.isOwner ? 'owner' : candidates.get().slice(0, 3).some((c) => c.unitId === unitId && !c.stale) ? 'candidate' : '')
      map.current = new FleetMap(holder.current!, { onSelect: () => undefined, onDragged: () => undefined }, mark)
      layer.current = new CallLayer(map.current.map, {
        onPick: (longitude, latitude) => placing.get() && intakePlace.set({ latitude, longitude, clicked: true }),
        onSelect: openCall,
      })
    } catch {
      setFailed(true) // no WebGL: the list and the cars' distances are there all the same
    }
    return () => {
      map.current?.remove()
      map.current = layer.current = null
    }
  }, [])
  useEffect(() => {
    if (cars) map.current?.show(cars.list, cars.at, null, t)
  }, [cars, could, t])
  useEffect(() => {
    layer.current?.show(
      calls.flatMap((c) => (c.latitude === null || c.longitude === null ? [] : [{ callId: c.callId, at: [c.longitude, c.latitude] as [number, number], words: c.number.slice(-4), urgent: c.urgent, selected: c.callId === id }])),
    )
  }, [told, id])
  useEffect(() => {
    const at: [number, number] | null = !taking && selected && selected.latitude !== null && selected.longitude !== null ? [selected.longitude, selected.latitude] : null
    const metres = ((told?.arrivalKmh ?? 0) * 1000) / 60
    layer.current?.showRings(at, at && told ? told.ringMinutes.map((minutes) => ({ metres: metres * minutes, words: t('calls.ring', { n: minutes }) })) : [])
  }, [taking, selected?.callId, selected?.latitude, selected?.longitude, told?.arrivalKmh, t])
  useEffect(() => {
    layer.current?.choose(taking && chosen ? [chosen.longitude, chosen.latitude] : null, t('intake.title'))
  }, [taking, chosen, t])

  if (failed) return <p className="empty">{t('map.failed')}</p>
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
        <button type="button" data-action="fit" onClick={() => map.current?.fit()}>
          {t('map.fit')}
        </button>
      </div>
      {selected?.latitude != null && told && !taking && <p className="ring-words">{t('calls.rings', { minutes: told.ringMinutes.join(' / '), kmh: told.arrivalKmh })}</p>}
    </>
  )
}
