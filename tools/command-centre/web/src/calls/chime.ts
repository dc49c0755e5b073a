import { Store } from '@shared/store.ts'

/** The browser keeps sound back until the page has been touched once. */
export const soundIsOff = new Store(true)

let context: AudioContext | null = null

/** On a key or a click; costs nothing once it is on. */
export function unlockChime(): void {
  if (!soundIsOff.get()) return
  context ??= new AudioContext()
  const now = context
  void now.resume().then(() => soundIsOff.set(now.state !== 'running'))
}

/** Three rising notes, twice: unlike anything else in a control room. */
export function chime(): void {
  if (!context || soundIsOff.get()) return
  const now = context
  for (const at of [0, 0.8]) for (const [i, hertz] of [523, 659, 880].entries()) note(now, now.currentTime + at + i * 0.18, hertz)
}

function note(audio: AudioContext, start: number, hertz: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.type = 'triangle'
  oscillator.frequency.value = hertz
  // Short ramps: a hard edge clicks in the loudspeaker.
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(0.35, start + 0.015)
  gain.gain.setValueAtTime(0.35, start + 0.13)
  gain.gain.linearRampToValueAtTime(0, start + 0.17)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(start)
  oscillator.stop(start + 0.18)
}
