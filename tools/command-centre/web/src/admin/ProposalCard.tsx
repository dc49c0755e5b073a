import type { ReactNode } from 'react'
import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import type { useAsk } from './parts.tsx'
import { text } from './text.ts'

/** What one person proposes for another to approve; `content` is what its kind makes of it. */
export interface Proposal<C> { proposalId: string; content: C; state: string; proposedBy: string; proposedAtUnixMs: number; reason: string; decidedBy: string; decisionReason: string }

interface Props {
  proposal: Proposal<unknown>
  /** Of its kind. */
  path: string
  ask: ReturnType<typeof useAsk>[1]
  reload: () => void
  /** What is proposed, in words. */
  children: ReactNode
}

/** A proposal with its way on: another person approves it with their password, or rejects it with a reason. */
export function ProposalCard({ proposal, path, ask, reload, children }: Props) {
  const t = useTranslator(text)
  const decide = async (act: string, body: unknown) => {
    await request('POST', `${path}/${proposal.proposalId}/${act}`, body)
    reload()
  }
  const approve = () =>
    ask({
      title: t('draft.approve'),
      act: t('draft.approve'),
      fields: [
        { name: 'password', label: t('admin.password'), type: 'password' },
        { name: 'code', label: t('admin.code') },
      ],
      submit: (v) => decide('approve', v),
    })
  const reject = () => ask({ title: t('draft.reject'), act: t('draft.reject'), fields: [{ name: 'reason', label: t('admin.reason') }], submit: (v) => decide('reject', v) })
  return (
    <div className="admin-card" data-proposal={proposal.proposalId} data-state={proposal.state}>
      <div className="admin-head">
        <b>{t.code('proposalState.', proposal.state)}</b>
        <span data-own-words>{t('policy.by', { who: proposal.proposedBy, why: proposal.reason })}</span>
        <span className="soft">{dateTime(proposal.proposedAtUnixMs, t.lang)}</span>
      </div>
      {children}
      {proposal.state === 'proposed' && (
        <div className="admin-acts">
          <button type="button" className="primary" data-action="approve" onClick={approve}>
            {t('draft.approve')}
          </button>
          <button type="button" data-action="reject" onClick={reject}>
            {t('draft.reject')}
          </button>
        </div>
      )}
    </div>
  )
}
