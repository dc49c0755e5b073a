import { useEffect, useRef } from 'react'
import { AlertCard } from './AlertCard.tsx'
import { alerts, currentAlertId, ranked, reportPainted, state } from './desk.ts'
import { Preview } from './Mosaic.tsx'
import { Notices } from './Notices.tsx'
import type { Previews } from './previews.ts'
import type { AlertView } from './shared/api.ts'
import { span } from './shared/format.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { play } from './sound.ts'
import { text } from './text.ts'

const rowsShown = 5

/** The card of one alert, the ranked queue of the others beside it. */
export function AlertDesk({ previews }: { previews: Previews }) {
  const t = useTranslator(text)
  const open = useStore(alerts)
  const currentId = useStore(currentAlertId)
  const snapshot = useStore(state)
  useArrivalSound(open)
  const current = open.find((a) => a.id === currentId) ?? ranked(open)[0]
  if (!current) return null
  const others = ranked(open).filter((a) => a.id !== current.id)
  const cameraIndex = snapshot?.cameras.findIndex((c) => c.id === current.cameraId) ?? -1
  const camera = snapshot?.cameras[cameraIndex]
  const cameraOf = (id: string) => {
    const known = snapshot?.cameras.find((c) => c.id === id)
    return known ? t.pick(known.labelZh, known.labelEn) : id
  }
  return (
    <div className="desk" role="region" aria-label={t('queue.title')}>
      <AlertCard key={current.id} alert={current} cameraOf={cameraOf} />
      <aside className="queue">
        <h2>
          {t('queue.title')} <span className="tag" data-queue-count={open.length}>{t('queue.count', { n: open.length })}</span>
        </h2>
        <ul className="queue-rows">
          {others.slice(0, rowsShown).map((a) => (
            <QueueRow key={a.id} alert={a} />
          ))}
        </ul>
        {others.length === 0 && <p className="soft">{t('queue.none')}</p>}
        {others.length > rowsShown && <p className="queue-more">{t('queue.more', { n: others.length - rowsShown })}</p>}
        <Notices />
        {camera && (
          <figure className="queue-camera" data-camera={camera.id}>
            <figcaption>{t('queue.camera')}</figcaption>
            <Preview key={camera.id} camera={camera} index={cameraIndex} previews={previews} />
          </figure>
        )}
      </aside>
    </div>
  )
}

function QueueRow({ alert }: { alert: AlertView }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  useEffect(() => reportPainted(alert.id), [alert.id])
  const tone = t(`tone.${alert.tone}`)
  return (
    <li>
      <button type="button" className={`queue-row tone-${alert.tone}`} data-queued={alert.id} onClick={() => currentAlertId.set(alert.id)}>
        <Icon name={alert.tone} size={26} />
        <span>
          <span className="visually-hidden">{t('queue.open')}</span>
          <b>
            {tone} · {t(`kind.${alert.kind}`)} {alert.listedText}
          </b>
          <small>
            {t.code('category.', alert.category)} · {t('age.left', { age: span(t, alert.lapsesAtUnixMs - now) })}
          </small>
        </span>
      </button>
    </li>
  )
}

/** Sounds once for each arrival; the graver tone when several come together. */
function useArrivalSound(open: readonly AlertView[]): void {
  const heard = useRef(new Set<string>())
  useEffect(() => {
    const fresh = open.filter((a) => !heard.current.has(a.id))
    for (const a of fresh) heard.current.add(a.id)
    if (fresh.length > 0) play(fresh.some((a) => a.tone === 'stop') ? 'stop' : 'check')
  }, [open])
}
