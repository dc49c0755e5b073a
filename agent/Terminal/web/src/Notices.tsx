import { dismissNotice, notices } from './desk.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { text } from './text.ts'

/** What just happened to an alert. Over the mosaic; beside an open card, so that it never lies on its buttons. */
export function Notices() {
  const t = useTranslator(text)
  const list = useStore(notices)
  return (
    <div className="notices" role="status" aria-live="polite">
      {list.map((n) => (
        <div key={n.id} className={`notice notice-${n.key}`} data-notice={n.key}>
          <Icon name={n.key === 'confirmed' || n.key === 'rejected' ? 'tick' : 'warning'} />
          <span>{t(`notice.${n.key}`, { what: n.what })}</span>
          <button type="button" className="quiet" aria-label={t('action.close')} onClick={() => dismissNotice(n.id)}>
            <Icon name="cross" size={18} />
          </button>
        </div>
      ))}
    </div>
  )
}
