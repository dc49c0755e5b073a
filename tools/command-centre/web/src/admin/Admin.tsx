import { useState, type ComponentType } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { account } from '../centre.ts'
import { AccountsTab } from './AccountsTab.tsx'
import './admin.css'
import { AuditTab } from './AuditTab.tsx'
import { ListsTab } from './ListsTab.tsx'
import { OfficersTab } from './OfficersTab.tsx'
import { OwnTab } from './OwnTab.tsx'
import { PoliciesTab } from './PoliciesTab.tsx'
import { ReleasesTab } from './ReleasesTab.tsx'
import { text } from './text.ts'
import { UnitsTab } from './UnitsTab.tsx'

const tabs: readonly { id: string; title: keyof typeof text & `admin.${string}`; needs: string; Body: ComponentType }[] = [
  { id: 'lists', title: 'admin.lists', needs: 'draft_lists', Body: ListsTab },
  { id: 'units', title: 'admin.units', needs: 'manage_units', Body: UnitsTab },
  { id: 'officers', title: 'admin.officers', needs: 'manage_officers', Body: OfficersTab },
  { id: 'accounts', title: 'admin.accounts', needs: 'manage_accounts', Body: AccountsTab },
  { id: 'policies', title: 'admin.policies', needs: 'propose_policies', Body: PoliciesTab },
  { id: 'releases', title: 'admin.releases', needs: 'manage_releases', Body: ReleasesTab },
  { id: 'audit', title: 'admin.audit', needs: 'read_audit', Body: AuditTab },
  { id: 'own', title: 'admin.own', needs: 'own', Body: OwnTab },
]

/** What each role administers; one's own account is everybody's. */
export function Admin() {
  const t = useTranslator(text)
  const may = useStore(account)?.permissions ?? ['own']
  const open = tabs.filter((tab) => may.includes(tab.needs))
  const [chosen, setChosen] = useState('')
  const tab = open.find((o) => o.id === chosen) ?? open[0]
  return (
    <section className="admin" aria-label={t('admin.title')}>
      <nav className="admin-tabs" aria-label={t('admin.title')}>
        {open.map((o) => (
          <button key={o.id} type="button" data-admin={o.id} className="quiet" aria-current={o === tab ? 'page' : undefined} onClick={() => setChosen(o.id)}>
            {t(o.title)}
          </button>
        ))}
      </nav>
      <div className="admin-body" data-admin-tab={tab?.id}>
        {tab && <tab.Body key={tab.id} />}
      </div>
    </section>
  )
}
