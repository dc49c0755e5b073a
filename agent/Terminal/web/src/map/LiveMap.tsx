import { useEffect, useRef, useState } from 'react'
import { chosenId } from '../calls/calls.ts'
import { state } from '../desk.ts'
import { span } from '../shared/format.ts'
import { request } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { theme } from '../shared/theme.ts'
import { goTo } from '../shell/pages.tsx'
import { text } from '../text.ts'
import { CarMap } from './carMap.ts'
import { findGround, type Ground } from './ground.ts'
import { Key } from './Key.tsx'
import type { PatrolShape } from './patrol.ts'

interface PatrolVersion { version?: number }

/** The map over the whole page, its controls as large as a finger in a moving car needs them. */
export default function LiveMap() {
  const t = useTranslator(text)
  const holder = useRef<HTMLDivElement>(null)
  const map = useRef<CarMap | null>(null)
  const snapshot = useStore(state)
  const colours = useStore(theme)
  const [ground, setGround] = useState<Ground | null>(null)
  const [failed, setFailed] = useState(false)
  const [follow, setFollow] = useState(true)
  const [headingUp, setHeadingUp] = useState(false)
  const [rings, setRings] = useState(true)
  const [plan, setPlan] = useState<readonly PatrolShape[]>([])
  const version = (snapshot as { patrol?: PatrolVersion } | null)?.patrol?.version ?? 0

  useEffect(() => {
    findGround().then(setGround, () => setGround({ kind: 'none', why: 'unreadable', name: '', attribution: '', layers: new Set() }))
  }, [])
  useEffect(() => {
    request<PatrolShape[]>('GET', '/api/patrol').then(setPlan, () => setPlan([]))
  }, [version])
  useEffect(() => {
    if (!ground) return
    try {
      map.current = new CarMap(holder.current!, ground, {
        onDragged: () => setFollow(false),
        onCall: (id) => {
          chosenId.set(id)
          goTo('calls')
        },
      })
    } catch {
      setFailed(true) // no WebGL
    }
    return () => {
      map.current?.remove()
      map.current = null
    }
  }, [ground])
  useEffect(() => map.current?.recolour(), [colours, ground])
  useEffect(() => {
    map.current?.show(snapshot, { follow, headingUp, rings, plan }, t)
  }, [snapshot, follow, headingUp, rings, plan, ground, t])

  if (failed) return <p className="empty" data-map="failed">{t('map.failed')}</p>
  const position = snapshot?.position
  return (
    <div className="map" data-map={ground?.kind ?? 'opening'}>
      <div className="map-canvas" ref={holder} />
      <div className="map-controls">
        <button type="button" aria-label={t('map.zoomIn')} data-action="zoom-in" onClick={() => map.current?.zoom(1)}>
          <Icon name="plus" size={30} />
        </button>
        <button type="button" aria-label={t('map.zoomOut')} data-action="zoom-out" onClick={() => map.current?.zoom(-1)}>
          <Icon name="minus" size={30} />
        </button>
        <button type="button" data-action="follow" aria-pressed={follow} onClick={() => setFollow(!follow)}>
          <Icon name="place" size={26} />
          {t('map.follow')}
        </button>
        <button type="button" data-action="heading-up" aria-pressed={headingUp} onClick={() => setHeadingUp(!headingUp)}>
          <Icon name="arrow" size={26} />
          {t(headingUp ? 'map.headingUp' : 'map.northUp')}
        </button>
        <button type="button" data-action="rings" aria-pressed={rings} onClick={() => setRings(!rings)}>
          <Icon name="clock" size={26} />
          {t('map.rings')}
        </button>
      </div>
      {(!position || position.stale) && (
        <p className="map-words" data-map-position>
          <Icon name="warning" />
          {position ? t('map.oldPosition', { age: span(t, position.ageMs) }) : t('map.noPosition')}
        </p>
      )}
      <footer className="map-foot">
        {ground && (
          <span data-ground={ground.why || ground.kind}>
            {ground.kind === 'none' ? t.code('mapGround.', ground.why === 'not_set' ? 'none' : ground.why) : t(`mapGround.${ground.kind}`, { name: ground.name })}
            {ground.attribution && ` · ${ground.attribution}`}
          </span>
        )}
        <Key />
      </footer>
    </div>
  )
}
