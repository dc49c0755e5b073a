import { LiveSocket } from './socket.ts'

export type LivePhase = 'connecting' | 'waiting' | 'playing' | 'unsupported' | 'failed' | 'ended'

/** What the picture is worth at this moment. Times ending in At are performance.now(). */
export interface LiveStatus {
  phase: LivePhase
  codec: string
  endReason: string
  /** Capture time of the frame on the screen, 0 before the first. */
  shownCapturedUnixMs: number
  shownAt: number
  arrivedAt: number
  /** What the car's link carries: the main stream, the sub-stream, or its key pictures alone. '' where nobody says. */
  level: LiveLevel
  linkKbitS: number
  /** The camera's head, where it has one, and the places that it knows by name. */
  steerable: boolean
  presets: readonly LivePreset[]
}
export interface LivePreset { token: string; name: string }
export type LiveLevel = '' | 'main' | 'sub' | 'keys'

const initSegment = 0
const keyFragment = 1
const maxQueuedFragments = 300
const keepBehindSeconds = 4
// Behind the newest picture by this much or three pictures, the play head goes at the picture's own pace: a picture is shown when the
// next ones are there. Further behind it hurries, the more the further, since a late burst is otherwise kept as delay for ever; too
// far, it jumps.
const restSeconds = 0.12
const restPictures = 3
const hurryPerSecond = 2
const mostHurry = 0.5
const jumpSeconds = 0.8
const trimBehindSeconds = 20
// The picture is called stale after two seconds; dialling again, which the centre records as a new look, waits longer.
const silenceMs = 15_000

/**
 * Plays fMP4 fragments from a WebSocket by Media Source Extensions, close behind the newest one. A new init segment
 * (camera back, size changed) starts a new MediaSource, because time begins again. Fragments are dropped until a key
 * frame whenever the queue overflows: late pixels are worth nothing.
 */
export class LivePlayer {
  private readonly socket: LiveSocket
  private source: MediaSource | null = null
  private buffer: SourceBuffer | null = null
  private objectUrl = ''
  private mime = ''
  private queue: { data: Uint8Array<ArrayBuffer>; capturedUnixMs: number }[] = []
  private needsKey = true
  private appending = { count: 0, capturedUnixMs: 0 }
  // The newest appended fragment: where its end lies on the media's time line, and when its frame was captured.
  private anchor = { endSeconds: 0, capturedUnixMs: 0, frameSeconds: 0.04 }
  private stopped = false
  status: LiveStatus = { phase: 'connecting', codec: '', endReason: '', shownCapturedUnixMs: 0, shownAt: 0, arrivedAt: 0, level: '', linkKbitS: 0, steerable: false, presets: [] }

  constructor(
    private readonly video: HTMLVideoElement,
    path: string,
    private readonly onStatus: (status: LiveStatus) => void,
  ) {
    video.muted = true
    video.playsInline = true
    this.socket = new LiveSocket(
      path,
      (data) => (typeof data === 'string' ? this.control(data) : this.fragment(data)),
      (s) => {
        if (!s.open && this.status.phase !== 'ended' && this.status.phase !== 'unsupported') this.set({ phase: 'connecting' })
      },
      silenceMs,
    )
    this.watchFrames()
  }

  stop(): void {
    this.stopped = true
    this.socket.stop()
    this.closeSource()
  }

