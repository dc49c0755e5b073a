import { useRef, useState, type PointerEvent } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { text } from '../text.ts'

const width = 560
const height = 170

/** A finger's signature, black on white, as a PNG in base64. */
export function SignaturePad({ label, onKeep }: { label: string; onKeep: (png: string) => void }) {
  const t = useTranslator(text)
  const canvas = useRef<HTMLCanvasElement>(null)
  const drawing = useRef(false)
  const [inked, setInked] = useState(false)
  const pen = () => {
    const context = canvas.current!.getContext('2d')!
    Object.assign(context, { lineWidth: 3.2, lineCap: 'round', lineJoin: 'round', strokeStyle: '#000' })
    return context
  }
  const at = (e: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const box = e.currentTarget.getBoundingClientRect()
    return [((e.clientX - box.left) * width) / box.width, ((e.clientY - box.top) * height) / box.height]
  }
  const clear = () => {
    const context = pen()
    context.fillStyle = '#fff'
    context.fillRect(0, 0, width, height)
    setInked(false)
  }
  return (
    <div className="pad">
      <canvas
        ref={(made) => {
          if (made && canvas.current !== made) {
            canvas.current = made
            clear()
          }
        }}
        width={width}
        height={height}
        role="img"
        aria-label={label}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId)
          drawing.current = true
          const context = pen()
          context.beginPath()
          context.moveTo(...at(e))
        }}
        onPointerMove={(e) => {
          if (!drawing.current) return
          const context = pen()
          context.lineTo(...at(e))
          context.stroke()
          setInked(true)
        }}
        onPointerUp={() => (drawing.current = false)}
        onPointerCancel={() => (drawing.current = false)}
      />
      <div className="case-chips">
        <button type="button" className="primary" data-action="keep-signature" disabled={!inked} onClick={() => onKeep(canvas.current!.toDataURL('image/png').split(',')[1]!)}>
          {t('record.signKeep')}
        </button>
        <button type="button" disabled={!inked} onClick={clear}>
          {t('record.signAgain')}
        </button>
      </div>
    </div>
  )
}
