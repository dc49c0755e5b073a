import { state } from '../desk.ts'
import { shortTime } from '../shared/format.ts'
import { useTranslator, type Say } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import type { TerminalState } from '../shared/api.ts'
import { text } from '../text.ts'
import { dutyOf, hazardOpen, nextOf, type Duty, type DutyItem } from './duty.ts'
import { ItemList } from './ItemList.tsx'
import { OwnHazards } from './OwnHazards.tsx'
import { Ring } from './Ring.tsx'
import './duty.css'

/** The plan of this shift and how far the car is with it: the number, the next one, all of them. */
export function DutyPage() {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const duty = dutyOf(snapshot)
  if (!snapshot) return <div className="empty">{t('app.wait')}</div>
  return (
    <div className="duty" role="group" aria-label={t('duty.title')}>
      <div className="duty-now">
        {duty && duty.routes.length > 0 ? <Progress duty={duty} /> : <NoPlan />}
        {duty && duty.items.length > 0 && <Next duty={duty} heading={snapshot.position?.headingDegrees ?? 0} />}
        <Numbers s={snapshot} />
        <HazardButton />
      </div>
      <ItemList items={duty?.items ?? []} />
      <div className="duty-side">
        {duty && <Ring duty={duty} s={snapshot} />}
        <OwnHazards />
      </div>
    </div>
  )
}

/** The first of two touches, on every page that has it. */
export function HazardButton() {
  const t = useTranslator(text)
  return (
    <button type="button" className="hazard-button" data-action="hazard" onClick={() => hazardOpen.set(true)}>
      <Icon name="warning" size={30} />
      {t('hazard.button')}
    </button>
  )
}

function NoPlan() {
  const t = useTranslator(text)
  return (
    <div className="duty-progress" data-progress="none">
      <b>{t('duty.none')}</b>
      <p className="soft">{t('duty.noneHint')}</p>
    </div>
  )
}

function Progress({ duty }: { duty: Duty }) {
  const t = useTranslator(text)
  const done = duty.routes.reduce((n, r) => n + r.done, 0)
  const all = duty.routes.reduce((n, r) => n + r.of, 0)
  const missed = duty.routes.reduce((n, r) => n + r.missed, 0)
  return (
    <section className="duty-progress" data-progress={`${done}/${all}`} aria-label={t('duty.progress', { done, of: all })}>
      <p className="duty-count" aria-hidden="true">
        <b>{done}</b>
        <span>/{all}</span>
        {missed > 0 && (
          <em className="is-bad">
            <Icon name="warning" size={20} />
            {t('duty.missedCount', { n: missed })}
          </em>
        )}
      </p>
      <ul>
        {duty.routes.map((r) => (
          <li key={r.id}>
            <b data-own-words>{r.name}</b> <span>{t('duty.hours', { from: shortTime(r.fromUnixMs, t.lang), to: shortTime(r.toUnixMs, t.lang) })}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function distance(t: Say<typeof text>, metres: number): string {
  return metres < 1000 ? t('duty.metres', { n: Math.round(metres / 10) * 10 }) : t('duty.kilometres', { n: (metres / 1000).toFixed(1) })
}

function Next({ duty, heading }: { duty: Duty; heading: number }) {
  const t = useTranslator(text)
  const next: DutyItem | null = nextOf(duty)
  if (!next) {
    return (
      <section className="duty-next" data-next="">
        <Icon name="tick" size={32} />
        <b>{t('duty.allDone')}</b>
      </section>
    )
  }
  return (
    <section className="duty-next" data-next={next.itemId}>
      {next.degrees !== null && (
        <span className="duty-arrow" title={t('duty.direction', { n: next.degrees })}>
          <Icon name="arrow" size={56} turn={next.degrees - heading} />
        </span>
      )}
      <div>
        <small>
          {t('duty.next')} · {t(`dutyKind.${next.kind}`)}
        </small>
        <b data-own-words>{next.name}</b>
        <span className="duty-distance">{next.metres === null ? t('duty.noPosition') : distance(t, next.metres)}</span>
      </div>
    </section>
  )
}

/** Over all cameras; null while nobody has counted. */
function total(s: TerminalState, of: 'vehicles' | 'headsMedian' | 'headsMax'): number | null {
  const known = s.cameras.map((c) => c.lastMinute?.[of] ?? null).filter((n) => n !== null)
  return known.length === 0 ? null : known.reduce((a, b) => (of === 'headsMax' ? Math.max(a, b) : a + b), 0)
}

function Numbers({ s }: { s: TerminalState }) {
  const t = useTranslator(text)
  const numbers = [
    ['speed', t('duty.speed'), s.position && !s.position.stale ? Math.round(s.position.speedMps * 3.6) : '—'],
    ['vehicles', t('duty.vehicles'), total(s, 'vehicles') ?? '—'],
    ['heads', t('duty.heads'), total(s, 'headsMedian') ?? '—'],
    ['headsMost', t('duty.headsMost'), total(s, 'headsMax') ?? '—'],
  ] as const
  return (
    <dl className="duty-numbers" aria-label={t('duty.numbers')}>
      {numbers.map(([id, name, value]) => (
        <div key={id}>
          <dd data-number={id}>{value}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  )
}
