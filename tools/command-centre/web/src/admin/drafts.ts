/** The shapes of drafts, as the centre tells and takes them. */
export interface Step { at: number; actor: string; act: string; reason: string }
export interface Draft {
  draftId: string
  listId: string
  district: string
  state: string
  version: number
  validToUnixMs: number
  changedAtUnixMs: number
  steps: Step[]
  approvers: string[]
}
export interface Entry {
  entryId: string
  plate?: string | null
  plateClass?: string | null
  vehicleClass?: string | null
  subjectReference?: string | null
  displayName?: string | null
  picture?: string | null
  minor?: boolean
  note?: string | null
}
export interface DraftedList {
  listId: string
  kind: string
  category: string
  titleZh: string
  titleEn: string
  authority: string
  legalReference: string
  purpose: string
  source: string
  validHours: number
  units: string[]
  faceAuthorisation?: { authorisedBy: string; reference: string; purpose: string } | null
  entries: Entry[]
}
export interface DraftProblem { code: string; place: string; zh: string; en: string }
export interface WrittenDraft { draft: Draft; list: DraftedList; based: boolean; remove: string[]; problems: DraftProblem[] }

export const emptyList: DraftedList = {
  listId: '',
  kind: 'plates',
  category: 'stolen_vehicle',
  titleZh: '',
  titleEn: '',
  authority: '',
  legalReference: '',
  purpose: '',
  source: '',
  validHours: 24,
  units: [],
  faceAuthorisation: null,
  entries: [],
}

/** What the form opens with; no id: a draft that is not kept yet. */
export interface Opened { draftId: string | null; list: DraftedList; based: boolean; remove: string[] }
