import type { Language } from '../shared/i18n.ts'
import { sound } from '../sound.ts'

// A host that has no voice says so once; it is not asked at every call.
let hostIsMute = false
let player: HTMLAudioElement | null = null
let turn = 0

/**
 * Reads a sentence aloud: with the browser's own voice where it has one of the language on this machine, else with the host's. The
 * tone has sounded by then whatever becomes of this.
 */
export async function say(words: string, lang: Language): Promise<void> {
  hush()
  if (sound.get() === 'muted') return
  const mine = ++turn
  const voice = ownVoice(lang)
  if (voice) {
    const utterance = new SpeechSynthesisUtterance(words)
    utterance.voice = voice
    utterance.lang = voice.lang
    window.speechSynthesis.speak(utterance)
    return
  }
  if (hostIsMute) return
  try {
    const answer = await fetch('/api/speech', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: words, language: lang }), signal: AbortSignal.timeout(10_000) })
    hostIsMute = answer.status === 503
    if (!answer.ok) return
    const url = URL.createObjectURL(await answer.blob())
    if (mine !== turn || sound.get() === 'muted') return URL.revokeObjectURL(url)
    player = new Audio(url)
    player.dataset['speech'] = ''
    player.addEventListener('ended', () => URL.revokeObjectURL(url), { once: true })
    await player.play()
  } catch {
    return // not touched yet, or no answer: the tone and the banner have said it
  }
}

export function hush(): void {
  turn++
  window.speechSynthesis?.cancel()
  player?.pause()
  player = null
}

/** Only one that speaks here: a voice of a far server would send what it reads out of the car. */
function ownVoice(lang: Language): SpeechSynthesisVoice | undefined {
  return window.speechSynthesis?.getVoices().find((v) => v.localService && v.lang.toLowerCase().startsWith(lang))
}

sound.subscribe(() => {
  if (sound.get() === 'muted') hush()
})
