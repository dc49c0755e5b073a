import { useEffect, useRef, useState, type ReactNode } from 'react'
import { serverClock } from './clock.ts'
import { commonText } from './commonText.ts'
import { pictureAge, span } from './format.ts'
import { useTranslator } from './i18n.ts'
import { LivePlayer, type LiveStatus } from './live.ts'

const staleAfterMs = 2000
// Key pictures alone come one in two seconds at best, and the age beside them says what each is worth.
const staleAfterMsAtKeys = 6000

/** One live camera: the picture, its age, and words instead of a picture whenever it is not live. */
export function LiveVideo(props: {
  path: string
  title: string
  watermark?: string
  /** What was asked for: what the link carries is told when it is less. */
  asked?: 'main' | 'sub'
  onEnded?: (reason: string) => void
  onUnsupported?: () => void
  /** Told five times a second. */
  onStatus?: (status: LiveStatus) => void
  /** Where in the picture somebody touched, from its middle, in shares of its width and height. */
  onTouched?: (right: number, down: number) => void
  children?: ReactNode
}) {
  const t = useTranslator(commonText)
  const video = useRef<HTMLVideoElement>(null)
  const player = useRef<LivePlayer | null>(null)
  const [status, setStatus] = useState<LiveStatus | null>(null)
  const { path, onEnded, onUnsupported, onStatus } = props
  const handlers = useRef({ onEnded, onUnsupported, onStatus })
  handlers.current = { onEnded, onUnsupported, onStatus }

  useEffect(() => {
    const live = new LivePlayer(video.current!, path, (s) => {
      setStatus(s)
      handlers.current.onStatus?.(s)
      if (s.phase === 'ended') handlers.current.onEnded?.(s.endReason)
      if (s.phase === 'unsupported') handlers.current.onUnsupported?.()
    })
    player.current = live
    setStatus(live.status)
    const timer = window.setInterval(() => {
      setStatus(live.status)
      handlers.current.onStatus?.(live.status)
    }, 200)
    return () => {
      window.clearInterval(timer)
      live.stop()
    }
  }, [path])

  const sinceShownMs = status && status.shownAt > 0 ? performance.now() - status.shownAt : null
  const stale = sinceShownMs !== null && sinceShownMs > (status?.level === 'keys' ? staleAfterMsAtKeys : staleAfterMs)
  const ended = status?.phase === 'ended'
  const ageMs = status && status.shownCapturedUnixMs > 0 ? Math.max(0, serverClock.now() - status.shownCapturedUnixMs) : null
  const live = sinceShownMs !== null && !stale && !ended
  const narrow = status?.level === 'keys' ? 'keys' : status?.level === 'sub' && props.asked === 'main' ? 'sub' : null
  return (
    <div className="live" data-level={status?.level ?? ''} data-live={ended ? 'ended' : stale ? 'stale' : live ? 'live' : (status?.phase ?? 'connecting')}>
      <video
        ref={video}
        className={stale || ended ? 'is-grey' : ''}
        aria-label={props.title}
        onClick={(e) => {
          const at = live && props.onTouched ? inPicture(e.currentTarget, e.clientX, e.clientY) : null
          if (at) props.onTouched!(...at)
        }}
      />
      {props.watermark && <WatermarkRows text={props.watermark} />}
      <div className="live-stamp">
        <strong>{props.title}</strong>
        {live && ageMs !== null && (
          <span className={ageMs > staleAfterMs ? 'tag tag-bad' : 'tag tag-live'}>
            {ageMs > staleAfterMs ? '' : `${t('live.live')} · `}
            {t('live.age', { age: pictureAge(t, ageMs) })}
          </span>
        )}
        {live && narrow && <span className="tag tag-warn">{t(`live.narrow.${narrow}`, { rate: status?.linkKbitS ?? 0 })}</span>}
      </div>
      {!live && (
        <div className="live-words" role="status">
          {ended
            ? t('live.ended')
            : stale
              ? t('live.stale', { age: span(t, sinceShownMs ?? 0) })
              : status?.phase === 'unsupported'
                ? t('live.unsupported', { codec: status.codec })
                : status?.phase === 'failed'
                  ? t('live.failed')
                  : status?.phase === 'waiting'
                    ? t('live.waiting')
                    : t('live.connecting')}
        </div>
      )}
      {props.children}
    </div>
  )
}

/** The picture keeps its shape and does not fill its box: what lies beside it is no place in it. */
function inPicture(video: HTMLVideoElement, x: number, y: number): [right: number, down: number] | null {
  const box = video.getBoundingClientRect()
  if (video.videoWidth === 0) return null
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight)
  const right = (x - box.left - box.width / 2) / (video.videoWidth * scale)
  const down = (y - box.top - box.height / 2) / (video.videoHeight * scale)
  return Math.abs(right) <= 0.5 && Math.abs(down) <= 0.5 ? [right, down] : null
}

/** Who watches, all over the picture, so that a photograph of the screen names its taker. */
function WatermarkRows({ text }: { text: string }) {
  return (
    <div className="watermark" aria-hidden="true">
      {Array.from({ length: 12 }, (_, i) => (
        <span key={i}>{text}</span>
      ))}
    </div>
  )
}
