import { useTranslator } from '@shared/i18n.ts'
import { request } from '@shared/http.ts'
import { useStore } from '@shared/store.ts'
import { topic } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { Bar, ErrorLine } from '../field/parts.tsx'
import { useLoaded } from '../field/useLoaded.ts'
import { text } from '../text.ts'
import type { DayProgress } from './patrol.ts'
import { ModeHead, type ModeProps } from './PatrolPage.tsx'

const days = 14

export function History(props: ModeProps) {
  const t = useTranslator(text)
  const { value, failed, retry } = useLoaded(() => request<DayProgress[]>('GET', `/api/patrol/history?days=${days}`), [useStore(topic('patrol'))])
  return (
    <div className="field-page" data-page="patrol">
      <FieldPanel focus="" />
      <aside>
        <ModeHead {...props} />
        <div className="field-body">
          {failed && <ErrorLine words={t('patrol.failed', { why: t.code('error.', failed) })} retry={retry} />}
          {value === null ? (
            !failed && <p className="empty">{t('patrol.loading')}</p>
          ) : value.length === 0 ? (
            <p className="empty">{t('patrol.historyNone', { n: days })}</p>
          ) : (
            <table className="field-table">
              <thead>
                <tr>
                  <th scope="col">{t('patrol.day')}</th>
                  <th scope="col">{t('patrol.plan')}</th>
                  <th scope="col">{t('patrol.result')}</th>
                </tr>
              </thead>
              <tbody>
                {value.map((d) => (
                  <tr key={`${d.planId}/${d.fromUnixMs}`} data-day={d.day}>
                    <td>{d.day}</td>
                    <th scope="row">{d.name}</th>
                    <td>
                      <Bar done={d.done} missed={d.missed} total={d.total} words={t('patrol.done', { n: d.done, total: d.total })} />
                      <small>{t('patrol.done', { n: d.done, total: d.total })}</small> {d.missed > 0 && <small className="is-bad">{t('patrol.missed', { n: d.missed })}</small>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </aside>
    </div>
  )
}