  private control(text: string): void {
    let message: { mime?: string; steerable?: boolean; presets?: LivePreset[]; ended?: boolean; reason?: string; level?: LiveLevel; linkKbitS?: number }
    try {
      message = JSON.parse(text) as typeof message
    } catch {
      return
    }
    if (message.ended) {
      this.set({ phase: 'ended', endReason: message.reason ?? '' })
      this.socket.stop()
      this.video.pause()
    } else if (message.level) {
      this.set({ level: message.level, linkKbitS: message.linkKbitS ?? 0 })
    } else if (message.mime) {
      this.mime = message.mime
      this.set({ steerable: message.steerable ?? false, presets: message.presets ?? [] })
      this.closeSource()
      const playable = MediaSource.isTypeSupported(this.mime)
      this.set({ phase: playable ? 'waiting' : 'unsupported', codec: /codecs="?([^"]+)/.exec(this.mime)?.[1] ?? this.mime })
      if (!playable) this.socket.stop()
    }
  }

  private fragment(message: ArrayBuffer): void {
    if (message.byteLength < 10 || !this.mime || this.status.phase === 'unsupported' || this.status.phase === 'ended') return
    const view = new DataView(message)
    const type = view.getUint8(0)
    const capturedUnixMs = Number(view.getBigInt64(1, true))
    const data = new Uint8Array(message, 9)
    if (type === initSegment) {
      this.openSource()
      this.queue = [{ data, capturedUnixMs: 0 }]
      this.needsKey = true
      this.pump()
      return
    }
    this.set({ arrivedAt: performance.now() })
    if (!this.source) return
    if (this.queue.length >= maxQueuedFragments) {
      this.queue = []
      this.needsKey = true
    }
    if (this.needsKey && type !== keyFragment) return
    this.needsKey = false
    this.queue.push({ data, capturedUnixMs })
    this.pump()
  }

  private openSource(): void {
    this.closeSource()
    const source = new MediaSource()
    this.source = source
    this.objectUrl = URL.createObjectURL(source)
    this.video.src = this.objectUrl
    source.addEventListener('sourceopen', () => {
      if (this.source !== source) return
      try {
        this.buffer = source.addSourceBuffer(this.mime)
      } catch {
        this.set({ phase: 'unsupported' })
        return
      }
      this.buffer.addEventListener('updateend', () => this.appended())
      this.buffer.addEventListener('error', () => this.restart())
      this.pump()
    })
  }

  private closeSource(): void {
    this.source = null
    this.buffer = null
    this.queue = []
    this.appending = { count: 0, capturedUnixMs: 0 }
    this.anchor = { endSeconds: 0, capturedUnixMs: 0, frameSeconds: 0.04 }
    if (this.objectUrl) URL.revokeObjectURL(this.objectUrl)
    this.objectUrl = ''
    this.video.removeAttribute('src')
  }

  /** A fragment that the decoder refuses spoils the source: begin again with the next init segment. */
  private restart(): void {
    if (this.stopped) return
    this.closeSource()
    this.set({ phase: 'failed' })
    this.socket.reconnect()
  }

  private pump(): void {
    const buffer = this.buffer
    if (!buffer || buffer.updating || this.queue.length === 0) return
    const batch = this.queue
    this.queue = []
    const fragments = batch.filter((f) => f.capturedUnixMs > 0)
    this.appending = { count: fragments.length, capturedUnixMs: fragments.at(-1)?.capturedUnixMs ?? 0 }
    try {
      buffer.appendBuffer(batch.length === 1 ? batch[0]!.data : joined(batch.map((f) => f.data)))
    } catch {
      this.restart()
    }
  }

  private appended(): void {
    const buffer = this.buffer
    if (!buffer || buffer.updating) return
    const ranges = buffer.buffered
    if (ranges.length > 0) {
      const endSeconds = ranges.end(ranges.length - 1)
      if (this.appending.count > 0) {
        const step = (endSeconds - this.anchor.endSeconds) / this.appending.count
        const frameSeconds = this.anchor.endSeconds > 0 && step > 0 && step < 1 ? step : this.anchor.frameSeconds
        this.anchor = { endSeconds, capturedUnixMs: this.appending.capturedUnixMs, frameSeconds }
        this.appending = { count: 0, capturedUnixMs: 0 }
      }
      this.follow(ranges.start(ranges.length - 1), endSeconds)
      if (this.trim(buffer)) return
    }
    this.pump()
  }

  /** Keeps the play head in the newest range and near its end. */
  private follow(rangeStart: number, end: number): void {
    if (this.status.phase === 'ended') return
    const video = this.video
    const behind = end - video.currentTime
    const late = behind - Math.max(restSeconds, restPictures * this.anchor.frameSeconds)
    if (video.currentTime < rangeStart || late > jumpSeconds) video.currentTime = Math.max(rangeStart, end - this.anchor.frameSeconds)
    // In steps: a new rate for every picture would be work for nothing.
    else video.playbackRate = 1 + Math.min(mostHurry, Math.round(Math.max(0, late) * hurryPerSecond * 10) / 10)
    if (video.paused) void video.play().catch(() => undefined) // refused without a gesture only when not muted
  }

  private trim(buffer: SourceBuffer): boolean {
    const start = buffer.buffered.start(0)
    if (this.video.currentTime - start < trimBehindSeconds) return false
    buffer.remove(start, this.video.currentTime - keepBehindSeconds)
    return true
  }

  private watchFrames(): void {
    this.video.requestVideoFrameCallback((_, frame) => {
      if (this.stopped || this.status.phase === 'ended') return
      const { endSeconds, capturedUnixMs, frameSeconds } = this.anchor
      if (capturedUnixMs > 0) {
        const shownCapturedUnixMs = capturedUnixMs - Math.max(0, endSeconds - frameSeconds - frame.mediaTime) * 1000
        this.set({ phase: 'playing', shownCapturedUnixMs, shownAt: performance.now() })
      }
      this.watchFrames()
    })
  }

  private set(change: Partial<LiveStatus>): void {
    const phaseChanged = change.phase !== undefined && change.phase !== this.status.phase
    this.status = { ...this.status, ...change }
    if (phaseChanged) this.onStatus(this.status)
  }
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
