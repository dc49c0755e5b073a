import { useEffect, useRef, useState } from 'react'
import { clockTime } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon, type IconName } from '@shared/icons.tsx'
import type { LivePreset } from '@shared/live.ts'
import { LiveVideo } from '@shared/LiveVideo.tsx'
import { PtzPad } from '@shared/PtzPad.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { account, camerasOf, units } from '../centre.ts'
import { text } from '../text.ts'
import { TileAsk, type Act } from './TileAsk.tsx'
import { ended, liveNow, remove, type Tile } from './wall.ts'

const noticeMs = 6000

/** One view: the picture with its age and viewer over it, how long it still runs, and what may be done with it. */
export function LiveTile({ tile, full, hidden, onFull }: { tile: Tile; full: boolean; hidden: boolean; onFull: (on: boolean) => void }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const who = useStore(account)
  const unit = useStore(units)?.list.find((u) => u.unitId === tile.unitId)
  const camera = unit && camerasOf(unit).find((c) => c.id === tile.cameraId)
  const name = camera ? t.pick(camera.labelZh, camera.labelEn) : tile.cameraId
  const shownAt = useRef(0)
  const [head, setHead] = useState<{ steerable: boolean; presets: readonly LivePreset[] }>({ steerable: false, presets: [] })
  const [act, setAct] = useState<Act | null>(null)
  const [done, setDone] = useState<Act | null>(null)
  const [problem, setProblem] = useState('')
  const over = tile.ended !== null
  useEffect(() => {
    if (!done && !problem) return
    const timer = window.setTimeout(() => {
      setDone(null)
      setProblem('')
    }, noticeMs)
    return () => window.clearTimeout(timer)
  }, [done, problem])

  const end = () =>
    request('DELETE', `/api/live/${encodeURIComponent(tile.leaseId)}`).then(
      () => ended(tile.leaseId, 'ended by the viewer'),
      (e: unknown) => (e instanceof ApiError && e.status === 404 ? ended(tile.leaseId, '') : setProblem(errorCode(e))),
    )
  const button = (action: string, icon: IconName, label: string, onClick: () => void) => (
    <button type="button" className="tool tile-tool" data-action={action} aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={20} />
    </button>
  )
  const steerable = head.steerable && !over
  return (
    <article className={full ? 'tile-live is-full' : 'tile-live'} hidden={hidden} data-tile={tile.leaseId} data-camera={tile.cameraId} data-over={over}>
      <div className="tile-picture">
        <LiveVideo
          path={`/api/live/${encodeURIComponent(tile.leaseId)}/video`}
          title={`${tile.unitId} · ${name}`}
          watermark={t('live.watermark', { user: who?.user ?? '', unit: tile.unitId, time: clockTime(now, t.lang).slice(0, 5) })}
          asked={tile.quality}
          onEnded={(reason) => ended(tile.leaseId, reason)}
          onStatus={(s) => {
            shownAt.current = s.shownCapturedUnixMs
            setHead((h) => (h.steerable === s.steerable && h.presets === s.presets ? h : { steerable: s.steerable, presets: s.presets }))
          }}
        />
        <Steered tile={tile} />
        {(done || problem) && (
          <p className={problem ? 'tile-notice is-bad' : 'tile-notice'} role="status" data-done={done ?? ''}>
            {problem ? t.code('error.', problem) : t(`wall.done.${done!}`)}
          </p>
        )}
      </div>
      <div className="tile-bar">
        <TimeLeft tile={tile} now={now} />
        <span className="tile-reason">{tile.reason}</span>
        {over ? (
          button('tile-remove', 'cross', t('wall.close'), () => remove(tile.leaseId))
        ) : (
          <>
            {button('tile-renew', 'renew', t('wall.renew'), () => setAct('renew'))}
            {button('tile-snapshot', 'still', t('wall.snapshot'), () => setAct('snapshot'))}
            {button('tile-mark', 'flag', t('wall.mark'), () => setAct('mark'))}
            {button('tile-full', full ? 'back' : 'enlarge', t(full ? 'wall.small' : 'wall.full'), () => onFull(!full))}
            {button('tile-end', 'cross', t('wall.end'), () => void end())}
          </>
        )}
      </div>
      {act && (
        <TileAsk
          key={act}
          tile={tile}
          act={act}
          shownAtUnixMs={() => shownAt.current}
          onDone={(did) => {
            setAct(null)
            setDone(did)
          }}
        />
      )}
      {full && steerable && <Head tile={tile} presets={head.presets} />}
    </article>
  )
}

function TimeLeft({ tile, now }: { tile: Tile; now: number }) {
  const t = useTranslator(text)
  if (tile.ended !== null) return <b className="tile-left is-bad">{tile.ended ? t('live.overWhy', { why: t.code('endReason.', tile.ended) }) : t('live.over')}</b>
  const s = Math.max(0, Math.round((tile.endsAtUnixMs - now) / 1000))
  return (
    <b className={s < 60 ? 'tile-left is-warn' : 'tile-left'} role="timer" data-left={s}>
      <Icon name="clock" size={18} />
      {t('live.left', { age: `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}` })}
    </b>
  )
}

function useHand(tile: Tile) {
  return useStore(liveNow)?.hands.find((h) => h.unitId === tile.unitId && h.cameraId === tile.cameraId)
}

/** Who moves the camera now, for everybody who watches it. */
function Steered({ tile }: { tile: Tile }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const who = useStore(account)
  const hand = useHand(tile)
  const n = hand ? Math.round((hand.freeAtUnixMs - now) / 1000) : 0
  if (!hand || n <= 0 || tile.ended !== null) return null
  return (
    <span className="tile-hand" data-hand={hand.account}>
      <Icon name="move" size={16} />
      {hand.account === who?.user ? t('wall.steeredByYou', { n }) : t('wall.steered', { user: hand.account, n })}
    </span>
  )
}

function Head({ tile, presets }: { tile: Tile; presets: readonly LivePreset[] }) {
  const t = useTranslator(text)
  const who = useStore(account)
  const hand = useHand(tile)
  const [failed, setFailed] = useState('')
  const others = hand !== undefined && hand.account !== who?.user
  const act = (work: Promise<unknown>) => {
    setFailed('')
    void work.catch((e: unknown) => setFailed(errorCode(e)))
  }
  return (
    <aside className="tile-head">
      <PtzPad send={(move) => request('POST', '/api/ptz', { leaseId: tile.leaseId, ...move })} />
      {others && who?.role === 'supervisor' && (
        <button type="button" data-action="take-over" onClick={() => act(request('POST', `/api/live/${encodeURIComponent(tile.leaseId)}/hand`, { takeOver: true }))}>
          {t('wall.takeOver')}
        </button>
      )}
      {presets.length > 0 && (
        <div className="tile-presets" role="group" aria-label={t('wall.presets')}>
          <b>{t('wall.presets')}</b>
          {presets.map((p) => (
            <button key={p.token} type="button" data-preset={p.token} onClick={() => act(request('POST', '/api/ptz', { leaseId: tile.leaseId, pan: 0, tilt: 0, zoom: 0, preset: p.token }))}>
              <span data-own-words>{p.name || p.token}</span>
            </button>
          ))}
        </div>
      )}
      {failed && (
        <p className="error-line" role="alert">
          {t.code('error.', failed)}
        </p>
      )}
    </aside>
  )
}
