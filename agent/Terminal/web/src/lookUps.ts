import { request } from './shared/http.ts'
import { Store } from './shared/store.ts'

export type LookUpKind = 'plate' | 'document'
export const purposes = ['traffic_stop', 'identity_check', 'accident', 'person_in_distress', 'call'] as const
export type Purpose = (typeof purposes)[number]

/** What may be asked for which purpose: as the contract's LookUpRules has it (tests/Browser/words keeps the two together). */
export const purposesOf: Readonly<Record<LookUpKind, readonly Purpose[]>> = {
  plate: ['traffic_stop', 'accident', 'call'],
  document: ['traffic_stop', 'identity_check', 'accident', 'person_in_distress', 'call'],
}

export interface LookUpStatus { fact: string; state: string; dateUnixMs: number }
export interface LookUpResult {
  id: string
  kind: LookUpKind
  subject: string
  purpose: string
  atUnixMs: number
  /** The host forgets it then, and so does this page. */
  expiresAtUnixMs: number
  outcome: 'found' | 'not_found'
  plateClass: string
  vehicle: string
  displayName: string
  statuses: LookUpStatus[]
}
export interface Question { kind: LookUpKind; subject: string; purpose: Purpose; reason: string; callId?: string }

export const lookUpOpen = new Store(false)
/** This session's answers, the newest first. */
export const lookUps = new Store<readonly LookUpResult[]>([])

export async function ask(question: Question): Promise<LookUpResult> {
  const answer = await request<LookUpResult>('POST', '/api/look-ups', question)
  lookUps.update((all) => [answer, ...all])
  return answer
}

/** After a reload the host still holds what this session asked. */
export async function loadLookUps(): Promise<void> {
  const held = await request<LookUpResult[]>('GET', '/api/look-ups').catch(() => [])
  lookUps.update((all) => [...all, ...held.filter((h) => !all.some((a) => a.id === h.id))])
}

export function forgetLookUps(): void {
  lookUpOpen.set(false)
  lookUps.set([])
}
