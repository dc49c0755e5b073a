import { LiveSocket } from './shared/socket.ts'

/** Half the time between two pictures of one camera. */
const drawEveryMs = 120

interface Slot {
  canvases: Set<HTMLCanvasElement>
  picture: ImageBitmap | null
  capturedUnixMs: number
  arrivedAt: number
  waiting: { jpeg: Blob; capturedUnixMs: number } | null
  decoding: boolean
}

/**
 * The mosaic's pictures: one WebSocket, one decode at a time for each camera, always the newest picture. Drawn past
 * React, which would otherwise run eighty times a second, and all cameras' together: without a graphics chip each time that
 * anything is drawn costs as much as drawing everything.
 */
export class Previews {
  private readonly slots = new Map<number, Slot>()
  private readonly socket: LiveSocket
  private readonly undrawn = new Set<Slot>()
  private timer = 0

  constructor() {
    this.socket = new LiveSocket('/api/preview', (data) => this.receive(data))
  }

  stop(): void {
    this.socket.stop()
    window.clearTimeout(this.timer)
    this.undrawn.clear()
    for (const slot of this.slots.values()) slot.picture?.close()
    this.slots.clear()
  }

  /** Draws camera `index` on `canvas` from now on; returns the end of it. */
  attach(index: number, canvas: HTMLCanvasElement): () => void {
    const slot = this.slot(index)
    slot.canvases.add(canvas)
    if (slot.picture) draw(canvas, slot.picture)
    return () => slot.canvases.delete(canvas)
  }

  /** Capture time of the picture on the canvas and performance.now() of its arrival; zeros before the first. */
  newest(index: number): { capturedUnixMs: number; arrivedAt: number } {
    return this.slot(index)
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string' || data.byteLength < 10) return
    const view = new DataView(data)
    const slot = this.slot(view.getUint8(0))
    slot.waiting = { jpeg: new Blob([new Uint8Array(data, 9)], { type: 'image/jpeg' }), capturedUnixMs: Number(view.getBigInt64(1, true)) }
    if (!slot.decoding) void this.decode(slot)
  }

  private async decode(slot: Slot): Promise<void> {
    slot.decoding = true
    while (slot.waiting) {
      const { jpeg, capturedUnixMs } = slot.waiting
      slot.waiting = null
      try {
        const picture = await createImageBitmap(jpeg)
        slot.picture?.close()
        slot.picture = picture
        slot.capturedUnixMs = capturedUnixMs
        slot.arrivedAt = performance.now()
        this.undrawn.add(slot)
        this.timer ||= window.setTimeout(() => this.drawAll(), drawEveryMs)
      } catch {
        continue // a damaged picture is not shown; the age stamp tells that nothing new came
      }
    }
    slot.decoding = false
  }

  private drawAll(): void {
    this.timer = 0
    for (const slot of this.undrawn) if (slot.picture) for (const canvas of slot.canvases) draw(canvas, slot.picture)
    this.undrawn.clear()
  }

  private slot(index: number): Slot {
    let slot = this.slots.get(index)
    if (!slot) {
      slot = { canvases: new Set(), picture: null, capturedUnixMs: 0, arrivedAt: 0, waiting: null, decoding: false }
      this.slots.set(index, slot)
    }
    return slot
  }
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap): void {
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width
    canvas.height = picture.height
  }
  canvas.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0)
}
