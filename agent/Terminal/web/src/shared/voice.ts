import { Microphone } from './microphone.ts'
import { Player, type Sequenced } from './player.ts'
import { LiveSocket } from './socket.ts'
import { Store } from './store.ts'

/** Who speaks where. `unitId` is '' for the centre. */
export interface Talk { talkId: string; channel: string; unitId: string; speaker: string; emergency: boolean; beganAtUnixMs: number }

/** What becomes of the button: `wait` from the press to the answer, `talk` while words leave, `refused` with why until the next press. */
export type Mine =
  | { state: 'idle' }
  | { state: 'wait' | 'talk'; channel: string; talkId: string; emergency: boolean; since: number }
  | { state: 'refused'; channel: string; code: string; busyWith: Talk | null }

/** One that was heard and can be heard again while it is in memory. */
export interface Heard { talk: Talk; seconds: number; over: string | null }

export interface VoiceNow { connected: boolean; mine: Mine; hearing: readonly Talk[]; heard: readonly Heard[] }

const headBytes = 20
const frameMs = 20
const silentMs = 10_000
const keptTalks = 8
const keptMs = 5 * 60_000

/**
 * Push to talk of one page: asks for the floor, sends Opus while it has it, plays what others say. What was heard stays in this page's
 * memory for five minutes, so that a missed word can be heard again, and nowhere else.
 */
export class Voice {
  readonly now = new Store<VoiceNow>({ connected: false, mine: { state: 'idle' }, hearing: [], heard: [] })
  private socket: LiveSocket | null = null
  private readonly microphone = new Microphone()
  private readonly player = new Player()
  private readonly recent = new Map<string, { talk: Talk; frames: Sequenced[]; at: number; over: string | null; lost: number }>()
  private muted: readonly string[] = []
  private held = false

  constructor(
    private readonly path: string,
    /** Whether what others say is to be heard now; who calls for help is heard all the same. */
    private readonly audible: () => boolean = () => true,
  ) {}

  start(): void {
    this.socket ??= new LiveSocket(this.path, (data) => this.onMessage(data), (status) => this.onStatus(status.open), Infinity)
  }

  stop(): void {
    this.release()
    this.socket?.stop()
    this.socket = null
    this.microphone.close()
    this.player.close()
    this.recent.clear()
    this.now.set({ connected: false, mine: { state: 'idle' }, hearing: [], heard: [] })
  }

  /** Begins anew, with the cookie of now. */
  reconnect(): void {
    this.socket?.reconnect()
  }

  /** A page may play only after it was touched. */
  unlock(): void {
    this.player.unlock()
  }

  get level(): number {
    return this.microphone.level
  }

  /** The button is down. Words leave once the floor is ours and the microphone is open; letting go before that takes it back. */
  async press(channel: string, emergency = false): Promise<void> {
    const mine = this.now.get().mine
    if (mine.state === 'wait' || mine.state === 'talk') return
    this.held = true
    const talkId = newTalkId()
    this.set({ mine: { state: 'wait', channel, talkId, emergency, since: Date.now() } })
    if (!this.socket?.send(JSON.stringify({ ask: { talkId, channel, emergency } }))) {
      this.refuse(talkId, 'no_link')
      return
    }
    try {
      await this.microphone.open()
    } catch {
      this.say({ over: { talkId } })
      this.refuse(talkId, 'no_microphone')
      return
    }
    this.beginIfReady()
  }

  release(): void {
    this.held = false
    const { mine } = this.now.get()
    if (mine.state !== 'wait' && mine.state !== 'talk') return
    this.microphone.finish()
    this.say({ over: { talkId: mine.talkId } })
    this.set({ mine: { state: 'idle' } })
  }

  /** Channels of districts that this page does not want to hear. */
  mute(channels: readonly string[]): void {
    this.muted = channels
    this.say({ mute: channels })
  }

  replay(talkId: string): void {
    const kept = this.recent.get(talkId)
    if (kept) this.player.playAgain(kept.frames.map((f) => f.opus))
  }

  private granted = ''

