import { lazy, Suspense } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { text } from './text.ts'

// The map library is most of this page's weight: it comes after the page itself.
const UnitMap = lazy(() => import('./UnitMap.tsx'))

export function MapPanel() {
  const t = useTranslator(text)
  return (
    <section className="map" aria-label={t('map.label')}>
      <Suspense fallback={<p className="empty">{t('map.loading')}</p>}>
        <UnitMap />
      </Suspense>
    </section>
  )
}
