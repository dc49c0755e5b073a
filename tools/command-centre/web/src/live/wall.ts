import { Store } from '@shared/store.ts'
import { topic, type Quality } from '../centre.ts'

/** One live view, as the centre tells of it. */
export interface LiveTold { leaseId: string; unitId: string; cameraId: string; account: string; reason: string; quality: Quality; startedAtUnixMs: number; endsAtUnixMs: number; screens: number }
export interface Hand { unitId: string; cameraId: string; leaseId: string; account: string; freeAtUnixMs: number }
/** watched: only for those who oversee. */
export interface LiveNow { mine: readonly LiveTold[]; hands: readonly Hand[]; watched: readonly LiveTold[] | null }

/** ended: null while it runs. */
export interface Tile extends LiveTold { ended: string | null }

export const mostTiles = 9
export const liveNow = topic<LiveNow>('live')
export const wall = new Store<readonly Tile[]>([])

// Views that run stay where they stand; one that ended stays, grey and with its reason, until it is removed or its place is needed.
liveNow.subscribe(() => {
  const now = liveNow.get()
  if (now === null) {
    wall.set([])
    return
  }
  wall.update((tiles) => {
    const running = new Map(now.mine.map((l) => [l.leaseId, l]))
    const kept = tiles.map((tile): Tile => {
      const told = running.get(tile.leaseId)
      running.delete(tile.leaseId)
      return told ? { ...told, ended: null } : { ...tile, ended: tile.ended ?? '' }
    })
    const all = [...kept, ...[...running.values()].map((told): Tile => ({ ...told, ended: null }))]
    const surplus = all.length - mostTiles
    const leaving = new Set(all.filter((tile) => tile.ended !== null).slice(0, Math.max(0, surplus)))
    return all.filter((tile) => !leaving.has(tile))
  })
})

/** The reason comes with the video's own end, before or after the centre tells that it runs no more. */
export function ended(leaseId: string, reason: string): void {
  wall.update((tiles) => tiles.map((tile) => (tile.leaseId === leaseId ? { ...tile, ended: reason || tile.ended || '' } : tile)))
}

export function remove(leaseId: string): void {
  wall.update((tiles) => tiles.filter((tile) => tile.leaseId !== leaseId))
}
