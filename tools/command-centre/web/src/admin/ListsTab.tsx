import { useState } from 'react'
import { dateTime } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { serverClock } from '@shared/clock.ts'
import { lists, topic } from '../centre.ts'
import { DraftCard } from './DraftCard.tsx'
import { DraftForm } from './DraftForm.tsx'
import { emptyList, type Draft, type Opened } from './drafts.ts'
import { IssuedCard } from './IssuedCard.tsx'
import { Failed, Table, useLoaded } from './parts.tsx'
import { text } from './text.ts'

const draftsTopic = topic<Draft[]>('drafts')

/** Drafts on their way to two approvals, and the lists that they became. */
export function ListsTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Draft[]>('/api/admin/drafts')
  const told = useStore(draftsTopic)
  const inForce = (useStore(lists) ?? []).filter((l) => !l.revoked && l.validToUnixMs > serverClock.now())
  const [chosen, setChosen] = useState('')
  const [opened, setOpened] = useState<Opened | null>(null)
  const drafts = told ?? data
  const draft = drafts?.find((d) => d.draftId === chosen)
  const list = inForce.find((l) => l.listId === chosen)
  if (opened) return <DraftForm opened={opened} onClose={(id) => (setOpened(null), id && setChosen(id), reload())} />
  return (
    <>
      <div className="admin-head">
        <h2>{t('admin.lists')}</h2>
        <span className="grow" />
        <button type="button" className="primary" data-action="new-draft" onClick={() => setOpened({ draftId: null, list: emptyList, based: false, remove: [] })}>
          {t('draft.new')}
        </button>
      </div>
      {failure && <Failed why={failure} again={reload} />}
      <div className="admin-split">
        <div className="admin-card">
          <h3>{t('draft.drafts')}</h3>
          {!drafts && !failure && <p className="empty">{t('admin.loading')}</p>}
          {drafts?.length === 0 && <p className="empty">{t('draft.none')}</p>}
          {drafts && drafts.length > 0 && (
            <Table head={[t('draft.list'), t('draft.state'), t('draft.approvals'), t('draft.changed')]}>
              {drafts.map((d) => (
                <tr key={d.draftId} data-draft={d.draftId} data-state={d.state} data-list={d.listId}>
                  <th scope="row">
                    <button type="button" className="admin-row" aria-pressed={d.draftId === chosen} onClick={() => setChosen(d.draftId)}>
                      {d.listId || '—'}
                    </button>
                  </th>
                  <td>{t.code('draftState.', d.state)}</td>
                  <td>{d.state === 'submitted' ? t('draft.of', { n: d.approvers.length }) : '—'}</td>
                  <td>{dateTime(d.changedAtUnixMs, t.lang)}</td>
                </tr>
              ))}
            </Table>
          )}
          <h3>{t('draft.inForce')}</h3>
          {inForce.length === 0 && <p className="empty">{t('draft.noLists')}</p>}
          {inForce.map((l) => (
            <button key={l.listId} type="button" className="admin-row" data-in-force={l.listId} aria-pressed={l.listId === chosen} onClick={() => setChosen(l.listId)}>
              <span data-own-words>{`${t.pick(l.titleZh, l.titleEn)} · ${l.listId} v${l.version} · ${dateTime(l.validToUnixMs, t.lang)}`}</span>
            </button>
          ))}
        </div>
        {draft ? (
          <DraftCard key={draft.draftId} draft={draft} edit={setOpened} changed={reload} />
        ) : list ? (
          <IssuedCard key={`${list.listId} ${list.version}`} list={list} edit={setOpened} />
        ) : (
          <p className="empty">{t('draft.choose')}</p>
        )}
      </div>
    </>
  )
}
