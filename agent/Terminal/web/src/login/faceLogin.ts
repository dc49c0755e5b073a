import { envelope, webSocketUrl } from '../shared/socket.ts'
import { remembered, type Store } from '../shared/store.ts'

export type Screen = 'driver' | 'second'
/** Which of the car's screens this browser is; the second officer's says so once. */
export const screen: Store<Screen> = remembered<Screen>('screen', ['driver', 'second'], 'driver')

export type Act = 'turn_left' | 'turn_right' | 'close_eyes'
/** The host's word for each look into the cab. */
export interface Look { phase: 'waiting' | 'quiet' | 'asked' | 'return' | 'passed' | 'failed'; asked: Act | ''; done: number; of: number; code: string }
export interface FaceEnd { code: string; officerId: string | null; displayName: string | null; ticket: string; pinToo: boolean; retryAfterS: number }

/**
 * One attempt: the socket's looks and pictures until it ends. A socket that breaks is an end without a face; it is not dialled again,
 * since every attempt is the officer's own wish.
 */
export class FaceAttempt {
  private readonly socket: WebSocket
  private decoding = false
  private over = false

  constructor(
    private readonly canvas: () => HTMLCanvasElement | null,
    private readonly onLook: (look: Look) => void,
    private readonly onEnd: (end: FaceEnd) => void,
  ) {
    this.socket = new WebSocket(webSocketUrl(`/api/face-login?screen=${screen.get()}`))
    this.socket.binaryType = 'arraybuffer'
    this.socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.receive(event.data)
    this.socket.onclose = () => this.end({ code: 'no_host', officerId: null, displayName: null, ticket: '', pinToo: true, retryAfterS: 0 })
  }

  stop(): void {
    this.over = true
    this.socket.close()
    const shown = this.canvas()
    if (shown) shown.width = 0 // nothing of the cab stays on the screen
  }

  private receive(data: string | ArrayBuffer): void {
    if (this.over) return
    if (typeof data !== 'string') {
      if (!this.decoding) void this.draw(data)
      return
    }
    const message = envelope(data)
    if (message?.type === 'look') this.onLook(message.data as Look)
    else if (message?.type === 'end') this.end(message.data as FaceEnd)
  }

  private async draw(jpeg: ArrayBuffer): Promise<void> {
    this.decoding = true
    try {
      const picture = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }))
      const canvas = this.canvas()
      if (canvas && !this.over) {
        if (canvas.width !== picture.width || canvas.height !== picture.height) [canvas.width, canvas.height] = [picture.width, picture.height]
        canvas.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0)
      }
      picture.close()
    } catch {
      // A damaged picture: the next one is a twelfth of a second away.
    }
    this.decoding = false
  }

  private end(end: FaceEnd): void {
    if (this.over) return
    this.stop()
    this.onEnd(end)
  }
}
