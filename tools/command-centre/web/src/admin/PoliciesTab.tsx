import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Decommissions } from './Decommissions.tsx'
import { FaceLoginPolicy } from './FaceLoginPolicy.tsx'
import { Failed, useAsk, useLoaded, type T } from './parts.tsx'
import { ProposalCard, type Proposal } from './ProposalCard.tsx'
import { text } from './text.ts'

type Policy = Record<string, string | number>
interface Policies {
  current: Policy
  versions: { version: number; issuedAtUnixMs: number; issuedBy: string }[]
  clocks: { clock: string; most: number }[]
  proposals: Proposal<Policy>[]
}

const path = '/api/admin/policies'
const camel = (clock: string) => clock.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

export function PoliciesTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Policies>(path)
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
        await request('POST', path, { policy, reason })
        reload()
      },
    })
  return (
    <>
      <FaceLoginPolicy />
      <Decommissions />
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
        <ProposalCard key={p.proposalId} proposal={p} path={path} ask={ask} reload={reload}>
          <p data-own-words>{changes(t, p.content, data)}</p>
        </ProposalCard>
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

function changes(t: T, policy: Policy, { current, clocks }: Policies): string {
  const changed = clocks.filter((c) => policy[camel(c.clock)] !== current[camel(c.clock)])
  const words = changed.map((c) => `${t.code('clock.', c.clock)}: ${current[camel(c.clock)]} → ${policy[camel(c.clock)]}`)
  return `${t('policy.changes')}: ${[...words, `${policy['region']}, ${policy['authority']}, ${policy['legalReference']}`].join(' · ')}`
}
