import { useMemo, useState } from 'react'
import { serverClock } from '@shared/clock.ts'
import { shortTime } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { topic } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { Bar, ErrorLine, Field } from '../field/parts.tsx'
import type { Shape } from '../field/shapes.ts'
import { useLoaded } from '../field/useLoaded.ts'
import { text } from '../text.ts'
import { daySpan, loadPlans, loadProgress, shapesOf, today, type ItemProgress, type ShiftProgress } from './patrol.ts'
import { ModeHead, type ModeProps } from './PatrolPage.tsx'

export function Progress(props: ModeProps) {
  const t = useTranslator(text)
  const [day, setDay] = useState(() => today(serverClock.now()))
  const [chosen, setChosen] = useState('')
  const [item, setItem] = useState<string | null>(null)
  const news = useStore(topic('patrol'))
  const shifts = useLoaded(() => loadProgress(...daySpan(day)), [day, news])
  const plans = useLoaded(loadPlans, [news])
  const key = (s: ShiftProgress) => `${s.planId}/${s.fromUnixMs}`
  const shift = shifts.value?.find((s) => key(s) === chosen) ?? shifts.value?.find((s) => s.state === 'now') ?? shifts.value?.[0]
  const plan = plans.value?.find((p) => p.planId === shift?.planId)
  const shapes = useMemo<Shape[]>(() => {
    const states = new Map(shift?.items.map((i) => [i.itemId, i.state]))
    return plan ? shapesOf(plan.document, (id) => states.get(id) ?? 'later', item) : []
  }, [plan, shift, item])
  const failed = shifts.failed || plans.failed
  return (
    <div className="field-page" data-page="patrol">
      <FieldPanel shapes={shapes} focus={plan ? `${plan.planId}/${plan.version}` : ''} />
      <aside>
        <ModeHead {...props} />
        <div className="field-body">
          <div className="field-row">
            <Field label={t('patrol.day')}>
              <input type="date" name="day" value={day} onChange={(e) => e.target.value && setDay(e.target.value)} />
            </Field>
          </div>
          {failed && <ErrorLine words={t('patrol.failed', { why: t.code('error.', failed) })} retry={() => (shifts.retry(), plans.retry())} />}
          {shifts.value === null ? (
            !failed && <p className="empty">{t('patrol.loading')}</p>
          ) : shifts.value.length === 0 ? (
            <p className="empty">{t('patrol.noShifts')}</p>
          ) : (
            <>
              <div className="card-list">
                {shifts.value.map((s) => (
                  <ShiftCard key={key(s)} shift={s} chosen={s === shift} onChoose={() => setChosen(key(s))} />
                ))}
              </div>
              {shift && <ShiftDetails key={key(shift)} shift={shift} chosen={item} onChoose={setItem} />}
            </>
          )}
        </div>
      </aside>
    </div>
  )
}

function ShiftCard({ shift, chosen, onChoose }: { shift: ShiftProgress; chosen: boolean; onChoose: () => void }) {
  const t = useTranslator(text)
  return (
    <button type="button" className="field-card" data-shift={shift.planId} aria-pressed={chosen} onClick={onChoose}>
      <span>
        <b>{shift.name}</b>
        <small>
          {t('patrol.shift', { from: shortTime(shift.fromUnixMs, t.lang), to: shortTime(shift.toUnixMs, t.lang) })} · {t(`shiftState.${shift.state}`)}
        </small>
      </span>
      <Bar done={shift.done} missed={shift.missed} total={shift.total} words={t('patrol.done', { n: shift.done, total: shift.total })} />
      <span>
        <small>{t('patrol.done', { n: shift.done, total: shift.total })}</small>
        {shift.missed > 0 && <small className="is-bad">{t('patrol.missed', { n: shift.missed })}</small>}
      </span>
    </button>
  )
}

