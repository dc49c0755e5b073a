import { useMemo, useState } from 'react'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { units } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { ErrorLine, Field } from '../field/parts.tsx'
import { round, type Handle, type LonLat, type Shape } from '../field/shapes.ts'
import { text } from '../text.ts'
import { documentOf, kinds, type Draft, type DraftItem, type Kind } from './patrol.ts'
import { ItemFields } from './ItemFields.tsx'
import type { Refused } from './Plans.tsx'

const hints = { beat: 'plans.drawArea', line: 'plans.drawLine', point: 'plans.drawPoint', post: 'plans.drawPoint' } as const
const fresh = { toleranceMetres: 50, dwellSeconds: 0, times: 0, leastMinutes: 0, from: '', to: '' }

/** A plan on the map: each click adds to the chosen item, each handle moves one of its places; the fields do the same without a mouse. */
export function PlanEditor({ initial, refused, onClose }: { initial: Draft; refused: Refused; onClose: () => void }) {
  const t = useTranslator(text)
  const fleet = useStore(units)
  const [draft, setDraft] = useState(initial)
  const [chosenId, setChosenId] = useState(initial.items[0]?.id ?? '')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const chosen = draft.items.find((i) => i.id === chosenId)
  const change = (what: Partial<DraftItem>) => setDraft((d) => ({ ...d, items: d.items.map((i) => (i.id === chosenId ? { ...i, ...what } : i)) }))
  const single = chosen?.kind === 'point' || chosen?.kind === 'post'

  const add = (kind: Kind) => {
    const n = draft.items.filter((i) => i.kind === kind).length + 1
    const id = [...Array(draft.items.length + 2).keys()].map((at) => `${kind}-${at + 1}`).find((name) => !draft.items.some((i) => i.id === name))!
    const item: DraftItem = { ...fresh, id, name: t('plans.newItem', { kind: t(`patrolKind.${kind}`), n }), kind, at: [] }
    setDraft((d) => ({ ...d, items: [...d.items, item] }))
    setChosenId(id)
  }
  const save = async () => {
    setBusy(true)
    setProblem('')
    try {
      await request('POST', '/api/patrol/plans', documentOf(draft))
      onClose()
    } catch (error) {
      setProblem(refused(error, draft))
      setBusy(false)
    }
  }
  const onClick = (at: LonLat) => chosen && change({ at: single ? [round(at)] : [...chosen.at, round(at)] })
  const shapes = useMemo(
    () => draft.items.map((i): Shape => ({ id: i.id, kind: i.kind === 'beat' ? 'area' : i.kind === 'line' ? 'line' : 'point', at: i.at, tone: i.id === chosenId ? 'due' : 'plain', chosen: i.id === chosenId })),
    [draft.items, chosenId],
  )
  const handles = useMemo(
    () => (chosen?.at ?? []).map((at, n): Handle => ({ id: `${chosenId}/${n}`, at, label: String(n + 1), tone: 'due', movable: true })),
    [chosen?.at, chosenId],
  )
  return (
    <div className="field-page" data-page="plan-editor">
      <FieldPanel
        shapes={shapes}
        handles={handles}
        focus={initial.id}
        words={chosen ? t(hints[chosen.kind]) : t('plans.noItems')}
        onClick={chosen ? onClick : undefined}
        onMoved={(id, at) => chosen && change({ at: chosen.at.map((old, n) => (id === `${chosenId}/${n}` ? round(at) : old)) })}
      />
      <aside>
        <div className="field-head">
          <h2>{draft.isNew ? t('plans.new') : draft.name}</h2>
        </div>
        <div className="field-body">
          <div className="field-row">
            <Field label={t('plans.name')}>
              <input name="plan-name" value={draft.name} maxLength={60} onChange={(e) => setDraft({ ...draft, name: e.target.value })} />
            </Field>
            <Field label={t('plans.id')}>
              <input name="plan-id" value={draft.id} maxLength={64} disabled={!draft.isNew} onChange={(e) => setDraft({ ...draft, id: e.target.value })} />
            </Field>
            <Field label={t('plans.from')}>
              <input name="plan-from" value={draft.from} pattern="\d\d:\d\d" onChange={(e) => setDraft({ ...draft, from: e.target.value })} />
            </Field>
            <Field label={t('plans.to')}>
              <input name="plan-to" value={draft.to} pattern="\d\d:\d\d" onChange={(e) => setDraft({ ...draft, to: e.target.value })} />
            </Field>
          </div>
          <h3>{t('plans.unitsTitle')}</h3>
          <div className="field-checks">
            {(fleet?.list ?? []).map((u) => {
              const given = draft.units.includes(u.unitId)
              const units = given ? draft.units.filter((id) => id !== u.unitId) : [...draft.units, u.unitId]
              return (
                <button key={u.unitId} type="button" data-give={u.unitId} aria-pressed={given} className={given ? 'primary' : ''} onClick={() => setDraft({ ...draft, units })}>
                  {u.unitId}
                </button>
              )
            })}
          </div>
          <h3>{t('plans.items')}</h3>
          <div className="field-checks">
            {kinds.map((kind) => (
              <button key={kind} type="button" data-add={kind} onClick={() => add(kind)}>
                {t('plans.add', { kind: t(`patrolKind.${kind}`) })}
              </button>
            ))}
          </div>
          {draft.items.length > 0 && (
            <div className="field-checks" role="group" aria-label={t('plans.items')}>
              {draft.items.map((i) => (
                <button key={i.id} type="button" data-draft={i.id} aria-pressed={i.id === chosenId} onClick={() => setChosenId(i.id)}>
                  {i.name || i.id}
                </button>
              ))}
            </div>
          )}
          {chosen && <ItemFields key={chosen.id} item={chosen} onChange={change} onRemove={() => setDraft((d) => ({ ...d, items: d.items.filter((i) => i.id !== chosenId) }))} />}
          {problem && <ErrorLine words={problem} />}
          <div className="field-actions">
            <button type="button" className="primary" data-action="save-plan" disabled={busy} onClick={() => void save()}>
              {t(busy ? 'plans.saving' : 'plans.save')}
            </button>
            <button type="button" data-action="cancel-plan" onClick={onClose}>
              {t('action.cancel')}
            </button>
          </div>
        </div>
      </aside>
    </div>
  )
}
