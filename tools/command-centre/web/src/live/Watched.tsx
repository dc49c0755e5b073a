import { useState } from 'react'
import { shortTime } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { camerasOf, units } from '../centre.ts'
import { text } from '../text.ts'
import type { LiveTold } from './wall.ts'

/** All that is being watched now, for those who oversee: by whom, why, until when; any of it can be ended. */
export function Watched({ watched }: { watched: readonly LiveTold[] | null }) {
  const t = useTranslator(text)
  const [failed, setFailed] = useState('')
  const known = useStore(units)?.list ?? []
  const nameOf = (view: LiveTold) => {
    const camera = known.filter((u) => u.unitId === view.unitId).flatMap(camerasOf).find((c) => c.id === view.cameraId)
    return `${view.unitId} ${camera ? t.pick(camera.labelZh, camera.labelEn) : view.cameraId}`
  }
  const end = (view: LiveTold) => {
    setFailed('')
    void request('DELETE', `/api/live/${encodeURIComponent(view.leaseId)}`).catch((e: unknown) => {
      if (!(e instanceof ApiError && e.status === 404)) setFailed(errorCode(e))
    })
  }
  return (
    <aside className="watched" aria-label={t('watched.title')}>
      <div className="column-head">
        <Icon name="eye" />
        <h2>{t('watched.title')}</h2>
        {watched && <span className="tag">{watched.length}</span>}
      </div>
      {failed && (
        <p className="error-line" role="alert">
          {t.code('error.', failed)}
        </p>
      )}
      {watched === null ? (
        <p className="empty">{t('watched.waiting')}</p>
      ) : watched.length === 0 ? (
        <p className="empty">{t('watched.none')}</p>
      ) : (
        <ul className="watched-rows">
          {watched.map((view) => (
            <li key={view.leaseId} data-watched={view.leaseId}>
              <div>
                <b>{nameOf(view)}</b>
                <span>
                  {view.account} · {t('watched.until', { time: shortTime(view.endsAtUnixMs, t.lang) })} · {view.screens === 1 ? t('watched.oneScreen') : t('watched.screens', { n: view.screens })}
                </span>
                <span className="soft">{view.reason}</span>
              </div>
              <button type="button" className="tool" data-action="watched-end" aria-label={t('watched.end', { user: view.account, camera: nameOf(view) })} title={t('watched.end', { user: view.account, camera: nameOf(view) })} onClick={() => end(view)}>
                <Icon name="cross" size={20} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </aside>
  )
}