  private beginIfReady(): void {
    const { mine } = this.now.get()
    if (mine.state !== 'wait' || this.granted !== mine.talkId || !this.microphone.isOpen) return
    if (!this.held) return
    const id = bytesOf(mine.talkId)
    let sequence = 0
    this.set({ mine: { ...mine, state: 'talk', since: Date.now() } })
    this.player.permitTone()
    this.microphone.begin((opus) => {
      const message = new Uint8Array(headBytes + opus.length)
      message.set(id)
      new DataView(message.buffer).setUint32(16, ++sequence, true)
      message.set(opus, headBytes)
      this.socket?.send(message)
    })
  }

  private refuse(talkId: string, code: string, busyWith: Talk | null = null): void {
    const { mine } = this.now.get()
    if ((mine.state !== 'wait' && mine.state !== 'talk') || mine.talkId !== talkId) return
    this.microphone.finish()
    this.player.refusedTone()
    this.set({ mine: { state: 'refused', channel: mine.channel, code, busyWith } })
  }

  private say(word: object): void {
    this.socket?.send(JSON.stringify(word))
  }

  private onStatus(open: boolean): void {
    this.set({ connected: open })
    if (open) {
      if (this.muted.length > 0) this.say({ mute: this.muted })
      return
    }
    const { mine } = this.now.get()
    if (mine.state === 'wait' || mine.state === 'talk') this.refuse(mine.talkId, 'no_link')
    for (const talk of this.now.get().hearing) this.end(talk.talkId, 'lost')
  }

  private onMessage(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      if (data.byteLength > headBytes) this.onFrame(new Uint8Array(data))
      return
    }
    const word = JSON.parse(data) as { answer?: { talkId: string; code: string; busyWith: Talk | null }; begin?: Talk; over?: { talkId: string; code: string } }
    if (word.answer && word.answer.code === '') {
      this.granted = word.answer.talkId
      this.beginIfReady()
    } else if (word.answer) this.refuse(word.answer.talkId, word.answer.code, word.answer.busyWith)
    else if (word.begin) this.begin(word.begin)
    else if (word.over) {
      this.refuse(word.over.talkId, word.over.code || 'ended')
      this.end(word.over.talkId, word.over.code)
    }
  }

  private begin(talk: Talk): void {
    for (const [id, kept] of this.recent) if (kept.over !== null && (this.recent.size >= keptTalks || Date.now() - kept.at > keptMs)) this.recent.delete(id)
    this.recent.set(talk.talkId, { talk, frames: [], at: Date.now(), over: null, lost: this.watch(talk.talkId) })
    this.set({ hearing: [...this.now.get().hearing, talk] })
  }

  private onFrame(message: Uint8Array): void {
    const kept = this.recent.get(textOf(message))
    if (!kept) return
    window.clearTimeout(kept.lost)
    kept.lost = this.watch(kept.talk.talkId)
    const frame = { sequence: new DataView(message.buffer).getUint32(16, true), opus: message.slice(headBytes) }
    kept.frames.push(frame)
    if (kept.talk.emergency || this.audible()) this.player.play(kept.talk.talkId, frame)
    if (kept.frames.length % 50 === 1) this.tell()
  }

  /** Somebody who fell silent without a word more. */
  private watch(talkId: string): number {
    return window.setTimeout(() => this.end(talkId, 'lost'), silentMs)
  }

  private end(talkId: string, code: string): void {
    const kept = this.recent.get(talkId)
    if (!kept || kept.over !== null) return
    window.clearTimeout(kept.lost)
    kept.over = code
    this.player.end(talkId)
    this.set({ hearing: this.now.get().hearing.filter((t) => t.talkId !== talkId) })
    this.tell()
  }

  private tell(): void {
    const heard = [...this.recent.values()].reverse().map(({ talk, frames, over }) => ({ talk, over, seconds: (frames.length * frameMs) / 1000 }))
    this.set({ heard })
  }

  private set(change: Partial<VoiceNow>): void {
    this.now.update((now) => ({ ...now, ...change }))
  }
}

/** UUIDv7. */
function newTalkId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const view = new DataView(bytes.buffer)
  const now = Date.now()
  view.setUint32(0, Math.floor(now / 0x10000))
  view.setUint16(4, now % 0x10000)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return textOf(bytes)
}

function textOf(bytes: Uint8Array): string {
  const hex = [...bytes.subarray(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function bytesOf(talkId: string): Uint8Array {
  return Uint8Array.from(talkId.replaceAll('-', '').match(/../g)!, (pair) => parseInt(pair, 16))
}
