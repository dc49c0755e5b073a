import { Component, lazy, Suspense, type ReactNode } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { text } from '../text.ts'
import './trail.ts'

// A megabyte that no other page needs: it comes with the first look at the map.
const LiveMap = lazy(() => import('./LiveMap.tsx'))

export function MapPage() {
  const t = useTranslator(text)
  return (
    <Held words={t('map.retry')}>
      <Suspense fallback={<div className="empty">{t('map.loading')}</div>}>
        <LiveMap />
      </Suspense>
    </Held>
  )
}

/** Where the map's own file did not come, or its library gave up: the other pages go on. */
class Held extends Component<{ words: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <div className="empty" role="alert" data-map="failed">
        <Icon name="warning" size={48} />
        {this.props.words}
      </div>
    )
  }
}
