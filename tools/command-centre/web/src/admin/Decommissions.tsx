import { useTranslator } from '@shared/i18n.ts'
import { Failed, useAsk, useLoaded } from './parts.tsx'
import { ProposalCard, type Proposal } from './ProposalCard.tsx'
import { text } from './text.ts'

const path = '/api/admin/decommissions'

/** Units that one person wants to be none any more: another one approves. They are proposed where units are kept. */
export function Decommissions() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Proposal<string>[]>(path)
  const [dialog, ask] = useAsk()
  if (data === null) return failure ? <Failed why={failure} again={reload} /> : <p className="empty">{t('admin.loading')}</p>
  return (
    <section className="admin-section" data-decommissions>
      <div className="admin-head">
        <h2>{t('decommission.title')}</h2>
      </div>
      <p className="soft">{t('aunit.decommissionHint')}</p>
      {data.length === 0 && <p className="empty">{t('decommission.none')}</p>}
      {data.map((p) => (
        <ProposalCard key={p.proposalId} proposal={p} path={path} ask={ask} reload={reload}>
          <b data-proposed={p.content}>{t('aunit.decommissionOf', { unit: p.content })}</b>
        </ProposalCard>
      ))}
      {dialog}
    </section>
  )
}
