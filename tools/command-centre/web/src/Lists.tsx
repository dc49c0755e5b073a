import { useCallback, useEffect, useState } from 'react'
import type { IssuedList } from '@shared/api.ts'
import { count, dateTime, span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { account, lists, loadLists } from './centre.ts'
import { ListEntries } from './ListEntries.tsx'
import { text } from './text.ts'

const soonMs = 2 * 3_600_000

export function Lists() {
  const t = useTranslator(text)
  const all = useStore(lists)
  const role = useStore(account)?.role ?? ''
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    loadLists()
      .then(() => setFailed(false))
      .catch(() => setFailed(true))
  }, [])
  useEffect(load, [load])
  return (
    <section className="lists" aria-label={t('lists.title')}>
      <h2>{t('lists.title')}</h2>
      {failed && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {t('lists.failed')}
          <button type="button" onClick={load}>
            {t('action.retry')}
          </button>
        </p>
      )}
      {all === null ? (
        !failed && <p className="empty">{t('app.wait')}</p>
      ) : all.length === 0 ? (
        <p className="empty">{t('lists.none')}</p>
      ) : (
        <div className="lists-scroll">
          <table>
            <thead>
              <tr>
                {(['name', 'kind', 'category', 'entries', 'version', 'valid', 'state'] as const).map((c) => (
                  <th key={c} scope="col" className={c === 'entries' || c === 'version' ? 'is-number' : ''}>
                    {t(`lists.${c}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {all.map((l) => (
                <ListRow key={`${l.listId}/${l.version}`} list={l} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {all !== null && (role === 'supervisor' || role === 'admin') && <ListEntries lists={all} />}
    </section>
  )
}

function ListRow({ list }: { list: IssuedList }) {
  const t = useTranslator(text)
  const now = useNow(5000)
  const left = list.validToUnixMs - now
  const state = list.revoked ? 'revoked' : left <= 0 ? 'expired' : left < soonMs ? 'soon' : 'valid'
  return (
    <tr data-list={list.listId} data-state={state}>
      <th scope="row">
        {t.pick(list.titleZh, list.titleEn)}
        <small>{list.listId}</small>
      </th>
      <td>{t.code('kind.', list.kind)}</td>
      <td>{t.code('category.', list.category)}</td>
      <td className="is-number">{count(list.entries, t.lang)}</td>
      <td className="is-number">{list.version}</td>
      <td>{dateTime(list.validToUnixMs, t.lang)}</td>
      <td className={state === 'valid' ? 'is-ok' : state === 'soon' ? 'is-warn' : 'is-bad'}>
        <Icon name={state === 'valid' ? 'tick' : 'warning'} size={18} />
        {t(`listState.${state}`, { age: t('age.left', { age: span(t, left) }) })}
      </td>
    </tr>
  )
}
