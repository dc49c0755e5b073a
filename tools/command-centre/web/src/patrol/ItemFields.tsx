import { useTranslator } from '@shared/i18n.ts'
import { Field, Places } from '../field/parts.tsx'
import { text } from '../text.ts'
import type { DraftItem } from './patrol.ts'

/** What an item of this kind can say; the rule of the contract leaves the rest out too. */
const numbers = {
  beat: [['leastMinutes', 'plans.least']],
  point: [['toleranceMetres', 'plans.tolerance'], ['dwellSeconds', 'plans.dwell'], ['times', 'plans.times']],
  line: [['toleranceMetres', 'plans.tolerance'], ['times', 'plans.times']],
  post: [['toleranceMetres', 'plans.tolerance'], ['leastMinutes', 'plans.least']],
} as const

export function ItemFields({ item, onChange, onRemove }: { item: DraftItem; onChange: (what: Partial<DraftItem>) => void; onRemove: () => void }) {
  const t = useTranslator(text)
  return (
    <section className="card-list" aria-label={item.name}>
      <div className="field-row">
        <Field label={t('plans.name')}>
          <input name="item-name" value={item.name} maxLength={60} onChange={(e) => onChange({ name: e.target.value })} />
        </Field>
        {numbers[item.kind].map(([key, label]) => (
          <Field key={key} label={t(label)}>
            <input name={key} type="number" min={0} value={item[key]} onChange={(e) => onChange({ [key]: Math.max(0, Math.round(Number(e.target.value))) })} />
          </Field>
        ))}
        {item.kind === 'post' &&
          (['from', 'to'] as const).map((key) => (
            <Field key={key} label={t(`plans.${key}`)}>
              <input name={`item-${key}`} value={item[key]} pattern="\d\d:\d\d" onChange={(e) => onChange({ [key]: e.target.value })} />
            </Field>
          ))}
      </div>
      <Places name="places" label={t('plans.places')} at={item.at} onChange={(at) => onChange({ at })} />
      <div className="field-actions">
        <button type="button" data-action="undo-point" disabled={item.at.length === 0} onClick={() => onChange({ at: item.at.slice(0, -1) })}>
          {t('plans.undo')}
        </button>
        <button type="button" className="danger" data-action="remove-item" onClick={onRemove}>
          {t('plans.remove')}
        </button>
      </div>
    </section>
  )
}
