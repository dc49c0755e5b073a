import { shortTime } from '../shared/format.ts'
import { useTranslator, type Say } from '../shared/i18n.ts'
import { Icon, type IconName } from '../shared/icons.tsx'
import { text } from '../text.ts'
import type { DutyItem, ItemState } from './duty.ts'
import { distance } from './DutyPage.tsx'
import { HandOver, SayWhy } from './ItemForms.tsx'

const groups: readonly ItemState[] = ['under_way', 'open', 'missed', 'done', 'later']
const icons: Record<ItemState, IconName> = { under_way: 'clock', open: 'place', missed: 'warning', done: 'tick', later: 'clock' }

/** All of the plan, what needs something first. */
export function ItemList({ items }: { items: readonly DutyItem[] }) {
  const t = useTranslator(text)
  return (
    <div className="duty-list" tabIndex={0} role="group" aria-label={t('duty.title')}>
      {groups.map((group) => {
        const of = items.filter((i) => i.state === group).sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity))
        if (of.length === 0 && group === 'later') return null
        return (
          <section key={group} data-group={group}>
            <h2>
              <Icon name={icons[group]} />
              {t(`dutyState.${group}`)} <b>{of.length}</b>
            </h2>
            {of.length === 0 && <p className="soft">{t('duty.groupEmpty')}</p>}
            <ul>
              {of.map((item) => (
                <Item key={`${item.planId}/${item.itemId}`} item={item} />
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

function Item({ item }: { item: DutyItem }) {
  const t = useTranslator(text)
  const facts = factsOf(t, item)
  return (
    <li className="duty-item" data-item={item.itemId} data-state={item.state}>
      <p className="duty-item-head">
        <span className="tag">{t(`dutyKind.${item.kind}`)}</span>
        <b data-own-words>{item.name}</b>
        {item.state !== 'done' && item.metres !== null && item.sinceUnixMs === null && <span className="duty-item-way">{distance(t, item.metres)}</span>}
        {item.leftS !== null && item.state === 'under_way' && item.leftS > 0 && <span className="duty-item-left">{t('duty.dwell', { n: item.leftS })}</span>}
      </p>
      {facts.length > 0 && <p className="duty-item-facts">{facts.join(' · ')}</p>}
      {item.state === 'missed' && <SayWhy item={item} />}
      {item.kind === 'post' && (item.state === 'under_way' || item.state === 'open') && <HandOver item={item} />}
    </li>
  )
}

function factsOf(t: Say<typeof text>, i: DutyItem): string[] {
  const at = (unixMs: number) => shortTime(unixMs, t.lang)
  const facts: string[] = []
  if (i.state === 'done' && i.doneAtUnixMs !== null) facts.push(t('duty.doneAt', { time: at(i.doneAtUnixMs) }))
  if ((i.kind === 'post' || i.kind === 'beat') && i.wanted > 1 && i.state !== 'later') facts.push(t('duty.minutes', { done: Math.floor(i.done), wanted: i.wanted }))
  if ((i.kind === 'point' || i.kind === 'line') && i.wanted > 1) facts.push(t('duty.times', { done: i.done, wanted: i.wanted }))
  if (i.kind === 'line' && i.state !== 'done' && i.coveredShare > 0) facts.push(t('duty.covered', { n: Math.round(i.coveredShare * 100) }))
  if (i.kind === 'post' && i.sinceUnixMs !== null) facts.push(t('duty.since', { time: at(i.sinceUnixMs) }))
  if (i.kind === 'post' && i.sinceUnixMs === null && i.leftAtUnixMs !== null) facts.push(t('duty.leftAt', { time: at(i.leftAtUnixMs) }))
  if (i.state === 'later' || (i.kind === 'post' && i.state === 'open')) facts.push(t('duty.within', { from: at(i.fromUnixMs), to: at(i.toUnixMs) }))
  if (i.relief) facts.push(t('duty.relieved', { time: at(i.relief.atUnixMs), who: [i.relief.by, i.relief.unitId].filter(Boolean).join(' ') }))
  if (i.state === 'missed' && i.code) facts.push(t(`missedWhy.${i.code}` as 'missedWhy.too_short', { n: i.shortByS }))
  if (i.state === 'missed' && i.unknownMinutes > 0) facts.push(t('duty.unknown', { n: i.unknownMinutes }))
  if (i.reason) facts.push(t('duty.reasonGiven', { reason: i.reasonWords || t.code('missedReason.', i.reason) }))
  return facts
}
