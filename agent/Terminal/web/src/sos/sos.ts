import { state } from '../desk.ts'
import { request } from '../shared/http.ts'
import { Store } from '../shared/store.ts'
import { voice } from '../voice/voice.ts'

/** As state.areas.sos has it while this car calls for help. */
export interface Sos { id: string; officerId: string; sinceUnixMs: number; sent: boolean; takenBy: string }

export const sosNow = new Store<Sos | null>(null)
/** The officer's own wish not to be heard; ends with the call. */
export const quiet = new Store(false)
export const failed = new Store(false)

const tryAgainMs = 2000

/** Held for a second: on disk when the host has answered, however bad the network. */
export async function callForHelp(): Promise<void> {
  failed.set(false)
  try {
    await request('POST', '/api/sos', {})
    await speak()
  } catch {
    failed.set(true)
  }
}

export const takeBack = (): Promise<unknown> => request('DELETE', '/api/sos')

// Whoever calls for help is heard until it is over, from this page too when it was loaded anew.
async function speak(): Promise<void> {
  const unitId = state.get()?.unitId
  if (unitId && !quiet.get() && sosNow.get() !== null) await voice.press(`unit:${unitId}`, true)
}

export function followSos(): void {
  state.subscribe(() => {
    const next = (state.get()?.areas?.['sos'] as Sos | null | undefined) ?? null
    const before = sosNow.get()
    if (next?.id !== before?.id || next?.sent !== before?.sent || next?.takenBy !== before?.takenBy) sosNow.set(next)
    if (before && !next) {
      quiet.set(false)
      const { mine } = voice.now.get()
      if ((mine.state === 'talk' || mine.state === 'wait') && mine.emergency) voice.release()
    }
  })
  window.setInterval(() => {
    const { mine } = voice.now.get()
    const speaks = mine.state === 'talk' || mine.state === 'wait'
    if (sosNow.get() && !speaks) void speak()
    if (quiet.get() && speaks && mine.emergency) voice.release()
  }, tryAgainMs)
}
