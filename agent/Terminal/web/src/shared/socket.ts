/** What a page knows of one WebSocket. `lastMessageAt` is performance.now() of the newest message, 0 before the first. */
export interface SocketStatus {
  open: boolean
  lastMessageAt: number
  attempts: number
}

/**
 * A WebSocket that comes back by itself: 0.5 s to 5 s between tries, jittered so that many pages do not return in
 * step. One that says nothing for `silenceMs`, also while connecting, is given up from this side: behind a dead
 * network neither an error nor a close event would come for minutes.
 */
export class LiveSocket {
  private socket: WebSocket | null = null
  private retry: number | undefined
  private readonly watchdog: number
  private heardAt = 0
  private stopped = false
  status: SocketStatus = { open: false, lastMessageAt: 0, attempts: 0 }

  constructor(
    private readonly path: string,
    private readonly onMessage: (data: string | ArrayBuffer) => void,
    private readonly onStatus: (status: SocketStatus) => void = () => undefined,
    private readonly silenceMs = 6000,
  ) {
    this.watchdog = window.setInterval(() => {
      if (this.socket !== null && performance.now() - this.heardAt > this.silenceMs) this.lost(this.socket)
    }, 1000)
    this.connect()
  }

  stop(): void {
    this.stopped = true
    window.clearTimeout(this.retry)
    window.clearInterval(this.watchdog)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  /** False: there is no connection, and nothing was sent. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(data)
    return true
  }

  /** Drops the connection and begins again, for a stream whose state is spoilt. */
  reconnect(): void {
    if (this.socket !== null) this.lost(this.socket)
  }

  private connect(): void {
    const socket = new WebSocket(webSocketUrl(this.path))
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.heardAt = performance.now()
    socket.onopen = () => {
      if (this.socket !== socket) return
      this.heardAt = performance.now()
      this.set({ ...this.status, open: true, attempts: 0 })
    }
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket !== socket) return
      this.heardAt = performance.now()
      this.status = { ...this.status, lastMessageAt: this.heardAt }
      this.onMessage(event.data)
    }
    socket.onclose = () => this.lost(socket)
  }

  private lost(socket: WebSocket): void {
    if (this.stopped || this.socket !== socket) return
    this.socket = null
    socket.close()
    const attempts = this.status.attempts + 1
    this.set({ ...this.status, open: false, attempts })
    const wait = Math.min(5000, 500 * 2 ** Math.min(attempts - 1, 4)) * (0.7 + 0.6 * Math.random())
    this.retry = window.setTimeout(() => this.connect(), wait)
  }

  private set(status: SocketStatus): void {
    this.status = status
    this.onStatus(status)
  }
}

export function webSocketUrl(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
}

/** A {type, data} message of the state streams, or null for anything else. */
export function envelope(data: string | ArrayBuffer): { type: string; data: unknown } | null {
  if (typeof data !== 'string') return null
  try {
    const parsed = JSON.parse(data) as { type?: unknown; data?: unknown }
    return typeof parsed.type === 'string' ? { type: parsed.type, data: parsed.data } : null
  } catch {
    return null
  }
}
