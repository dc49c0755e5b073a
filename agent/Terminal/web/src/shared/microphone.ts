// What TypeScript's library does not know yet (W3C mediacapture-transform).
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack })
  readonly readable: ReadableStream<AudioData>
}

const bitrate = 24_000
const restAfterMs = 20_000

/** Words as Opus packets of 20 ms, 48 kHz, one channel. Opened at the first press and closed after a while in which nobody spoke. */
export class Microphone {
  private stream: MediaStream | null = null
  private opening: Promise<void> | null = null
  private encoder: AudioEncoder | null = null
  private resting: number | undefined
  /** 0 to 1: how loud the last moment was. */
  level = 0

  get isOpen(): boolean {
    return this.stream !== null
  }

  /** Throws where there is no microphone, or this page may not use it (also every page that is neither https nor of this machine). */
  async open(): Promise<void> {
    window.clearTimeout(this.resting)
    if (this.stream) return
    this.opening ??= this.ask().finally(() => (this.opening = null))
    await this.opening
  }

  begin(send: (opus: Uint8Array) => void): void {
    const encoder = new AudioEncoder({
      output: (chunk) => {
        const opus = new Uint8Array(chunk.byteLength)
        chunk.copyTo(opus)
        if (this.encoder === encoder) send(opus)
      },
      error: () => this.finish(),
    })
    this.encoder = encoder
  }

  finish(): void {
    const ending = this.encoder
    this.encoder = null
    this.level = 0
    if (ending && ending.state !== 'closed') ending.close()
    window.clearTimeout(this.resting)
    this.resting = window.setTimeout(() => this.close(), restAfterMs)
  }

  close(): void {
    window.clearTimeout(this.resting)
    this.encoder = null
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
  }

  private async ask(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } })
    this.stream = stream
    void this.read(new MediaStreamTrackProcessor({ track: stream.getAudioTracks()[0]! }).readable.getReader(), stream)
  }

  private async read(reader: ReadableStreamDefaultReader<AudioData>, stream: MediaStream): Promise<void> {
    for (;;) {
      const { value: heard, done } = await reader.read()
      if (done || this.stream !== stream) {
        heard?.close()
        break
      }
      if (this.encoder) this.take(heard)
      heard.close()
    }
    if (this.stream === stream) this.close() // unplugged
  }

  private take(heard: AudioData): void {
    const encoder = this.encoder!
    if (encoder.state === 'unconfigured') {
      encoder.configure({ codec: 'opus', sampleRate: heard.sampleRate, numberOfChannels: heard.numberOfChannels, bitrate, opus: { frameDuration: 20_000, application: 'voip' } } as AudioEncoderConfig)
    }
    this.level = loudness(heard)
    encoder.encode(heard)
  }
}

function loudness(heard: AudioData): number {
  const samples = new Float32Array(heard.numberOfFrames)
  heard.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
  let sum = 0
  for (const s of samples) sum += s * s
  return Math.min(1, 4 * Math.sqrt(sum / Math.max(1, samples.length)))
}
