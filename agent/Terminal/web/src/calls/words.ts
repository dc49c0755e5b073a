import { bearing, eighth } from '../map/geo.ts'
import type { TerminalState } from '../shared/api.ts'
import type { Say } from '../shared/i18n.ts'
import type { text } from '../text.ts'
import { metresTo, ownPlace, placeOf, type Call } from './calls.ts'

export type T = Say<typeof text>

/** Metres rounded as a driver needs them: 40 m, 350 m, 1.2 km, 14 km. */
export function distance(t: T, metres: number): string {
  if (metres < 995) return t('distance.m', { n: metres < 100 ? Math.round(metres / 5) * 5 : Math.round(metres / 10) * 10 })
  return t('distance.km', { n: metres < 9950 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000) })
}

/** How far and in which direction from the car; '' when either place is not known. */
export function way(t: T, call: Call, s: TerminalState | null): string {
  const [metres, from, to] = [metresTo(call, s), ownPlace(s), placeOf(call)]
  if (metres === null || !from || !to) return ''
  return metres < 20 ? distance(t, metres) : `${t.code('compass.', String(eighth(bearing(from, to))))} ${distance(t, metres)}`
}

export const titleOf = (t: T, call: Call): string => call.title || t('calls.noTitle')

/** What is read aloud when a call comes: short, and nothing of what the caller said. */
export function spoken(t: T, call: Call, s: TerminalState | null): string {
  const metres = metresTo(call, s)
  const said = t('speech.say', {
    first: t(call.urgent ? 'speech.urgent' : 'calls.new'),
    kind: t.code('callKind.', call.kind),
    title: titleOf(t, call),
    address: call.address || t('calls.noAddress'),
  })
  return (said + (metres === null ? '' : t('speech.distance', { distance: distance(t, metres) }))).replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 400)
}
