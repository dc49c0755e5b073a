import { useEffect, useState } from 'react'
import { dateTimeSeconds } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { account } from '../centre.ts'
import type { Draft, DraftProblem, Entry, Opened, Step, WrittenDraft } from './drafts.ts'
import { Problem, refusal, Table, useAsk } from './parts.tsx'
import { text } from './text.ts'

/** One draft: what happened to it, what is in it once somebody asks, and what this person may do with it. */
export function DraftCard({ draft, edit, changed }: { draft: Draft; edit: (opened: Opened) => void; changed: () => void }) {
  const t = useTranslator(text)
  const me = useStore(account)?.user ?? ''
  const [written, setWritten] = useState<WrittenDraft | null>(null)
  const [problem, setProblem] = useState('')
  const [done, setDone] = useState('')
  const [dialog, ask] = useAsk()
  // What was read is of the draft as it stood then; a dialog that somebody types in stays.
  useEffect(() => setWritten(null), [draft.changedAtUnixMs, draft.state])
  const path = `/api/admin/drafts/${draft.draftId}`
  const wrote = draft.steps.some((s) => s.actor === me && ['made', 'edited', 'submitted'].includes(s.act))
  const read = async () => {
    setProblem('')
    try {
      const answer = await request<WrittenDraft>('GET', path)
      setWritten(answer)
      return answer
    } catch (error) {
      setProblem(refusal(t, error))
      return null
    }
  }
  const reasoned = (act: 'submit' | 'reject' | 'withdraw') => (
    <button
      type="button"
      className={act === 'submit' ? 'primary' : ''}
      data-action={`${act}-draft`}
      onClick={() =>
        ask({
          title: `${t(`draft.${act}`)}: ${draft.listId}`,
          act: t(`draft.${act}`),
          fields: [{ name: 'reason', label: t('admin.reason') }],
          submit: async (v) => {
            await request('POST', `${path}/${act}`, v)
            changed()
          },
        })
      }
    >
      {t(`draft.${act}`)}
    </button>
  )
  const approve = () =>
    ask({
      title: `${t('draft.approve')}: ${draft.listId}`,
      hint: t('draft.approveHint'),
      act: t('draft.approve'),
      fields: [
        { name: 'passphrase', label: t('draft.passphrase'), type: 'password' },
        { name: 'code', label: t('admin.code') },
      ],
      submit: async (v) => {
        const { issued } = await request<{ issued: { listId: string; version: number } | null }>('POST', `${path}/approve`, v)
        setDone(issued ? t('draft.issued', { list: issued.listId, version: issued.version }) : t('draft.approved'))
        changed()
      },
    })
  const open = ['draft', 'rejected'].includes(draft.state)
  return (
    <div className="admin-card" data-draft-card={draft.draftId}>
      <div className="admin-head">
        <h3>{draft.listId || '—'}</h3>
        <b>{t.code('draftState.', draft.state)}</b>
        {draft.approvers.length > 0 && <span className="soft">{draft.approvers.join(', ')}</span>}
      </div>
      <div className="admin-acts">
        {!['issued', 'withdrawn'].includes(draft.state) && (
          <button type="button" data-action="read-draft" onClick={() => void read()}>
            {t('draft.read')}
          </button>
        )}
        {open && (
          <button type="button" data-action="edit-draft" onClick={() => void read().then((w) => w && edit({ draftId: draft.draftId, list: w.list, based: w.based, remove: w.remove }))}>
            {t('admin.edit')}
          </button>
        )}
        {draft.state === 'draft' && reasoned('submit')}
        {draft.state === 'submitted' && !wrote && !draft.approvers.includes(me) && (
          <button type="button" className="primary" data-action="approve-draft" onClick={approve}>
            {t('draft.approve')}
          </button>
        )}
        {draft.state === 'submitted' && !wrote && reasoned('reject')}
        {wrote && (open || draft.state === 'submitted') && reasoned('withdraw')}
      </div>
      {!written && !['issued', 'withdrawn'].includes(draft.state) && <p className="soft">{t('draft.readHint')}</p>}
      <Problem words={problem} />
      {done && <p role="status">{done}</p>}
      {written && <Content written={written} />}
      <h3>{t('draft.timeline')}</h3>
      <Timeline steps={draft.steps} />
      {dialog}
    </div>
  )
}

export function Timeline({ steps }: { steps: readonly Step[] }) {
  const t = useTranslator(text)
  return (
    <ol className="admin-steps">
      {steps.map((s, at) => (
        <li key={at} data-step={s.act}>
          <time>{dateTimeSeconds(s.at, t.lang)}</time>
          <span data-own-words>{`${s.actor} ${t.code('act.', s.act)}${s.reason ? `: ${s.reason}` : ''}`}</span>
        </li>
      ))}
    </ol>
  )
}

export function Problems({ problems }: { problems: readonly DraftProblem[] }) {
  const t = useTranslator(text)
  if (problems.length === 0) return <p role="status">{t('draft.noProblems')}</p>
  return (
    <div className="admin-problems" role="alert">
      <b>{t('draft.problems', { n: problems.length })}</b>
      {problems.map((p, at) => (
        <span key={at} data-problem={p.code}>
          {p.place ? `${p.place}: ` : ''}
          {t.pick(p.zh, p.en)}
        </span>
      ))}
    </div>
  )
}

function Content({ written: { list, based, remove, problems } }: { written: WrittenDraft }) {
  const t = useTranslator(text)
  return (
    <>
      {based && <p>{t('draft.based')}</p>}
      <p data-own-words>
        {[t.pick(list.titleZh, list.titleEn), t.code('kind.', list.kind), t.code('category.', list.category), list.authority, list.legalReference, list.purpose, t('unit.hours', { n: list.validHours })].join(' · ')}
      </p>
      {problems.length > 0 && <Problems problems={problems} />}
      <h3>{t('draft.entries', { n: list.entries.length })}</h3>
      {list.entries.length > 0 && (
        <Table head={[t('draft.entryId'), t(list.kind === 'faces' ? 'form.picture' : 'form.plate'), t('form.note')]}>
          {list.entries.map((e, at) => (
            <tr key={at} data-entry={e.entryId}>
              <th scope="row">{e.entryId}</th>
              <td data-own-words>{list.kind === 'faces' ? <Face entry={e} /> : [e.plate, e.plateClass && t.code('plateClass.', e.plateClass), e.vehicleClass].filter(Boolean).join(' · ')}</td>
              <td data-own-words>{e.note || '—'}</td>
            </tr>
          ))}
        </Table>
      )}
      {remove.length > 0 && (
        <p>
          {t('draft.removes')}: {remove.join(', ')}
        </p>
      )}
    </>
  )
}

function Face({ entry }: { entry: Entry }) {
  return (
    <>
      {entry.picture && <img src={entry.picture} alt={entry.subjectReference ?? ''} height={72} />}
      {[entry.subjectReference, entry.displayName].filter(Boolean).join(' · ')}
    </>
  )
}
