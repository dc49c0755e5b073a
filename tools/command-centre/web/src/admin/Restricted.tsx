import { useTranslator } from '@shared/i18n.ts'
import { LanguageSwitch } from '@shared/Switches.tsx'
import { signOut, reloadAccount } from '../centre.ts'
import './admin.css'
import { ChangePassword, Factor } from './OwnTab.tsx'
import { text } from './text.ts'

/** What has to be set in order before the page opens. */
export function Restricted({ why }: { why: string }) {
  const t = useTranslator(text)
  const password = why === 'password_change_required'
  return (
    <div className="admin-forced" data-restricted={why}>
      <div>
        <p>{t(password ? 'own.mustChange' : 'own.mustFactor')}</p>
        {password ? <ChangePassword /> : <div className="admin-card"><Factor isSet={false} changed={() => void reloadAccount()} /></div>}
        <button type="button" onClick={() => void signOut()}>
          {t('action.signOut')}
        </button>
      </div>
      <div className="sign-in-tools">
        <LanguageSwitch />
      </div>
    </div>
  )
}
