import { useEffect, useRef, useState } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { text } from '../text.ts'
import { FaceAttempt, type Act, type FaceEnd, type Look } from './faceLogin.ts'

const before: Look = { phase: 'waiting', asked: '', done: 0, of: 3, code: 'starting' }

/** The cab camera as a mirror, and one thing to do in words that are read at arm's length. The PIN pad beside it goes on working. */
export function FaceLogin({ onEnd, onCancel }: { onEnd: (end: FaceEnd) => void; onCancel: () => void }) {
  const t = useTranslator(text)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [look, setLook] = useState(before)
  const ended = useRef(onEnd)
  ended.current = onEnd
  useEffect(() => {
    const attempt = new FaceAttempt(() => canvas.current, setLook, (end) => ended.current(end))
    return () => attempt.stop()
  }, [])
  return (
    <section className="face-login" data-phase={look.phase} data-asked={look.asked}>
      <div className="face-mirror">
        <canvas ref={canvas} aria-label={t('face.mirror')} role="img" />
        <svg viewBox="0 0 320 180" aria-hidden="true">
          <ellipse cx="160" cy="92" rx="52" ry="70" />
        </svg>
      </div>
      <p className="face-words" role="status" aria-live="assertive">
        {look.asked && <Arrow act={look.asked} />}
        <b>{look.asked ? t(`faceAct.${look.asked}`) : look.phase === 'waiting' ? t.code('faceWait.', look.code) : t(look.phase === 'return' ? 'face.front' : 'face.quiet')}</b>
      </p>
      <div className="face-foot">
        <span className="face-steps" role="img" aria-label={t('face.steps', { done: look.done, of: look.of })}>
          {Array.from({ length: look.of }, (_, i) => (
            <i key={i} className={i < look.done ? 'is-done' : i === look.done && look.asked ? 'is-now' : ''} />
          ))}
        </span>
        <button type="button" data-action="face-cancel" onClick={onCancel}>
          <Icon name="cross" size={22} />
          {t('face.cancel')}
        </button>
      </div>
    </section>
  )
}

/** As the mirror shows it: the officer's left is on the left. */
function Arrow({ act }: { act: Act }) {
  return (
    <svg className="face-arrow" viewBox="0 0 48 48" aria-hidden="true" data-arrow={act}>
      {act === 'close_eyes' ? (
        <path d="M4 18c6 9 12 12 20 12s14-3 20-12M10 27l-4 6M19 31l-2 7M29 31l2 7M38 27l4 6" />
      ) : (
        <path d={act === 'turn_left' ? 'M44 24H6M22 8 6 24l16 16' : 'M4 24h38M26 8l16 16-16 16'} />
      )}
    </svg>
  )
}
