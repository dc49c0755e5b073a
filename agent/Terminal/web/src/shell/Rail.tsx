import { useEffect } from 'react'
import { session, state } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { SosButton } from '../sos/SosButton.tsx'
import { text } from '../text.ts'
import { Hearing } from '../voice/Hearing.tsx'
import { TalkButton } from '../voice/TalkButton.tsx'
import { goTo, page, pages } from './pages.tsx'

/** The terminal's pages, one touch each, on every screen of an officer on duty. An open alert does not cover it. */
export function Rail() {
  const t = useTranslator(text)
  const who = useStore(session)
  const shown = useStore(page)
  const snapshot = useStore(state)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const wanted = event.altKey && !event.ctrlKey && !event.metaKey ? pages[Number(event.key) - 1] : undefined
      if (!wanted || !session.get()) return
      event.preventDefault()
      goTo(wanted.id)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <nav className="rail" aria-label={t('rail.label')}>
      {who &&
        pages.map((p, index) => {
          const waiting = (snapshot && p.waiting?.(snapshot)) || 0
          return (
            <button
              key={p.id}
              type="button"
              data-page={p.id}
              aria-current={p.id === shown ? 'page' : undefined}
              aria-keyshortcuts={`Alt+${index + 1}`}
              onClick={() => goTo(p.id)}
            >
              <Icon name={p.icon} size={28} />
              <span>{t.code('rail.', p.id)}</span>
              {waiting > 0 && (
                <>
                  <b className="rail-waiting">{waiting}</b>
                  <span className="visually-hidden">{t('rail.waiting')}</span>
                </>
              )}
            </button>
          )
        })}
      <div className="rail-foot">
        <Hearing />
        {who && <TalkButton />}
        <SosButton />
      </div>
    </nav>
  )
}
