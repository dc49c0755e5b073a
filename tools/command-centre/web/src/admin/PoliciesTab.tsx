import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, useAsk, useLoaded, type T } from './parts.tsx'
import { text } from './text.ts'

type Policy = Record<string, string | number>
interface Proposal { proposalId: string; policy: Policy; state: string; proposedBy: string; proposedAtUnixMs: number; reason: string; decidedBy: string; decisionReason: string }
interface Policies {
  current: Policy
  versions: { version: number; issuedAtUnixMs: number; issuedBy: string }[]
  clocks: { clock: string; most: number }[]
  proposals: Proposal[]
}

const camel = (clock: string) => clock.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

export function PoliciesTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Policies>('/api/admin/policies')
  const [dialog, ask] = useAsk()
  if (data === null) return failure ? <Failed why={failure} again={reload} /> : <p className="empty">{t('admin.loading')}</p>
  const propose = () =>
    ask({
      title: t('policy.propose'),
      act: t('policy.propose'),
      fields: [
        ...(['region', 'authority', 'legalReference'] as const).map((f) => ({ name: f, label: t(f === 'region' ? 'policy.region' : `form.${f}`), value: data.current[f] === '-' ? '' : String(data.current[f] ?? '') })),
        ...data.clocks.map((c) => ({ name: camel(c.clock), label: `${t.code('clock.', c.clock)} · ${t('policy.most', { n: c.most })}`, type: 'number' as const, value: String(data.current[camel(c.clock)] ?? '') })),
        { name: 'reason', label: t('admin.reason') },
      ],
      submit: async ({ reason, ...v }) => {
        const policy = Object.fromEntries(Object.entries(v).map(([k, value]) => [k, data.clocks.some((c) => camel(c.clock) === k) ? Number(value) : value]))
        await request('POST', '/api/admin/policies', { policy, reason })
        reload()
      },
    })
  return (
    <>
      <div className="admin-head">
        <h2>{t('policy.current', { n: Number(data.current['version'] ?? 0), region: String(data.current['region'] ?? '') })}</h2>
        <span className="grow" />
        <button type="button" className="primary" data-action="propose-policy" onClick={propose}>
          {t('policy.propose')}
        </button>
      </div>
      <div className="admin-clocks">
        {data.clocks.map((c) => (
          <div key={c.clock}>
            <span>{t.code('clock.', c.clock)}</span>
            <b>{data.current[camel(c.clock)]}</b>
          </div>
        ))}
      </div>
      <h3>{t('policy.proposals')}</h3>
      {data.proposals.length === 0 && <p className="empty">{t('policy.none')}</p>}
      {data.proposals.map((p) => (
        <ProposalCard key={p.proposalId} proposal={p} current={data} ask={ask} reload={reload} />
      ))}
      <h3>{t('policy.versions')}</h3>
      {data.versions.length === 0 && <p className="empty">{t('policy.noVersions')}</p>}
      {data.versions.map((v) => (
        <p key={v.version}>{t('policy.version', { n: v.version, who: v.issuedBy, time: dateTime(v.issuedAtUnixMs, t.lang) })}</p>
      ))}
      {dialog}
    </>
  )
}

function ProposalCard({ proposal, current, ask, reload }: { proposal: Proposal; current: Policies; ask: ReturnType<typeof useAsk>[1]; reload: () => void }) {
  const t = useTranslator(text)
  const post = async (act: string, body: unknown) => {
    await request('POST', `/api/admin/policies/${proposal.proposalId}/${act}`, body)
    reload()
  }
  return (
    <div className="admin-card" data-proposal={proposal.proposalId}>
      <div className="admin-head">
        <b>{t.code('proposalState.', proposal.state)}</b>
        <span data-own-words>{t('policy.by', { who: proposal.proposedBy, why: proposal.reason })}</span>
        <span className="soft">{dateTime(proposal.proposedAtUnixMs, t.lang)}</span>
      </div>
      <p data-own-words>{changes(t, proposal.policy, current)}</p>
      {proposal.state === 'proposed' && (
        <div className="admin-acts">
          <button
            type="button"
            className="primary"
            onClick={() =>
              ask({
                title: t('draft.approve'),
                act: t('draft.approve'),
                fields: [
                  { name: 'password', label: t('admin.password'), type: 'password' },
                  { name: 'code', label: t('admin.code') },
                ],
                submit: (v) => post('approve', v),
              })
            }
          >
            {t('draft.approve')}
          </button>
          <button type="button" onClick={() => ask({ title: t('draft.reject'), act: t('draft.reject'), fields: [{ name: 'reason', label: t('admin.reason') }], submit: (v) => post('reject', v) })}>
            {t('draft.reject')}
          </button>
        </div>
      )}
    </div>
  )
}

function changes(t: T, policy: Policy, { current, clocks }: Policies): string {
  const changed = clocks.filter((c) => policy[camel(c.clock)] !== current[camel(c.clock)])
  const words = changed.map((c) => `${t.code('clock.', c.clock)}: ${current[camel(c.clock)]} → ${policy[camel(c.clock)]}`)
  return `${t('policy.changes')}: ${[...words, `${policy['region']}, ${policy['authority']}, ${policy['legalReference']}`].join(' · ')}`
}
