import { useState, type FormEvent } from 'react'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Problems } from './DraftCard.tsx'
import { EntryRows } from './EntryRows.tsx'
import type { DraftedList, DraftProblem, Opened } from './drafts.ts'
import { Input, Problem, refusal } from './parts.tsx'
import { text } from './text.ts'

const categories = ['stolen_vehicle', 'wanted_warrant', 'missing_or_vulnerable', 'court_order', 'named_incident_vehicle']
const words = ['titleZh', 'titleEn', 'authority', 'legalReference', 'purpose', 'source'] as const
const split = (lines: string) => lines.split(/[\s,，]+/).filter(Boolean)

/** A list is written here: whatever is wrong with it, it is kept, and all that is wrong is shown at once. */
export function DraftForm({ opened, onClose }: { opened: Opened; onClose: (draftId: string | null) => void }) {
  const t = useTranslator(text)
  const [draftId, setDraftId] = useState(opened.draftId)
  const [list, setList] = useState<DraftedList>(opened.list)
  const [remove, setRemove] = useState(opened.remove.join('\n'))
  const [problems, setProblems] = useState<DraftProblem[] | null>(null)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  const set = (change: Partial<DraftedList>) => setList((l) => ({ ...l, ...change }))
  const face = list.faceAuthorisation ?? { authorisedBy: '', reference: '', purpose: '' }
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure('')
    try {
      const draft = { ...list, faceAuthorisation: list.kind === 'faces' ? face : null }
      const answer = await request<{ draftId: string; problems: DraftProblem[] }>('POST', `/api/admin/drafts${draftId ? `/${draftId}` : ''}`, { draft, based: opened.based, remove: split(remove) })
      setDraftId(answer.draftId)
      setProblems(answer.problems)
    } catch (error) {
      setFailure(refusal(t, error))
    } finally {
      setBusy(false)
    }
  }
  const readFile = async (file: File) => {
    try {
      const read = JSON.parse(await file.text()) as Partial<DraftedList>
      if (typeof read !== 'object' || read === null || !Array.isArray(read.entries)) throw new SyntaxError('no list')
      setList({ ...list, ...read })
      setFailure('')
    } catch {
      setFailure(t('draft.badFile'))
    }
  }
  const line = (name: (typeof words)[number]) => (
    <label key={name} className="wide">
      {t(`form.${name}`)}
      <Input field={{ name, label: '' }} value={list[name]} disabled={opened.based} onChange={(v) => set({ [name]: v })} />
    </label>
  )
  return (
    <form className="admin-card" data-draft-form onSubmit={(e) => void save(e)}>
      <div className="admin-head">
        <h2>{t(opened.based ? 'draft.change' : 'draft.new')}</h2>
        <span className="grow" />
        {!opened.based && (
          <label className="admin-file">
            {t('draft.fromFile')}
            <input type="file" name="file" accept="application/json,.json" onChange={(e) => e.target.files?.[0] && void readFile(e.target.files[0])} />
          </label>
        )}
      </div>
      {opened.based && <p className="soft">{t('draft.based')}</p>}
      <div className="admin-form">
        <label>
          {t('form.listId')}
          <Input field={{ name: 'listId', label: '' }} value={list.listId} disabled={opened.based} onChange={(listId) => set({ listId })} />
        </label>
        <label>
          {t('form.kind')}
          <Input field={{ name: 'kind', label: '', options: ['plates', 'faces'].map((k) => [k, t.code('kind.', k)] as const) }} value={list.kind} disabled={opened.based} onChange={(kind) => set({ kind, entries: [] })} />
        </label>
        <label>
          {t('form.category')}
          <Input field={{ name: 'category', label: '', options: categories.map((c) => [c, t.code('category.', c)] as const) }} value={list.category} disabled={opened.based} onChange={(category) => set({ category })} />
        </label>
        <label>
          {t('form.validHours')}
          <Input field={{ name: 'validHours', label: '', type: 'number' }} value={String(list.validHours)} onChange={(v) => set({ validHours: Number(v) })} />
        </label>
        {!opened.based && words.map(line)}
        {!opened.based && (
          <label className="whole">
            {t('form.units')}
            <Input field={{ name: 'units', label: '' }} value={list.units.join(' ')} onChange={(v) => set({ units: v === '' ? [] : v.split(' ') })} />
          </label>
        )}
        {!opened.based &&
          list.kind === 'faces' &&
          (['authorisedBy', 'reference', 'purpose'] as const).map((f) => (
            <label key={f}>
              {t(f === 'purpose' ? 'form.facePurpose' : `form.${f}`)}
              <Input field={{ name: `face-${f}`, label: '' }} value={face[f]} onChange={(v) => set({ faceAuthorisation: { ...face, [f]: v } })} />
            </label>
          ))}
        {opened.based && (
          <label className="whole">
            {t('form.remove')}
            <Input field={{ name: 'remove', label: '', type: 'area' }} value={remove} onChange={setRemove} />
          </label>
        )}
      </div>
      <EntryRows kind={list.kind} entries={list.entries} onChange={(entries) => set({ entries })} />
      <Problem words={failure} />
      {problems && <p role="status">{t('draft.saved')}</p>}
      {problems && <Problems problems={problems} />}
      <div className="admin-acts">
        <button type="submit" className="primary" data-action="save-draft" disabled={busy}>
          {t(busy ? 'admin.working' : 'draft.save')}
        </button>
        <button type="button" data-action="close-draft" onClick={() => onClose(draftId)}>
          {t('action.back')}
        </button>
      </div>
    </form>
  )
}
