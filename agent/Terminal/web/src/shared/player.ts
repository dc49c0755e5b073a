export interface Sequenced { sequence: number; opus: Uint8Array }

const sampleRate = 48_000
// Words are played this far behind, so that a link that stumbles is not heard; further behind than the other, they are left out.
const leadS = 0.12
const mostBehindS = 0.8

/** Plays what others say, each talk through a decoder of its own. */
export class Player {
  private context: AudioContext | null = null
  private readonly talks = new Map<string, Line>()

  unlock(): void {
    this.context ??= new AudioContext({ sampleRate })
    void this.context.resume()
  }

  play(talkId: string, frame: Sequenced): void {
    this.unlock()
    let line = this.talks.get(talkId)
    if (!line) this.talks.set(talkId, (line = new Line(this.context!)))
    line.decode(frame.opus)
  }

  end(talkId: string): void {
    this.talks.get(talkId)?.close()
    this.talks.delete(talkId)
  }

  playAgain(frames: readonly Uint8Array[]): void {
    this.unlock()
    const line = new Line(this.context!, Infinity)
    for (const opus of frames) line.decode(opus)
    line.close()
  }

  /** Now speak. */
  permitTone(): void {
    this.tone(880, 0.09)
  }

  refusedTone(): void {
    this.tone(240, 0.35)
  }

  close(): void {
    for (const line of this.talks.values()) line.close()
    this.talks.clear()
    void this.context?.close()
    this.context = null
  }

  private tone(hertz: number, length: number): void {
    this.unlock()
    const audio = this.context!
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()]
    oscillator.frequency.value = hertz
    gain.gain.value = 0.15
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start()
    oscillator.stop(audio.currentTime + length)
  }
}

/** One talk's words, one after the other. */
class Line {
  private readonly decoder: AudioDecoder
  private nextAt = 0
  private count = 0

  constructor(
    private readonly audio: AudioContext,
    private readonly behindS = mostBehindS,
  ) {
    this.decoder = new AudioDecoder({ output: (heard) => this.schedule(heard), error: () => undefined })
    this.decoder.configure({ codec: 'opus', sampleRate, numberOfChannels: 1 })
  }

  decode(opus: Uint8Array): void {
    if (this.decoder.state !== 'configured') return // broken by a packet that was none: the rest of this talk is not heard
    this.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: this.count++ * 20_000, data: opus }))
  }

  close(): void {
    if (this.decoder.state === 'configured') void this.decoder.flush().then(() => this.decoder.close(), () => undefined)
  }

  private schedule(heard: AudioData): void {
    const samples = new Float32Array(heard.numberOfFrames)
    heard.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
    heard.close()
    const now = this.audio.currentTime
    if (this.nextAt < now) this.nextAt = now + leadS
    if (this.nextAt - now > this.behindS) return
    const buffer = this.audio.createBuffer(1, samples.length, sampleRate)
    buffer.copyToChannel(samples, 0)
    const source = this.audio.createBufferSource()
    source.buffer = buffer
    source.connect(this.audio.destination)
    source.start(this.nextAt)
    this.nextAt += buffer.duration
  }
}
