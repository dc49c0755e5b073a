import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, Table, useAsk, useLoaded, type Field, type T } from './parts.tsx'
import { text } from './text.ts'

interface AdminAccount {
  user: string
  role: string
  district: string
  mustChange: boolean
  lockedAt: number | null
  lockReason: string
  secondFactor: boolean
  own: boolean
  approverKey: string
  sessions: { address: string; beganAtUnixMs: number }[]
}

const roles = ['dispatcher', 'supervisor', 'admin', 'auditor', 'technician']

export function AccountsTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<AdminAccount[]>('/api/admin/accounts')
  const [dialog, ask] = useAsk()
  const add = () =>
    ask({
      title: t('account.add'),
      act: t('account.add'),
      fields: [{ name: 'user', label: t('account.user') }, ...placing(t), { name: 'password', label: t('account.first'), type: 'password' }],
      submit: async (v) => {
        await request('POST', '/api/admin/accounts', v)
        reload()
      },
    })
  return (
    <>
      <div className="admin-head">
        <h2>{t('admin.accounts')}</h2>
        <span className="grow" />
        <button type="button" className="primary" data-action="add-account" onClick={add}>
          {t('account.add')}
        </button>
      </div>
      {failure && <Failed why={failure} again={reload} />}
      {data === null ? (
        !failure && <p className="empty">{t('admin.loading')}</p>
      ) : (
        <Table head={[t('account.user'), t('account.role'), t('admin.district'), t('account.state'), t('account.factor'), t('account.key'), t('account.sessions'), t('admin.acts')]}>
          {data.map((a) => (
            <tr key={a.user} data-account={a.user}>
              <th scope="row">{a.user}</th>
              <td>{t.code('role.', a.role)}</td>
              <td>{a.district || t('admin.city')}</td>
              <td className={a.lockedAt ? 'is-bad' : ''}>
                {t.code('accountState.', a.lockedAt ? 'locked' : a.mustChange ? 'must_change' : 'ok')}
                {a.lockReason && <small data-own-words> {a.lockReason}</small>}
              </td>
              <td>{t.code('yesNo.', a.secondFactor ? 'yes' : 'no')}</td>
              <td>{t.code('keyState.', a.approverKey)}</td>
              <td>{a.sessions.length}</td>
              <td>{!a.own && <AccountActs of={a} ask={ask} reload={reload} />}</td>
            </tr>
          ))}
        </Table>
      )}
      {dialog}
    </>
  )
}

function AccountActs({ of, ask, reload }: { of: AdminAccount; ask: ReturnType<typeof useAsk>[1]; reload: () => void }) {
  const t = useTranslator(text)
  const act = (words: string, path: string, fields: Field[], danger = false) => () =>
    ask({
      title: t('account.about', { act: words, user: of.user }),
      act: words,
      fields,
      danger,
      submit: async (v) => {
        await request('POST', path, v)
        reload()
      },
    })
  const account = `/api/admin/accounts/${encodeURIComponent(of.user)}`
  const approver = `/api/admin/approvers/${encodeURIComponent(of.user)}`
  const reason: Field[] = [{ name: 'reason', label: t('admin.reason') }]
  return (
    <div className="admin-acts">
      <button type="button" onClick={act(t('admin.edit'), `${account}/place`, placing(t, of))}>
        {t('admin.edit')}
      </button>
      <button type="button" onClick={act(t('account.reset'), `${account}/reset-password`, [{ name: 'password', label: t('account.first'), type: 'password' }])}>
        {t('account.reset')}
      </button>
      {of.secondFactor && (
        <button type="button" onClick={act(t('account.resetFactor'), `${account}/reset-second-factor`, reason)}>
          {t('account.resetFactor')}
        </button>
      )}
      {of.approverKey === 'waiting' && (
        <button type="button" data-action="certify" onClick={act(t('account.certify'), `${approver}/certify`, [{ name: 'certificatePem', label: t('account.certifyHint'), type: 'area' }])}>
          {t('account.certify')}
        </button>
      )}
      {of.approverKey !== 'none' && (
        <button type="button" className="danger" onClick={act(t('account.takeKey'), `${approver}/remove`, reason, true)}>
          {t('account.takeKey')}
        </button>
      )}
      {of.sessions.length > 0 && (
        <button type="button" onClick={act(t('account.end'), `${account}/end-sessions`, [])}>
          {t('account.end')}
        </button>
      )}
      <button type="button" onClick={act(t(of.lockedAt ? 'account.unlock' : 'account.lock'), `${account}/${of.lockedAt ? 'unlock' : 'lock'}`, reason)}>
        {t(of.lockedAt ? 'account.unlock' : 'account.lock')}
      </button>
      <button type="button" className="danger" onClick={act(t('admin.remove'), `${account}/remove`, reason, true)}>
        {t('admin.remove')}
      </button>
    </div>
  )
}

function placing(t: T, of?: AdminAccount): Field[] {
  return [
    { name: 'role', label: t('account.role'), options: roles.map((r) => [r, t.code('role.', r)] as const), value: of?.role ?? 'dispatcher' },
    { name: 'district', label: t('admin.districtHint'), value: of?.district ?? '' },
  ]
}
