import { useEffect, useRef, useState, type PointerEvent } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { text } from '../text.ts'
import { boxAt, type Box, type Job, type Move, type Track } from './api.ts'
import type { Edits } from './RedactionEditor.tsx'

interface Area { x: number; y: number; width: number; height: number }

/** Less than this is a slip of the hand. */
const leastSide = 6

function moved(box: Box, frame: number, moves: readonly Move[]): Box {
  return moves
    .filter((m) => frame >= m.fromFrame && frame <= m.toFrame)
    .reduce((b, m) => {
      const [width, height] = [b.width * m.grow, b.height * m.grow]
      return { ...b, x: b.x + m.dx - (width - b.width) / 2, y: b.y + m.dy - (height - b.height) / 2, width, height }
    }, box)
}

/** The picture with the boxes of its frame over it: chosen and dragged by hand, or drawn. */
export function EditorPicture(props: {
  job: Job
  itemId: string
  frame: number
  tracks: readonly Track[]
  edits: Edits
  chosen: string | null
  drawing: boolean
  onFrame: (frame: number) => void
  onChoose: (id: string) => void
  onMove: (id: string, dx: number, dy: number) => void
  onDraw: (box: Area) => void
}) {
  const t = useTranslator(text)
  const { job, frame, edits, chosen, drawing, onFrame } = props
  const video = useRef<HTMLVideoElement>(null)
  const svg = useRef<SVGSVGElement>(null)
  const [drag, setDrag] = useState<{ id: string | null; from: [number, number]; to: [number, number] } | null>(null)
  const url = `/api/evidence/${encodeURIComponent(props.itemId)}/file`
  const isPicture = job.frames <= 1
  useEffect(() => {
    const timer = window.setInterval(() => {
      const v = video.current
      if (v && !v.paused) onFrame(Math.min(job.frames - 1, Math.round(v.currentTime * job.framesPerSecond)))
    }, 60)
    return () => window.clearInterval(timer)
  }, [job.frames, job.framesPerSecond, onFrame])
  const seek = (n: number) => {
    onFrame(n)
    if (!video.current) return
    video.current.pause()
    // The middle of the frame: its very edge may show the one before.
    video.current.currentTime = (n + 0.5) / job.framesPerSecond
  }

  const place = (e: PointerEvent): [number, number] => {
    // Through the drawing's own transformation: the picture may stand between bars.
    const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.current!.getScreenCTM()!.inverse())
    return [at.x, at.y]
  }
  const begin = (e: PointerEvent, id: string | null) => {
    e.stopPropagation()
    if (id === null && !drawing) return
    svg.current!.setPointerCapture(e.pointerId)
    if (id !== null) props.onChoose(id)
    setDrag({ id, from: place(e), to: place(e) })
  }
  const end = () => {
    if (!drag) return
    const [dx, dy] = [drag.to[0] - drag.from[0], drag.to[1] - drag.from[1]]
    setDrag(null)
    if (drag.id !== null) {
      if (Math.abs(dx) + Math.abs(dy) > leastSide / 2) props.onMove(drag.id, dx, dy)
    } else if (Math.abs(dx) >= leastSide && Math.abs(dy) >= leastSide)
      props.onDraw({ x: Math.min(drag.from[0], drag.to[0]), y: Math.min(drag.from[1], drag.to[1]), width: Math.abs(dx), height: Math.abs(dy) })
  }
  return (
    <div className="redaction-picture">
      <div className="redaction-frame" style={{ aspectRatio: `${job.width} / ${job.height}` }}>
        {isPicture ? <img src={url} alt={t('redact.title')} /> : <video ref={video} src={url} muted playsInline preload="auto" aria-label={t('redact.title')} />}
        <svg ref={svg} viewBox={`0 0 ${job.width} ${job.height}`} className={drawing ? 'is-drawing' : ''} onPointerDown={(e) => begin(e, null)} onPointerMove={(e) => drag && setDrag({ ...drag, to: place(e) })} onPointerUp={end} onPointerCancel={() => setDrag(null)}>
          {props.tracks.map((track) => {
            const at = boxAt(track, frame)
            if (!at) return null
            const shift = drag?.id === track.id ? [drag.to[0] - drag.from[0], drag.to[1] - drag.from[1]] : [0, 0]
            const box = moved(at, frame, edits.move.filter((m) => m.id === track.id))
            const open = edits.keep.includes(track.id) || edits.remove.includes(track.id)
            return (
              <rect
                key={track.id}
                data-box={track.id}
                className={`redaction-box${open ? ' is-open' : ''}${chosen === track.id ? ' is-chosen' : ''}`}
                x={box.x + shift[0]!}
                y={box.y + shift[1]!}
                width={box.width}
                height={box.height}
                onPointerDown={(e) => !drawing && begin(e, track.kind === 'hand' ? null : track.id)}
              />
            )
          })}
          {drag?.id === null && <rect className="redaction-box is-chosen" x={Math.min(drag.from[0], drag.to[0])} y={Math.min(drag.from[1], drag.to[1])} width={Math.abs(drag.to[0] - drag.from[0])} height={Math.abs(drag.to[1] - drag.from[1])} />}
        </svg>
      </div>
      {!isPicture && (
        <label className="redaction-time">
          {t('redact.frame', { n: frame })}
          <input name="frame" type="range" min={0} max={job.frames - 1} value={frame} onChange={(e) => seek(Number(e.target.value))} />
        </label>
      )}
    </div>
  )
}
