import { request } from '@shared/http.ts'
import { circle, type LonLat } from '../field/shapes.ts'

export interface CordonShape { latitude: number | null; longitude: number | null; radiusMetres: number | null; ring: readonly LonLat[] | null }
export interface DraftPost { postId: string; latitude: number; longitude: number; unitId: string }
export interface Proposal {
  source: 'roads' | 'even' | 'own'
  mergedMetres: number
  roadsInstalled: boolean
  speedKmh: number
  holdMetres: number
  posts: readonly { postId: string; latitude: number; longitude: number }[]
  assignments: readonly { postId: string; unitId: string; metres: number; seconds: number }[]
  cars: readonly { unitId: string; label: string; latitude: number | null; longitude: number | null; excluded: string }[]
}
export type PostState = 'open' | 'ordered' | 'read' | 'on_the_way' | 'held' | 'left' | 'unknown'
export interface Post {
  postId: string
  name: string
  latitude: number
  longitude: number
  unitId: string
  state: PostState
  metres: number | null
  orderedAtUnixMs: number | null
  readAtUnixMs: number | null
  arrivedAtUnixMs: number | null
}
export interface Operation {
  operationId: string
  name: string
  reason: string
  account: string
  startedAtUnixMs: number
  endedAtUnixMs: number | null
  endReason: string
  endedBy: string
  cordon: CordonShape
  posts: readonly Post[]
  pieces: readonly { line: readonly LonLat[]; closed: boolean }[]
}

export const loadOperations = () => request<Operation[]>('GET', '/api/containments')
export const propose = (cordon: CordonShape, posts: readonly DraftPost[] | null) => request<Proposal>('POST', '/api/containments/proposal', { cordon, posts })

/** Null while too little of it is drawn. */
export function outline(cordon: CordonShape): LonLat[] | null {
  if (cordon.ring) return cordon.ring.length >= 3 ? [...cordon.ring] : null
  return cordon.latitude === null || cordon.longitude === null || !cordon.radiusMetres ? null : circle([cordon.longitude, cordon.latitude], cordon.radiusMetres)
}
