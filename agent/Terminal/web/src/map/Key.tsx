import { useTranslator } from '../shared/i18n.ts'
import { text } from '../text.ts'

const marks = ['own', 'other', 'old', 'call', 'patrol', 'done'] as const

/** What the marks mean; each differs by shape as well as by colour. */
export function Key() {
  const t = useTranslator(text)
  return (
    <ul className="map-key">
      {marks.map((mark) => (
        <li key={mark}>
          <i data-key={mark} aria-hidden="true" />
          {t(`mapKey.${mark}`)}
        </li>
      ))}
    </ul>
  )
}
