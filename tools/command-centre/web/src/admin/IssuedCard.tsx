import type { IssuedList } from '@shared/api.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Timeline } from './DraftCard.tsx'
import { emptyList, type Opened, type Step } from './drafts.ts'
import { Failed, useAsk, useLoaded } from './parts.tsx'
import { text } from './text.ts'

/** A list in force: its time line, a change to it, and the end of it or of one entry at once. */
export function IssuedCard({ list, edit }: { list: IssuedList; edit: (opened: Opened) => void }) {
  const t = useTranslator(text)
  const path = `/api/admin/lists/${encodeURIComponent(list.listId)}`
  const { data, failure, reload } = useLoaded<Step[]>(`${path}/history`)
  const [dialog, ask] = useAsk()
  const based = { ...emptyList, listId: list.listId, kind: list.kind, category: list.category, titleZh: list.titleZh, titleEn: list.titleEn }
  const revoke = (entry: boolean) =>
    ask({
      title: `${t(entry ? 'draft.revokeEntry' : 'draft.revokeList')}: ${list.listId}`,
      hint: t('draft.revokeHint'),
      act: t('admin.revoke'),
      danger: true,
      fields: [
        ...(entry ? [{ name: 'entry', label: t('draft.entryId') }] : []),
        { name: 'reason', label: t('admin.reason') },
        { name: 'typed', label: t('admin.typed', { what: entry ? t('draft.entryId') : list.listId }) },
      ],
      submit: async ({ entry: id, ...v }) => {
        await request('POST', entry ? `${path}/entries/${encodeURIComponent(id ?? '')}/revoke` : `${path}/revoke`, v)
        reload()
      },
    })
  return (
    <div className="admin-card" data-issued={list.listId}>
      <div className="admin-head">
        <h3 data-own-words>{t.pick(list.titleZh, list.titleEn)}</h3>
        <span className="soft">{`${list.listId} v${list.version}`}</span>
      </div>
      <div className="admin-acts">
        <button type="button" data-action="change-list" onClick={() => edit({ draftId: null, list: based, based: true, remove: [] })}>
          {t('draft.change')}
        </button>
        <button type="button" className="danger" data-action="revoke-entry" onClick={() => revoke(true)}>
          {t('draft.revokeEntry')}
        </button>
        <button type="button" className="danger" data-action="revoke-list" onClick={() => revoke(false)}>
          {t('draft.revokeList')}
        </button>
      </div>
      <h3>{t('draft.timeline')}</h3>
      {failure && <Failed why={failure} again={reload} />}
      {data && <Timeline steps={data} />}
      {dialog}
    </div>
  )
}
