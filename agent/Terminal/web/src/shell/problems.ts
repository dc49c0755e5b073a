import { boxOf } from '../box/box.ts'
import type { boxText } from '../box/text.ts'
import type { TerminalState } from '../shared/api.ts'
import type { helpText } from './helpText.ts'

type Key = Extract<keyof typeof helpText | keyof typeof boxText, `problem.${string}.title`> extends `problem.${infer K}.title` ? K : never
type Trouble = Extract<keyof typeof boxText, `problem.${string}.title`> extends `problem.${infer K}.title` ? K : never

/** Something that is not as it should be: `problem.ID.title` says what, `problem.ID.do` what to do about it. */
export interface Problem { id: Key; more?: { n: number } }

/** What stands in the way of the work now, worst first. */
export function problemsOf(s: TerminalState): Problem[] {
  const dead = s.cameras.filter((c) => c.state === 'lost').length
  const frozen = s.cameras.filter((c) => c.frozen && !c.black && c.state !== 'lost').length
  const black = s.cameras.filter((c) => c.black && c.state !== 'lost').length
  const refused = s.lists.filter((l) => l.state === 'refused' || l.state === 'expired').length
  const expiring = s.lists.filter((l) => l.state === 'loaded' && l.validToUnixMs - s.timeUnixMs < soonMs).length
  const found: (Problem | false)[] = [
    ...troublesOf(s).map((id) => ({ id })),
    s.disk != null && { id: 'disk' },
    s.timeTrust !== 'centre' && s.timeTrust !== 'gnss' && { id: 'time' },
    s.link.phase === 'refused' && { id: 'refused' },
    (s.link.phase === 'down' || s.link.phase === 'connecting') && { id: 'link', more: { n: s.link.backlogEvents } },
    s.link.refusedEvents > 0 && { id: 'events', more: { n: s.link.refusedEvents } },
    (!s.position || s.position.stale || s.position.fix === 'none') && { id: 'position' },
    dead > 0 && { id: 'camera', more: { n: dead } },
    frozen > 0 && { id: 'frozen', more: { n: frozen } },
    black > 0 && { id: 'black', more: { n: black } },
    refused > 0 && { id: 'lists', more: { n: refused } },
    expiring > 0 && { id: 'expiring', more: { n: expiring } },
    s.stages.some((stage) => stage.state === 'stopped') && { id: 'stopped' },
  ]
  return found.filter((p) => p !== false)
}

/** What the host says of vehicle and box; the banner says itself that the box is going. */
const known: Record<Trouble, true> = {
  power_going: true,
  low_voltage: true,
  hot: true,
  disk_failing: true,
  disk_worn: true,
  no_sim: true,
  sim_locked: true,
  modem_failed: true,
  no_network: true,
  clock_jumped: true,
}
// Without a signal at the modem, but with a link by another way, there is nothing to do.
export const troublesOf = (s: TerminalState): Trouble[] =>
  (boxOf(s)?.troubles ?? []).filter((code): code is Trouble => code in known).filter((code) => code !== 'no_network' || s.link.phase !== 'up')

const soonMs = 30 * 60_000
