import type { TerminalState } from '../shared/api.ts'
import { request } from '../shared/http.ts'

export const caseKinds = ['dispute', 'noise', 'minor_fight', 'petty_theft', 'damage', 'traffic_minor', 'fraud', 'other'] as const
export const roles = ['party', 'victim', 'witness', 'reporter'] as const
export const offices = ['household', 'residence', 'exit_entry', 'traffic', 'urban_management', 'market', 'labour', 'community', 'other'] as const
export type CaseKind = (typeof caseKinds)[number]
export type Role = (typeof roles)[number]
export type RecordState = 'draft' | 'sent' | 'passed_on' | 'answered'

export interface Person { role: Role; name: string; idNumber: string; phone: string; statement: string; refused: boolean }
export interface CaseFields {
  kind: CaseKind
  callId: string
  place: string
  happenedAtUnixMs: number
  persons: Person[]
  statement: string
  outcome: string
  legalBasis: string
}
export interface CaseRecord {
  id: string
  state: RecordState
  createdAtUnixMs: number
  officerId: string
  fields: CaseFields
  /** Hashes of pictures that the host keeps; '' for none. */
  personSignatures: string[]
  officerSignature: string
  pictures: string[]
  answer: string
}
export interface CaseLine { id: string; kind: CaseKind; state: RecordState; atUnixMs: number; officerId: string; persons: number; pictures: number; answer: string }
export interface RequestLine { id: string; kind: 'found' | 'lost' | 'office'; office: string; state: RecordState; atUnixMs: number; officerId: string; answer: string }
export interface WindowRequest { kind: 'found' | 'lost' | 'office'; what: string; place: string; contact: string; office: string; pictureId: string | null }

interface Area { cases: CaseLine[]; requests: RequestLine[] }
const none: Area = { cases: [], requests: [] }
export const recordsOf = (s: TerminalState | null): Area => (s?.areas?.['records'] as Area | null | undefined) ?? none

const at = (id: string, rest = '') => `/api/records/${encodeURIComponent(id)}${rest}`
export const begin = (callId: string) => request<CaseRecord>('POST', '/api/records', { callId })
export const open = (id: string) => request<CaseRecord>('GET', at(id))
export const write = (id: string, fields: CaseFields) => request('POST', at(id), fields)
export const addPicture = (id: string, pictureId: string) => request('POST', at(id, '/pictures'), { pictureId })
export const removePicture = (id: string, hash: string) => request('DELETE', at(id, `/pictures/${hash}`))
export const sign = (id: string, person: number | null, png: string) => request('POST', at(id, '/signatures'), { person, png })
export const finish = (id: string) => request('POST', at(id, '/finish'), {})
export const printed = (id: string) => request('POST', at(id, '/printed'), {})
export const discard = (id: string) => request('DELETE', at(id))
export const pictureUrl = (id: string, hash: string) => at(id, `/pictures/${hash}`)
export const send = (asked: WindowRequest) => request<{ id: string }>('POST', '/api/requests', asked)

/** What is still missing, as the host would say it; '' when it can be sent. */
export function missing(r: CaseRecord): string {
  const f = r.fields
  if (!f.place.trim()) return 'place_required'
  if (f.persons.some((p) => !p.name.trim())) return 'person_incomplete'
  if (!f.statement.trim()) return 'statement_required'
  if (f.persons.some((p, i) => p.refused === Boolean(r.personSignatures[i]) && !(p.refused && r.personSignatures[i]))) return 'person_not_signed'
  return r.officerSignature ? '' : 'officer_not_signed'
}
