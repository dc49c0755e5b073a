import { lookUpOpen } from './lookUps.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { text } from './text.ts'

/** The way to a look-up, on every screen of an officer on duty; an open alert covers it, since that comes first. */
export function LookUpButton() {
  const t = useTranslator(text)
  return (
    <button type="button" className="look-up-open" data-action="look-up" onClick={() => lookUpOpen.set(true)}>
      <Icon name="search" />
      {t('lookUp.title')}
    </button>
  )
}
