import { useEffect, useRef } from 'react'
import { state } from './desk.ts'
import { DutyButtons } from './DutyButtons.tsx'
import type { Previews } from './previews.ts'
import type { Camera, TerminalState } from './shared/api.ts'
import { serverClock } from './shared/clock.ts'
import { count, kmh, pictureAge, place, shortTime, span } from './shared/format.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { text } from './text.ts'

const staleAfterMs = 2000

export function Mosaic({ previews, onOpen }: { previews: Previews; onOpen: (cameraId: string) => void }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  if (!snapshot) return <div className="empty">{t('app.wait')}</div>
  if (snapshot.cameras.length === 0) {
    return (
      <div className="empty">
        {t('mosaic.none')}
        <DutyButtons />
      </div>
    )
  }
  const cells = snapshot.cameras.map((camera, index) => ({ camera, index }))
  const outside = cells.filter((c) => !c.camera.previewOnly)
  const cab = cells.filter((c) => c.camera.previewOnly)
  const columns = outside.length <= 2 ? outside.length + 1 : outside.length <= 8 ? 3 : 4
  return (
    <div className="mosaic" data-columns={columns} aria-label={t('mosaic.label')} role="group">
      {outside.map(({ camera, index }) => (
        <button key={camera.id} type="button" className="cell" data-camera={camera.id} onClick={() => onOpen(camera.id)}>
          <span className="visually-hidden">{t('camera.open')}</span>
          <Preview camera={camera} index={index} previews={previews} />
        </button>
      ))}
      <div className="mosaic-rest" data-span={columns - (outside.length % columns)}>
        {cab.map(({ camera, index }) => (
          <div key={camera.id} className="cell cell-cab" data-camera={camera.id}>
            <Preview camera={camera} index={index} previews={previews} />
            <p className="cell-foot">{t('camera.cab')}</p>
          </div>
        ))}
        <CarFacts s={snapshot} />
      </div>
    </div>
  )
}

/** One camera's newest picture with its age; greyed and named as soon as it is not the present. */
export function Preview({ camera, index, previews }: { camera: Camera; index: number; previews: Previews }) {
  const t = useTranslator(text)
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => previews.attach(index, canvas.current!), [previews, index])
  useNow(250)
  const { capturedUnixMs, arrivedAt } = previews.newest(index)
  // By both clocks: a picture is old when it was taken long ago, and also when nothing newer came for long.
  const ageMs = arrivedAt === 0 ? null : Math.max(serverClock.now() - capturedUnixMs, performance.now() - arrivedAt)
  const lost = camera.state === 'lost'
  const stale = ageMs !== null && ageMs > staleAfterMs
  const frozen = camera.frozen && !lost
  const black = camera.black && !lost
  const condition = lost ? 'lost' : ageMs === null ? 'waiting' : stale ? 'stale' : black ? 'black' : frozen ? 'frozen' : 'live'
  return (
    <span className="preview" data-condition={condition}>
      <canvas ref={canvas} width={16} height={9} className={condition === 'live' ? '' : 'is-grey'} />
      <span className="preview-top">
        <b>{t.pick(camera.labelZh, camera.labelEn)}</b>
        {camera.ptz && (
          <span className="preview-tag" title={t('camera.ptz')}>
            <Icon name="move" size={18} />
          </span>
        )}
        {camera.keeping && (
          <span className="preview-keeps" data-keeping={camera.id}>
            ● {t('camera.keeping')}
          </span>
        )}
        {ageMs !== null && condition === 'live' && <span className="preview-age">{pictureAge(t, ageMs)}</span>}
        {condition !== 'live' && (
          <span className="preview-bad">
            <Icon name="warning" size={16} />
            {lost
              ? t('camera.lost')
              : black
                ? t('camera.black')
                : frozen
                  ? t('camera.frozen')
                  : ageMs === null
                    ? t(camera.state === 'streaming' ? 'camera.waiting' : `camera.${camera.state}`)
                    : t('camera.stale', { age: span(t, ageMs) })}
          </span>
        )}
      </span>
      {lost && camera.detail && <span className="preview-reason">{camera.detail}</span>}
      <span className="preview-watches">
        {camera.clipsAsked?.slice(-1).map((c) => (
          <span key={c.viewer + c.atUnixMs} className="preview-watch" data-clip-asked={camera.id}>
            <Icon name="camera" size={18} />
            <span>
              {t('camera.clipAsked', { viewer: c.viewer, time: shortTime(c.atUnixMs, t.lang) })}
              <small>{t('camera.watchReason', { reason: c.reason })}</small>
            </span>
          </span>
        ))}
        {camera.watchers.map((w) => (
          <span key={w.viewer + w.endsAtUnixMs} className="preview-watch" data-watched={camera.id}>
            <Icon name="eye" size={18} />
            <span>
              {t('camera.watched', { viewer: w.viewer, time: shortTime(w.endsAtUnixMs, t.lang) })}
              <small>{t('camera.watchReason', { reason: w.reason })}</small>
            </span>
          </span>
        ))}
      </span>
    </span>
  )
}

/** Over all cameras; a dash while no camera has counted. */
function total(s: TerminalState, of: 'vehicles' | 'headsMedian'): string {
  const known = s.cameras.map((c) => c.lastMinute?.[of] ?? null).filter((n) => n !== null)
  return known.length === 0 ? '—' : String(known.reduce((a, b) => a + b, 0))
}

function CarFacts({ s }: { s: TerminalState }) {
  const t = useTranslator(text)
  const { position, counters, lists } = s
  const loaded = lists.filter((l) => l.state === 'loaded').length
  const bad = lists.length - loaded
  return (
    <section className="car" aria-label={t('mosaic.car')}>
      <h2>
        {t('mosaic.car')} {s.unitId}
      </h2>
      <DutyButtons />
      <dl className="car-facts">
        <div>
          <dt>{t('car.place')}</dt>
          <dd className={position && !position.stale ? '' : 'is-warn'}>{position ? place(position.latitude, position.longitude) : t('position.none')}</dd>
        </div>
        <div>
          <dt>{t('car.speed')}</dt>
          <dd>{position && !position.stale ? kmh(t, position.speedMps) : '—'}</dd>
        </div>
        <div>
          <dt>{t('car.lists')}</dt>
          <dd>
            {t('car.listsLoaded', { n: loaded })}
            {bad > 0 && <span className="is-bad"> {t('car.listsBad', { n: bad })}</span>}
          </dd>
        </div>
        <div>
          <dt>{t('car.scene')}</dt>
          <dd data-fact="scene">{t('car.sceneNumbers', { vehicles: total(s, 'vehicles'), heads: total(s, 'headsMedian') })}</dd>
        </div>
      </dl>
      <dl className="car-counts">
        {(
          [
            ['counter.framesAnalysed', counters.framesAnalysed],
            ['counter.faces', counters.faces],
            ['counter.reads', counters.reads],
            ['counter.hits', counters.hitsFace + counters.hitsPlate],
            ['counter.decisions', counters.decisions],
            ['counter.eventsAcked', counters.eventsAcked],
          ] as const
        ).map(([key, value]) => (
          <div key={key}>
            <dd>{count(value, t.lang)}</dd>
            <dt>{t(key)}</dt>
          </div>
        ))}
      </dl>
    </section>
  )
}
