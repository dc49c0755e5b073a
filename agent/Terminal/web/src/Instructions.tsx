import { useEffect, useRef, useState } from 'react'
import { markRead, state } from './desk.ts'
import type { InstructionView } from './shared/api.ts'
import { shortTime } from './shared/format.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { play } from './sound.ts'
import { text } from './text.ts'

const none: readonly InstructionView[] = []

/** What the centre said and nobody has read yet, urgent ones first. Stays until somebody says so: nothing fades away unread. */
export function Instructions() {
  const t = useTranslator(text)
  const list = useStore(state)?.instructions ?? none
  const [failed, setFailed] = useState('')
  const heard = useRef(new Set<string>())
  useEffect(() => {
    const fresh = list.filter((i) => !heard.current.has(i.id))
    for (const i of fresh) heard.current.add(i.id)
    if (fresh.length > 0) play(fresh.some((i) => i.urgent) ? 'stop' : 'check')
  }, [list])
  const shown = list[0]
  if (!shown) return null
  const read = (): void => {
    setFailed('')
    markRead(shown.id).catch(() => setFailed(shown.id))
  }
  return (
    <section className={`instruction${shown.urgent ? ' instruction-urgent' : ''}`} role={shown.urgent ? 'alert' : 'status'} data-instruction={shown.id}>
      <header>
        <Icon name="warning" />
        <strong>{t(shown.urgent ? 'instruction.urgent' : 'instruction.title')}</strong>
        <span>{t('instruction.from', { who: shown.issuer, time: shortTime(shown.issuedAtUnixMs, t.lang) })}</span>
        {list.length > 1 && <span className="instruction-more">{t('instruction.more', { n: list.length - 1 })}</span>}
      </header>
      <p>{shown.text}</p>
      {failed === shown.id && <p className="instruction-failed">{t('instruction.failed')}</p>}
      <button type="button" className="primary" onClick={read}>
        <Icon name="tick" />
        {t('instruction.read')}
      </button>
    </section>
  )
}
