import { lazy, Suspense } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { text } from '../text.ts'
import './field.css'
import type { FieldMapProps } from './FieldMap.tsx'

const FieldMap = lazy(() => import('./FieldMap.tsx'))

/** The map side of a page; the map library comes with the first page that needs it. */
export function FieldPanel({ words, ...props }: FieldMapProps & { words?: string | undefined }) {
  const t = useTranslator(text)
  return (
    <section className="map field-map" aria-label={t('map.label')}>
      <Suspense fallback={<p className="empty">{t('map.loading')}</p>}>
        <FieldMap {...props} />
      </Suspense>
      {words && (
        <p className="field-words" role="status">
          {words}
        </p>
      )}
    </section>
  )
}
