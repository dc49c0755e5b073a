import { ApiError, errorCode, request } from '@shared/http.ts'
import { Store } from '@shared/store.ts'
import { account, openPage, topic } from '../centre.ts'

export interface CallRow {
  callId: string
  number: string
  revision: number
  kind: string
  urgent: boolean
  district: string
  policeType: string
  state: string
  ownerUnitId: string
  title: string
  address: string
  latitude: number | null
  longitude: number | null
  receivedAtUnixMs: number
  waitingSinceUnixMs: number | null
  escalation: number
  loud: boolean
  proposedUnitId: string
  handOverTo: string
  backUpOpen: boolean
  hasRecording: boolean
  entries: number
  result: string
  closedAtUnixMs: number | null
}
export interface CallLine { atUnixMs: number; happenedAtUnixMs: number; actor: string; unitId: string; what: string; effect: string; state: string; text: string }
export interface CallDetails {
  call: CallRow
  details: string
  contact: string
  takenBy: string
  dispatchedBy: string
  backUpUnitIds: string[]
  nearbyUnitIds: string[]
  recording: 'none' | 'here' | 'expired'
  story: CallLine[]
}
export interface Candidate {
  unitId: string
  label: string
  policeType: string
  isOwner: boolean
  online: boolean
  officerId: string
  availability: string
  metres: number | null
  heading: string
  openCalls: number
  typeFits: boolean
  positionAgeMs: number | null
  stale: boolean
  ringMinutes: number
  score: number
}
export interface FoundPlace { name: string; aliases: string[]; longitude: number; latitude: number; district: string }
interface CallsMessage { escalateAfterS: number[]; ringMinutes: number[]; arrivalKmh: number; calls: CallRow[] }

export const callKinds = ['public_order', 'traffic', 'crime', 'help', 'fire', 'medical'] as const
export const callResults = ['handled', 'mediated', 'transferred', 'nothing_found', 'false_alarm', 'duplicate'] as const

/** null: not told yet. */
export const openCalls = topic<CallsMessage>('calls')
export const selectedCallId = new Store<string | null>(null)
export const intakeOpen = new Store(false)
/** A form is open that says where a call is: a click on the map is its place. */
export const placing = new Store(false)
/** Where the intake form says that it is: chosen from the names of places, or clicked on the map. */
export const intakePlace = new Store<{ latitude: number; longitude: number; clicked: boolean } | null>(null)
/** The cars that could go to the call that is open. */
export const candidates = new Store<readonly Candidate[]>([])

export const mayAct = () => ['dispatcher', 'supervisor'].includes(account.get()?.role ?? '')
export const isOver = (call: CallRow) => call.state === 'closed' || call.state === 'cancelled'
export const isWaiting = (call: CallRow) => call.state === 'open' || call.state === 'dispatched'

export function openCall(callId: string): void {
  openPage.set('calls')
  intakeOpen.set(false)
  selectedCallId.set(callId)
}

export function openIntake(): void {
  openPage.set('calls')
  intakePlace.set(null)
  intakeOpen.set(true)
}

export const readCall = (callId: string) => request<CallDetails>('GET', `/api/calls/${callId}`)
export const readCandidates = (callId: string) => request<Candidate[]>('GET', `/api/calls/${callId}/candidates`)
export const findPlaces = (query: string) => request<FoundPlace[]>('GET', `/api/places?query=${encodeURIComponent(query)}`)
export const takeCall = (body: object) => request<CallRow>('POST', '/api/calls', body)
export const act = (callId: string, name: string, body: object) => request<CallRow>('POST', `/api/calls/${callId}/${name}`, body)
export const searchCalls = (body: object) => request<{ calls: CallRow[]; more: boolean }>('POST', '/api/calls/history', body)

const mostRecordingBytes = 20 << 20

/** Sends a caller's voice. @returns '' or the code of why not. */
export async function sendRecording(callId: string, file: File): Promise<string> {
  const type = recordingType(file)
  if (type === null) return 'not_a_recording'
  // The centre hangs up on more than it takes, which a browser tells as no answer at all.
  if (file.size > mostRecordingBytes) return 'recording_too_large'
  try {
    // Twenty megabytes over a narrow line take longer than the ten seconds of an ordinary request.
    const answer = await fetch(`/api/calls/${callId}/recording`, { method: 'POST', credentials: 'same-origin', headers: { 'content-type': type }, body: file, signal: AbortSignal.timeout(300_000) })
    if (answer.ok) return ''
    const told = (await answer.json().catch(() => ({}))) as { code?: string }
    return errorCode(new ApiError(answer.status, told.code ?? ''))
  } catch {
    return 'unreachable'
  }
}

function recordingType(file: File): string | null {
  const ending = file.name.toLowerCase().split('.').at(-1) ?? ''
  return { ogg: 'audio/ogg', opus: 'audio/ogg', wav: 'audio/wav', mp3: 'audio/mpeg', m4a: 'audio/mp4' }[ending] ?? null
}

/** What is urgent, or waits too long, stands first; then what came first. */
export function inOrder(calls: readonly CallRow[]): CallRow[] {
  const weight = (c: CallRow) => (c.escalation > 0 ? 8 + c.escalation : 0) + (c.urgent ? 4 : 0) + (c.backUpOpen || c.handOverTo ? 2 : 0) + (isWaiting(c) ? 1 : 0)
  return [...calls].sort((a, b) => weight(b) - weight(a) || a.receivedAtUnixMs - b.receivedAtUnixMs)
}
