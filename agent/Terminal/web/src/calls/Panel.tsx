import type { ReactNode } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { text } from '../text.ts'
import type { Call } from './calls.ts'
import { titleOf } from './words.ts'

/** One thing to do about a call, in the place of the call itself; the way back is always the same. */
export function Panel({ call, name, title, failed, onBack, children }: { call: Call; name: string; title: string; failed: string; onBack: () => void; children: ReactNode }) {
  const t = useTranslator(text)
  return (
    <section className={`call call-panel call-panel-${name}`} data-call-panel={name} aria-label={title}>
      <header>
        <button type="button" data-action="panel-back" onClick={onBack}>
          <Icon name="back" />
          {t('action.back')}
        </button>
        <h2>{title}</h2>
        <span className="soft">{titleOf(t, call)}</span>
      </header>
      {failed && (
        <p className="error-line" role="alert" data-refused>
          <Icon name="warning" />
          {t('calls.failed', { why: failed })}
        </p>
      )}
      {children}
    </section>
  )
}
