import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { commonText } from './commonText.ts'
import { errorCode } from './http.ts'
import { useTranslator } from './i18n.ts'
import { Icon } from './icons.tsx'

export interface PtzMove { pan: number; tilt: number; zoom: number; holdMs: number }

type Direction = 'upLeft' | 'up' | 'upRight' | 'left' | 'right' | 'downLeft' | 'down' | 'downRight' | 'in' | 'out'
const vectors: Record<Direction, [pan: number, tilt: number, zoom: number]> = {
  upLeft: [-0.5, 0.5, 0],
  up: [0, 0.6, 0],
  upRight: [0.5, 0.5, 0],
  left: [-0.6, 0, 0],
  right: [0.6, 0, 0],
  downLeft: [-0.5, -0.5, 0],
  down: [0, -0.6, 0],
  downRight: [0.5, -0.5, 0],
  in: [0, 0, 0.6],
  out: [0, 0, -0.6],
}
const turns: Partial<Record<Direction, number>> = { up: 0, upRight: 45, right: 90, downRight: 135, down: 180, downLeft: 225, left: 270, upLeft: 315 }
const keys: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', '+': 'in', '=': 'in', '-': 'out' }

// Each command holds for a little longer than the time to the next, so that a lost release or a lost page stops the head.
const repeatMs = 300
const holdMs = 600

export function PtzPad({ send }: { send: (move: PtzMove) => Promise<unknown> }) {
  const t = useTranslator(commonText)
  const [moving, setMoving] = useState<Direction | null>(null)
  const [failure, setFailure] = useState('')
  const timer = useRef<number | undefined>(undefined)
  const current = useRef<Direction | null>(null)
  const sender = useRef(send)
  sender.current = send

  const stop = useCallback(() => {
    if (current.current === null) return
    current.current = null
    window.clearInterval(timer.current)
    setMoving(null)
    sender.current({ pan: 0, tilt: 0, zoom: 0, holdMs: 0 }).catch((e: unknown) => setFailure(errorCode(e)))
  }, [])

  const start = (direction: Direction) => {
    if (current.current === direction) return
    window.clearInterval(timer.current)
    current.current = direction
    setMoving(direction)
    setFailure('')
    const [pan, tilt, zoom] = vectors[direction]
    const once = () => void sender.current({ pan, tilt, zoom, holdMs }).catch((e: unknown) => setFailure(errorCode(e)))
    once()
    timer.current = window.setInterval(once, repeatMs)
  }

  useEffect(() => {
    window.addEventListener('blur', stop)
    return () => {
      window.removeEventListener('blur', stop)
      stop()
    }
  }, [stop])

  const button = (direction: Direction) => (
    <button
      key={direction}
      type="button"
      className={`ptz-key ptz-${direction}`}
      aria-label={t(`ptz.${direction}`)}
      aria-pressed={moving === direction}
      onPointerDown={(e: PointerEvent<HTMLButtonElement>) => {
        e.currentTarget.setPointerCapture(e.pointerId)
        start(direction)
      }}
      onPointerUp={stop}
      onPointerCancel={stop}
      onLostPointerCapture={stop}
      onKeyDown={(e) => {
        if (e.key === 'Enter' || e.key === ' ') {
          e.preventDefault()
          start(direction)
        }
      }}
      onKeyUp={stop}
      onBlur={stop}
      onContextMenu={(e) => e.preventDefault()}
    >
      {turns[direction] === undefined ? <Icon name={direction === 'in' ? 'plus' : 'minus'} /> : <Icon name="arrow" turn={turns[direction]} />}
    </button>
  )

  return (
    <div
      className="ptz"
      role="group"
      aria-label={t('ptz.title')}
      tabIndex={0}
      onKeyDown={(e: KeyboardEvent) => {
        const direction = keys[e.key]
        if (!direction) return
        e.preventDefault()
        start(direction)
      }}
      onKeyUp={(e: KeyboardEvent) => {
        if (keys[e.key]) stop()
      }}
    >
      <p className="ptz-title">
        {t('ptz.title')}
        <small>{t('ptz.hint')}</small>
        <small>{t('ptz.keys')}</small>
      </p>
      <div className="ptz-grid">
        {(['upLeft', 'up', 'upRight', 'left', 'right', 'downLeft', 'down', 'downRight'] as const).map(button)}
        <span className="ptz-centre" aria-hidden="true" />
      </div>
      <div className="ptz-zoom">{(['out', 'in'] as const).map(button)}</div>
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
    </div>
  )
}
