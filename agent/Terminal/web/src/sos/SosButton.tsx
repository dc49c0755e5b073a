import { useEffect, useRef, useState } from 'react'
import { followHeldKey } from '../shared/heldKey.ts'
import { useTranslator } from '../shared/i18n.ts'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { callForHelp, failed, sosNow } from './sos.ts'

const holdMs = 1000
const sosKey = 'F9'

/** Held for one second it calls for help, from every page, signed in or not. */
export function SosButton() {
  const t = useTranslator(text)
  const open = useStore(sosNow)
  const broken = useStore(failed)
  const [held, setHeld] = useState(false)
  const timer = useRef(0)
  const begin = () => {
    setHeld(true)
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(() => {
      setHeld(false)
      void callForHelp()
    }, holdMs)
  }
  const end = () => {
    setHeld(false)
    window.clearTimeout(timer.current)
  }
  useEffect(() => {
    const unfollow = followHeldKey(
      sosKey,
      () => {
        begin()
        return true
      },
      end,
    )
    return () => {
      unfollow()
      window.clearTimeout(timer.current)
    }
  }, [])
  return (
    <button
      type="button"
      className="sos-button"
      data-action="sos"
      data-held={held}
      title={t('sos.label')}
      aria-keyshortcuts={sosKey}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId)
        begin()
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onContextMenu={(e) => e.preventDefault()}
      onKeyDown={(e) => (e.key === ' ' || e.key === 'Enter') && !e.repeat && begin()}
      onKeyUp={(e) => (e.key === ' ' || e.key === 'Enter') && end()}
    >
      <b>{t('sos.word')}</b>
      <span>{t(broken ? 'sos.failed' : open ? 'sos.on' : held ? 'sos.keep' : 'sos.hold')}</span>
      {held && <i className="sos-progress" />}
    </button>
  )
}
