import type { Tone } from './shared/api.ts'
import { remembered, Store } from './shared/store.ts'

export const sound = remembered<'on' | 'muted'>('sound', ['on', 'muted'], 'on')
/** The browser keeps sound back until the page has been touched once. */
export const soundBlocked = new Store(false)

/** A browser that keeps sound back never answers. */
const blockedAfterMs = 300

let context: AudioContext | null = null
let resting = 0

export function unlockSound(): void {
  context ??= new AudioContext()
  const now = context
  void now.resume().then(() => {
    soundBlocked.set(now.state !== 'running')
    restAfter(now, 0)
  })
}

// [start s, length s, Hz]: stop is a hard two-tone call, three times; check is one soft rising pair; a call is three rising notes,
// an urgent one the same twice, quicker.
export type Signal = Tone | 'call' | 'urgentCall'
const tones: Record<Signal, { type: OscillatorType; level: number; notes: [number, number, number][] }> = {
  stop: {
    type: 'square',
    level: 0.16,
    notes: [0, 0.5, 1].flatMap((at): [number, number, number][] => [[at, 0.2, 960], [at + 0.22, 0.2, 720]]),
  },
  check: { type: 'sine', level: 0.3, notes: [[0, 0.16, 520], [0.2, 0.26, 660]] },
  call: { type: 'triangle', level: 0.3, notes: [[0, 0.18, 587], [0.2, 0.18, 740], [0.4, 0.34, 880]] },
  urgentCall: { type: 'triangle', level: 0.34, notes: [0, 0.55].flatMap((at): [number, number, number][] => [[at, 0.12, 587], [at + 0.14, 0.12, 740], [at + 0.28, 0.2, 988]]) },
}

export function play(tone: Signal): void {
  if (sound.get() === 'muted') return
  context ??= new AudioContext()
  const now = context
  window.clearTimeout(resting)
  const blocked = window.setTimeout(() => soundBlocked.set(now.state !== 'running'), blockedAfterMs)
  void now.resume().then(() => {
    window.clearTimeout(blocked)
    soundBlocked.set(false)
    const { type, level, notes } = tones[tone]
    for (const [start, length, hertz] of notes) note(now, type, level, now.currentTime + start, length, hertz)
    restAfter(now, Math.max(...notes.map(([start, length]) => start + length)) * 1000)
  })
}

/** A context that plays nothing still renders silence a hundred times a second: it rests until the next call. */
function restAfter(audio: AudioContext, ms: number): void {
  window.clearTimeout(resting)
  resting = window.setTimeout(() => void audio.suspend(), ms + 500)
}

function note(audio: AudioContext, type: OscillatorType, level: number, at: number, length: number, hertz: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.type = type
  oscillator.frequency.value = hertz
  // Short ramps: a hard edge clicks in the loudspeaker.
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(level, at + 0.015)
  gain.gain.setValueAtTime(level, at + length - 0.03)
  gain.gain.linearRampToValueAtTime(0, at + length)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + length)
}