function ShiftDetails({ shift, chosen, onChoose }: { shift: ShiftProgress; chosen: string | null; onChoose: (id: string | null) => void }) {
  const t = useTranslator(text)
  const beats = [...new Set(shift.items.map((i) => i.beatId))].sort((a, b) => Number(!a) - Number(!b))
  const nameOf = (beat: string) => shift.items.find((i) => i.itemId === beat)?.name ?? t('patrol.noBeat')
  const most = Math.max(1, ...shift.units.map((u) => u.ticks))
  return (
    <>
      {beats.map((beat) => {
        const own = shift.items.filter((i) => i.beatId === beat)
        const count = (state: string) => own.filter((i) => i.state === state).length
        return (
          <section key={beat} data-beat={beat} className="card-list">
            <h3>{nameOf(beat)}</h3>
            <Bar done={count('done')} missed={count('missed')} total={own.length} words={t('patrol.done', { n: count('done'), total: own.length })} />
            <ul className="item-list">
              {own.map((i) => (
                <Item key={i.itemId} shift={shift} item={i} chosen={i.itemId === chosen} onChoose={() => onChoose(i.itemId === chosen ? null : i.itemId)} />
              ))}
            </ul>
          </section>
        )
      })}
      <section className="card-list">
        <h3>{t('patrol.units')}</h3>
        <ul className="item-list">
          {shift.units.map((u) => (
            <li key={u.unitId} data-unit-progress={u.unitId}>
              <Icon name="car" size={20} />
              <span>
                <b>{u.unitId}</b> {u.label !== u.unitId && u.label}
              </span>
              <span>{t('patrol.unitTicks', { n: u.ticks })}</span>
              <span className="is-own-line">
                <Bar done={u.ticks} total={most} words={t('patrol.unitTicks', { n: u.ticks })} />
              </span>
              <p>{u.positions === 0 ? t('patrol.unitSilent') : t('patrol.unitFixes', { n: u.counting, total: u.positions })}</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

const icons = { done: 'tick', due: 'clock', missed: 'warning', later: 'clock' } as const
const classes = { done: 'is-ok', due: 'is-warn', missed: 'is-bad', later: 'soft' } as const

function Item({ shift, item, chosen, onChoose }: { shift: ShiftProgress; item: ItemProgress; chosen: boolean; onChoose: () => void }) {
  const t = useTranslator(text)
  const minutes = item.kind === 'beat' || item.kind === 'post'
  const tick = (at: { atUnixMs: number; unitId: string }) => t('patrol.tick', { time: shortTime(at.atUnixMs, t.lang), unit: at.unitId || t('patrol.otherUnit') })
  return (
    <li data-item={item.itemId} data-state={item.state} className={chosen ? 'is-chosen' : ''}>
      <span className={classes[item.state]}>
        <Icon name={icons[item.state]} size={20} />
      </span>
      <button type="button" className="quiet" aria-pressed={chosen} onClick={onChoose}>
        {item.name}
        <small className="soft">{t(`patrolKind.${item.kind}`)}</small>
      </button>
      <span className={classes[item.state]}>
        {t(`patrolState.${item.state}`)} {t(minutes && item.wanted > 1 ? 'patrolCount.minutes' : 'patrolCount.visits', { n: item.done, total: item.wanted })}
      </span>
      {item.code && <p data-why={item.code}>{t(`patrolWhy.${item.code}` as 'patrolWhy.never_near', { n: item.nearestMetres ?? 0 })}</p>}
      {item.notes?.map((n) => (
        <p key={`${n.unitId} ${n.kind}`} data-note={n.kind} data-own-words>
          {n.kind === 'hand_over'
            ? t('patrolNote.handOver', { unit: n.unitId, time: shortTime(n.atUnixMs, t.lang), who: n.words })
            : t('patrolNote.missed', { unit: n.unitId, reason: n.words || t.code('patrolReason.', n.reason) })}
        </p>
      ))}
      {item.ticks.length > 0 && <p>{item.ticks.map(tick).join(' · ')}</p>}
      {item.here.length > 0 && <p className="is-ok">{t('patrol.here', { units: item.here.join('、') })}</p>}
      {chosen && <Who shift={shift} item={item} />}
    </li>
  )
}

/** Officers are told only when asked for: the asking is a row of the audit. */
function Who({ shift, item }: { shift: ShiftProgress; item: ItemProgress }) {
  const t = useTranslator(text)
  const [told, setTold] = useState<readonly { unitId: string; atUnixMs: number; officerId: string }[] | null>(null)
  const [failed, setFailed] = useState('')
  const ask = () =>
    request<{ unitId: string; atUnixMs: number; officerId: string }[]>('POST', '/api/patrol/ticks', { planId: shift.planId, itemId: item.itemId, fromUnixMs: shift.fromUnixMs })
      .then((ticks) => (setTold(ticks), setFailed('')))
      .catch((error: unknown) => setFailed(errorCode(error)))
  return (
    <div className="is-own-line field-row">
      <button type="button" data-action="who" onClick={() => void ask()}>
        {t('patrol.who')}
      </button>
      <small className="soft">{t('patrol.whoAudited')}</small>
      {failed && <ErrorLine words={t.code('error.', failed)} />}
      {told && (
        <p className="is-own-line" data-who>
          {told.length === 0 ? t('patrol.whoNone') : told.map((w) => t('patrol.whoLine', { time: shortTime(w.atUnixMs, t.lang), unit: w.unitId, officer: w.officerId || t('value.none') })).join(' · ')}
        </p>
      )}
    </div>
  )
}
