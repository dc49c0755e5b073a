import { useState } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { text } from '../text.ts'
import { print } from './printing.ts'

const guides = ['lost_id', 'residence', 'accident', 'fraud'] as const

/** Sheets that somebody at the window reads from outside, or takes along printed. */
export function Guides() {
  const t = useTranslator(text)
  const [shown, setShown] = useState<(typeof guides)[number]>('lost_id')
  return (
    <div className="guides">
      <nav aria-label={t('service.guides')}>
        {guides.map((g) => (
          <button key={g} type="button" data-guide={g} aria-pressed={g === shown} onClick={() => setShown(g)}>
            {t(`guide.${g}`)}
          </button>
        ))}
        <button type="button" className="primary" data-action="print-guide" onClick={() => void print('.guides .paper')}>
          {t('record.print')}
        </button>
      </nav>
      <div className="guide-sheet" tabIndex={0} role="group" aria-label={t(`guide.${shown}`)}>
        <article className="paper paper-large">
          <h2>{t(`guide.${shown}`)}</h2>
          <ol>
            {t(`guideSteps.${shown}`).split('\n').map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
          <p>{t('guide.note')}</p>
        </article>
      </div>
    </div>
  )
}
