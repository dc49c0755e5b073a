import { useEffect } from 'react'
import { alerts, session, state } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { Store, useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { useDriving } from './driving.tsx'
import { page } from './pages.tsx'
import { problemsOf } from './problems.ts'
import { tour } from './Tour.tsx'

export const helpOpen = new Store(false)

export function HelpButton() {
  const t = useTranslator(text)
  const open = useStore(helpOpen)
  return (
    <button type="button" className="tool" data-action="help" aria-expanded={open} aria-label={t('help.open')} title={t('help.open')} onClick={() => helpOpen.set(!open)}>
      <b aria-hidden="true">?</b>
    </button>
  )
}

/** What this page is for, and what is wrong now with what to do about it. */
export function Help() {
  const t = useTranslator(text)
  const open = useStore(helpOpen)
  const shown = useStore(page)
  const who = useStore(session)
  const waiting = useStore(alerts).length
  const snapshot = useStore(state)
  const driving = useDriving()
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => e.key === 'Escape' && helpOpen.set(false)
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  if (!open) return null
  const topic = !who ? 'signIn' : waiting > 0 ? 'alerts' : shown
  const problems = snapshot ? problemsOf(snapshot) : []
  return (
    <aside className="help" aria-label={t('help.open')} data-help={topic}>
      <div className="panel-head">
        <h2>{topic === 'signIn' || topic === 'alerts' ? t('help.open') : t('help.title', { page: t.code('rail.', topic) })}</h2>
        <button type="button" data-action="close-help" onClick={() => helpOpen.set(false)}>
          <Icon name="cross" size={18} />
          {t('action.close')}
        </button>
      </div>
      <div className="help-body">
        <h3>{t('help.now')}</h3>
        {problems.length === 0 && (
          <p className="help-fine">
            <Icon name="tick" />
            {t('help.nothing')}
          </p>
        )}
        <ul>
          {problems.map((p) => (
            <li key={p.id} data-problem={p.id}>
              <Icon name="warning" />
              <span>
                <b>{t(`problem.${p.id}.title`, p.more ?? {})}</b>
                {t(`problem.${p.id}.do`)}
              </span>
            </li>
          ))}
        </ul>
        <p className="help-words">{t.code('help.', topic)}</p>
        {!driving && <p className="help-keys">{t('help.keys')}</p>}
        {who && !driving && (
          <button
            type="button"
            data-action="tour"
            onClick={() => {
              helpOpen.set(false)
              tour.set(0)
            }}
          >
            {t('help.tour')}
          </button>
        )}
      </div>
    </aside>
  )
}
