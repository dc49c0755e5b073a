import { useMemo, useState } from 'react'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { account, topic } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { ErrorLine } from '../field/parts.tsx'
import { useLoaded } from '../field/useLoaded.ts'
import { text } from '../text.ts'
import { draftOf, loadPlans, shapesOf, type Draft, type Plan, type PlanDocument } from './patrol.ts'
import { ModeHead, type ModeProps } from './PatrolPage.tsx'
import { PlanEditor } from './PlanEditor.tsx'

/** What the centre said of a plan, in words, with the item's name where it is about one. */
export type Refused = (error: unknown, draft?: Draft) => string

export function Plans(props: ModeProps) {
  const t = useTranslator(text)
  const role = useStore(account)?.role ?? ''
  const mayEdit = role === 'supervisor' || role === 'admin'
  const { value, failed, retry } = useLoaded(loadPlans, [useStore(topic('patrol'))])
  const [chosenId, setChosenId] = useState('')
  const [draft, setDraft] = useState<Draft | null>(null)
  const [problem, setProblem] = useState('')
  const chosen = value?.find((p) => p.planId === chosenId) ?? value?.[0]
  const shapes = useMemo(() => (chosen ? shapesOf(chosen.document, () => 'plain', null) : []), [chosen])

  const refused: Refused = (error, of) => {
    const item = error instanceof ApiError ? String(error.body['item'] ?? '') : ''
    const name = of?.items.find((i) => i.id === item)?.name ?? item
    const why = t.code('error.', errorCode(error))
    return name ? t('plans.refusedAt', { item: name, why }) : t('plans.refused', { why })
  }
  const importFile = async (file: File) => {
    setProblem('')
    try {
      await request('POST', '/api/patrol/plans', readJson(await file.text()))
      retry()
    } catch (error) {
      setProblem(error instanceof SyntaxError ? t('plans.refused', { why: t('error.plan_unreadable') }) : refused(error))
    }
  }
  if (draft) return <PlanEditor initial={draft} refused={refused} onClose={() => (setDraft(null), retry())} />
  return (
    <div className="field-page" data-page="patrol">
      <FieldPanel shapes={shapes} focus={chosen?.planId ?? ''} />
      <aside>
        <ModeHead {...props} />
        <div className="field-body">
          {failed && <ErrorLine words={t('patrol.failed', { why: t.code('error.', failed) })} retry={retry} />}
          {problem && <ErrorLine words={problem} />}
          {mayEdit ? (
            <div className="field-actions">
              <button type="button" className="primary" data-action="new-plan" onClick={() => setDraft({ id: '', name: '', units: [], from: '08:00', to: '20:00', items: [], isNew: true, rest: {} })}>
                {t('plans.new')}
              </button>
              <label className="button file-button" role="button">
                {t('plans.import')}
                <input type="file" name="plan-file" accept=".geojson,.json" aria-label={t('plans.import')} onChange={(e) => e.target.files?.[0] && void importFile(e.target.files[0])} />
              </label>
            </div>
          ) : (
            <p className="soft">{t('plans.readOnly')}</p>
          )}
          {value === null ? (
            !failed && <p className="empty">{t('patrol.loading')}</p>
          ) : value.length === 0 ? (
            <p className="empty">{t('plans.none')}</p>
          ) : (
            <div className="card-list">
              {value.map((p) => (
                <PlanCard key={p.planId} plan={p} chosen={p === chosen} onChoose={() => setChosenId(p.planId)} onEdit={() => setDraft(draftOf(p.document))} onEnded={retry} onProblem={(e) => setProblem(refused(e))} />
              ))}
            </div>
          )}
        </div>
      </aside>
    </div>
  )
}

function readJson(words: string): PlanDocument {
  return JSON.parse(words) as PlanDocument
}

function PlanCard({ plan, chosen, onChoose, onEdit, onEnded, onProblem }: { plan: Plan; chosen: boolean; onChoose: () => void; onEdit: () => void; onEnded: () => void; onProblem: (error: unknown) => void }) {
  const t = useTranslator(text)
  const [sure, setSure] = useState(false)
  const end = () => (sure ? request('DELETE', `/api/patrol/plans/${encodeURIComponent(plan.planId)}`).then(onEnded, onProblem) : setSure(true))
  return (
    <section className="card-list" data-plan={plan.planId}>
      <button type="button" className="field-card" aria-pressed={chosen} onClick={onChoose}>
        <b>{plan.name}</b>
        <small>{t('plans.facts', { version: plan.version, items: plan.document.features.length, units: plan.units.length })}</small>
      </button>
      {chosen && (
        <div className="field-actions">
          {plan.mayEdit && (
            <button type="button" data-action="edit-plan" onClick={onEdit}>
              {t('plans.edit')}
            </button>
          )}
          <a className="button" href={`/api/patrol/plans/${encodeURIComponent(plan.planId)}.geojson`} download>
            {t('plans.export')}
          </a>
          {plan.mayEdit && (
            <button type="button" className="danger" data-action="end-plan" onClick={() => void end()}>
              {sure ? t('plans.endSure', { name: plan.name }) : t('plans.end')}
            </button>
          )}
        </div>
      )}
    </section>
  )
}
