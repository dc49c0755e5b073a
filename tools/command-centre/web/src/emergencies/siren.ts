import { Store } from '@shared/store.ts'

/** The browser keeps sound back until the page has been touched once. */
export const sirenBlocked = new Store(false)

const everyMs = 2500
let context: AudioContext | null = null
let timer = 0

export function startSiren(): void {
  if (timer !== 0) return
  context ??= new AudioContext()
  sound()
  timer = window.setInterval(sound, everyMs)
}

export function stopSiren(): void {
  window.clearInterval(timer)
  timer = 0
  void context?.suspend()
}

export function unlockSiren(): void {
  void context?.resume().then(() => sirenBlocked.set(context?.state !== 'running'))
}

/** Rising and falling, unlike any other tone of the console. */
function sound(): void {
  const audio = context
  if (!audio) return
  // A browser that keeps sound back never answers.
  window.setTimeout(() => sirenBlocked.set(audio.state !== 'running'), 300)
  void audio.resume().then(() => {
    const [oscillator, gain, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime]
    oscillator.type = 'sawtooth'
    for (const [s, hertz] of [[0, 620], [0.5, 1100], [1, 620], [1.5, 1100]] as const) oscillator.frequency.linearRampToValueAtTime(hertz, at + s)
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(0.12, at + 0.05)
    gain.gain.setValueAtTime(0.12, at + 1.6)
    gain.gain.linearRampToValueAtTime(0, at + 1.7)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(at)
    oscillator.stop(at + 1.75)
  })
}
