import { session, state } from '../desk.ts'
import { sound } from '../sound.ts'
import { followHeldKey } from '../shared/heldKey.ts'
import { remembered, Store } from '../shared/store.ts'
import { Voice } from '../shared/voice.ts'

/** This page's push to talk. Muted with the terminal's sound; whoever calls for help is heard all the same. */
export const voice = new Voice('/api/voice', () => sound.get() !== 'muted')

/** Where the button speaks: the district, the centre alone, or one other car (unit:ID). */
export const channel = new Store<string>('district')
/** How the button works: held, or pressed once to begin and once to end (gloves, a bumpy road). */
export const manner = remembered<'hold' | 'toggle'>('talk-button', ['hold', 'toggle'], 'hold')

/** As the centre takes it. */
export const asked = (chosen: string): string => (chosen === 'centre' ? `unit:${state.get()?.unitId ?? ''}` : chosen)

export const talkKey = 'F8'

/** From the first page on: a call for help needs it before anybody is signed in. */
export function startVoice(): void {
  voice.start()
  document.addEventListener('pointerdown', () => voice.unlock(), { capture: true })
  followHeldKey(
    talkKey,
    () => {
      if (session.get()) void voice.press(asked(channel.get()))
      return session.get() !== null
    },
    () => voice.release(),
  )
  // The cookie that says who speaks came with the sign-in: a new connection carries it.
  let who: string | undefined = session.get()?.sessionId
  session.subscribe(() => {
    const now = session.get()?.sessionId
    if (now === who) return
    who = now
    if (voice.now.get().mine.state !== 'talk') voice.reconnect()
  })
}

