import type { Incident } from '@shared/api.ts'
import { ApiError } from '@shared/http.ts'

export type EvidenceKind = 'alert' | 'snapshot' | 'clip' | 'copy'
export const kinds: readonly EvidenceKind[] = ['alert', 'snapshot', 'clip', 'copy']
export type FileState = 'here' | 'coming' | 'expected' | 'none'

export interface Found { id: string; kind: EvidenceKind; unitId: string; cameraId: string; fromUnixMs: number; toUnixMs: number; latitude: number | null; longitude: number | null; category: string; alertKind: string; verdict: string; fileState: FileState; mediaType: string; callNumber: string; madeBy: string; held: boolean }
export interface Answer { found: Found[]; more: boolean }
export interface Made { id: string; kind: EvidenceKind; madeBy: string; madeAtUnixMs: number; state: FileState; stateReason: string; mediaType: string }
export interface Item {
  id: string
  kind: EvidenceKind
  unitId: string
  cameraId: string
  fromUnixMs: number
  toUnixMs: number
  latitude: number | null
  longitude: number | null
  reason: string
  callNumber: string
  madeBy: string
  madeAtUnixMs: number | null
  sourceId: string | null
  state: FileState
  stateReason: string
  mediaType: string
  sizeBytes: number | null
  sha256: string
  fileUrl: string | null
  incident: Incident | null
  hold: { by: string; reason: string; atUnixMs: number } | null
  made: Made[]
}
export interface CustodyTold {
  origins: { eventId: string; unitId: string; capturedAtUnixMs: number; signatureValid: boolean | null }[]
  steps: { atUnixMs: number; actor: string; action: string; subject: string; purpose: string }[]
}
export interface Box { frame: number; x: number; y: number; width: number; height: number }
export interface Track { id: string; kind: string; keep: boolean; boxes: Box[] }
export interface Job { state: string; code: string; framesDone: number; frames: number; width: number; height: number; framesPerSecond: number; itemId: string; copyId: string | null; tracks: Track[] }
export interface Move { id: string; fromFrame: number; toFrame: number; dx: number; dy: number; grow: number }
export interface Draw { fromFrame: number; toFrame: number; x: number; y: number; width: number; height: number }

/** Where a track is at a frame: straight between its boxes; null outside them. As the centre does it. */
export function boxAt(track: Track, frame: number): Box | null {
  const first = track.boxes[0]
  const last = track.boxes.at(-1)
  if (!first || !last || frame < first.frame || frame > last.frame) return null
  const after = track.boxes.find((b) => b.frame >= frame)!
  if (after.frame === frame) return after
  const before = track.boxes.findLast((b) => b.frame < frame)!
  const share = (frame - before.frame) / (after.frame - before.frame)
  const mix = (a: number, b: number) => a + (b - a) * share
  return { frame, x: mix(before.x, after.x), y: mix(before.y, after.y), width: mix(before.width, after.width), height: mix(before.height, after.height) }
}

/** The package, handed to the browser as a download: an export is the one act that is meant to leave this machine. */
export async function downloadPackage(id: string, reason: string): Promise<void> {
  let response: Response
  try {
    response = await fetch(`/api/evidence/${encodeURIComponent(id)}/export`, { method: 'POST', credentials: 'same-origin', cache: 'no-store', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ reason }) })
  } catch {
    throw new ApiError(0, 'unreachable')
  }
  if (!response.ok) {
    const body = (await response.json().catch(() => ({}))) as { code?: string }
    throw new ApiError(response.status, body.code ?? '')
  }
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `${id}.zip`
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
