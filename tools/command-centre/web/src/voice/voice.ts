import { followHeldKey } from '@shared/heldKey.ts'
import { remembered, Store } from '@shared/store.ts'
import { Voice } from '@shared/voice.ts'
import { account } from '../centre.ts'

/** Whether this console plays what is said; calls for help are heard all the same. */
export const listening = remembered<'on' | 'off'>('voice-listening', ['on', 'off'], 'on')
export const voice = new Voice('/api/voice', () => listening.get() === 'on')
/** Where the button speaks: "district:NAME" or "unit:ID"; '' until something is chosen. */
export const channel = new Store<string>('')

export const talkKey = 'F8'

/** Speaks and hears while somebody of the shift is signed in. */
export function followVoice(): void {
  document.addEventListener('pointerdown', () => voice.unlock(), { capture: true })
  followHeldKey(
    talkKey,
    () => {
      if (channel.get()) void voice.press(channel.get())
      return channel.get() !== ''
    },
    () => voice.release(),
  )
  account.subscribe(() => {
    const who = account.get()
    if (who?.permissions?.includes('operate') && !who.restricted) voice.start()
    else voice.stop()
  })
}
