import { useMemo, useState } from 'react'
import { serverClock } from '@shared/clock.ts'
import { count, place } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { ErrorLine, Field } from '../field/parts.tsx'
import type { Cell, Shape } from '../field/shapes.ts'
import { useLoaded } from '../field/useLoaded.ts'
import { text } from '../text.ts'
import { loadPlans, placesOf } from './patrol.ts'
import { ModeHead, type ModeProps } from './PatrolPage.tsx'

interface SeenCell extends Cell { cars: number }
interface Answer { cellMetres: number; cells: readonly SeenCell[] }
interface BeatAnswer { cells: number; never: number; least: readonly SeenCell[] }

const hourMs = 3_600_000
const spans = { hour: 1, shift: 8, day: 24, week: 168 } as const
type Span = keyof typeof spans
const nothing: readonly SeenCell[] = []

/** Police visibility: how long our cars were where. Numbers of cars, of nobody else. */
export function Seen(props: ModeProps) {
  const t = useTranslator(text)
  const [span, setSpan] = useState<Span>('day')
  const [until, setUntil] = useState(() => local(Math.ceil(serverClock.now() / hourMs) * hourMs))
  const [over, setOver] = useState<SeenCell | null>(null)
  const to = new Date(until).getTime()
  const query = `from=${to - spans[span] * hourMs}&to=${to}`
  const { value, failed, retry } = useLoaded(() => request<Answer>('GET', `/api/visibility?${query}`), [query])
  const plans = useLoaded(loadPlans, [])
  const beats = (plans.value ?? []).flatMap((p) => p.document.features.filter((f) => f.properties.kind === 'beat').map((f) => ({ plan: p, feature: f, key: `${p.planId}/${f.id}` })))
  const [beatKey, setBeatKey] = useState('')
  const beat = beats.find((b) => b.key === beatKey)
  const shapes = useMemo<Shape[]>(() => (beat ? [{ id: beat.key, kind: 'area', at: placesOf('beat', beat.feature.geometry), tone: 'plain', chosen: true }] : []), [beat?.key, plans.value])
  const most = Math.max(0, ...(value?.cells ?? nothing).map((c) => c.minutes))
  const words = over ? t('seen.cell', { n: over.minutes, cars: over.cars }) : t('seen.hover', { n: value?.cellMetres ?? 250 })
  return (
    <div className="field-page" data-page="patrol">
      <FieldPanel cells={value?.cells ?? nothing} shapes={shapes} focus={`${query}/${value === null}/${beatKey}`} words={words} onCell={(c) => setOver(c as SeenCell | null)} />
      <aside>
        <ModeHead {...props} />
        <div className="field-body">
          <div className="field-row">
            <div className="field-checks" role="group" aria-label={t('seen.span')}>
              {(Object.keys(spans) as Span[]).map((s) => (
                <button key={s} type="button" data-span={s} aria-pressed={s === span} onClick={() => setSpan(s)}>
                  {t(`seen.${s}`)}
                </button>
              ))}
            </div>
            <Field label={t('seen.until')}>
              <input type="datetime-local" name="until" step={3600} value={until} onChange={(e) => e.target.value && setUntil(e.target.value)} />
            </Field>
          </div>
          {failed && <ErrorLine words={t('patrol.failed', { why: t.code('error.', failed) })} retry={retry} />}
          {value === null ? (
            !failed && <p className="empty">{t('patrol.loading')}</p>
          ) : value.cells.length === 0 ? (
            <p className="empty">{t('seen.none')}</p>
          ) : (
            <div className="field-row">
              <span className="field-legend">
                <i aria-hidden="true" />
                {t('seen.legend', { n: count(most, t.lang) })}
              </span>
              <a className="button" href={`/api/visibility/cells.csv?${query}`} download>
                {t('seen.csv')}
              </a>
            </div>
          )}
          <p className="soft">{t('seen.own')}</p>
          <h3>{t('seen.beat')}</h3>
          {plans.failed && <ErrorLine words={t('patrol.failed', { why: t.code('error.', plans.failed) })} retry={plans.retry} />}
          {plans.value !== null && beats.length === 0 ? (
            <p className="soft">{t('seen.noBeats')}</p>
          ) : (
            <select name="beat" aria-label={t('seen.chooseBeat')} value={beatKey} onChange={(e) => setBeatKey(e.target.value)}>
              <option value="">{t('seen.chooseBeat')}</option>
              {beats.map((b) => (
                <option key={b.key} value={b.key}>
                  {b.plan.name} · {b.feature.properties.name}
                </option>
              ))}
            </select>
          )}
          {beat && <Least plan={beat.plan.planId} item={beat.feature.id} query={query} />}
        </div>
      </aside>
    </div>
  )
}

function Least({ plan, item, query }: { plan: string; item: string; query: string }) {
  const t = useTranslator(text)
  const { value, failed, retry } = useLoaded(() => request<BeatAnswer>('GET', `/api/visibility/beat?plan=${encodeURIComponent(plan)}&item=${encodeURIComponent(item)}&${query}`), [plan, item, query])
  if (failed) return <ErrorLine words={t('patrol.failed', { why: t.code('error.', failed) })} retry={retry} />
  if (value === null) return <p className="empty">{t('patrol.loading')}</p>
  return (
    <>
      <p data-never={value.never}>{t('seen.never', { n: value.cells, never: value.never })}</p>
      <table className="field-table">
        <thead>
          <tr>
            <th scope="col">{t('seen.place')}</th>
            <th scope="col" className="is-number">{t('seen.minutes')}</th>
            <th scope="col" className="is-number">{t('seen.cars')}</th>
          </tr>
        </thead>
        <tbody>
          {value.least.map((c) => (
            <tr key={c.id} data-cell={c.id}>
              <th scope="row">{place((c.bounds[1] + c.bounds[3]) / 2, (c.bounds[0] + c.bounds[2]) / 2)}</th>
              <td className="is-number">{c.minutes}</td>
              <td className="is-number">{c.cars}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

/** As a datetime-local field wants it: local time, minutes. */
function local(unixMs: number): string {
  const d = new Date(unixMs - new Date(unixMs).getTimezoneOffset() * 60_000)
  return d.toISOString().slice(0, 16)
}
