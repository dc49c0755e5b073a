// HTTP and WebSocket out of Node's own parts: enough to serve a built page and to speak its API in a test.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/**
 * Serves `root` under the real server's `contentSecurityPolicy` (the page must live within it) and hands every /api request to `handle(request)` → {status, body | bytes, type, headers}, and every
 * WebSocket to `accept(path, socket, request)`.
 */
export async function startServer(root, contentSecurityPolicy, handle, accept) {
  const sockets = new Set()
  const server = createServer((request, response) => {
    respond(root, handle, request)
      .then(({ status = 200, body, bytes, type = 'application/json', headers = {} }) => {
        response.writeHead(status, {
          'content-type': type,
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
          ...headers,
        })
        response.end(bytes ?? (body === undefined ? '' : JSON.stringify(body)))
      })
      .catch((error) => response.writeHead(500).end(String(error)))
  })
  server.on('upgrade', (request, stream) => {
    const socket = new ServerSocket(request, stream)
    sockets.add(socket)
    stream.on('close', () => sockets.delete(socket))
    if (accept(request.url, socket, request) === false) socket.refuse()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    dropSockets: () => sockets.forEach((s) => s.close()),
    async stop() {
      sockets.forEach((s) => s.close())
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function respond(root, handle, request) {
  const url = new URL(request.url, 'http://fixture')
  if (url.pathname.startsWith('/api/')) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    return handle({ method: request.method, path: url.pathname, query: url.searchParams, cookie: request.headers.cookie ?? '', range: request.headers.range, body: text ? JSON.parse(text) : {} })
  }
  const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname)
  try {
    return { bytes: await readFile(join(root, path)), type: types[extname(path)] ?? 'application/octet-stream' }
  } catch {
    return { status: 404, bytes: 'no such file', type: 'text/plain' }
  }
}

/** One accepted WebSocket: unmasked frames out; of what comes in only the close matters to these pages. */
export class ServerSocket {
  constructor(request, stream) {
    this.stream = stream
    this.request = request
    this.greeted = false
    stream.on('error', () => stream.destroy())
    stream.on('data', (data) => {
      if ((data[0] & 15) === 8) this.close()
    })
  }

  greet() {
    const accept = createHash('sha1').update(`${this.request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    this.stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    this.greeted = true
    return this
  }

  refuse() {
    this.stream.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
  }

  get open() {
    return this.greeted && !this.stream.destroyed
  }

  send(data) {
    if (!this.open) return
    const payload = typeof data === 'string' ? Buffer.from(data) : data
    const opcode = typeof data === 'string' ? 0x81 : 0x82
    const size = payload.length
    const head = size < 126 ? Buffer.from([opcode, size]) : size < 65536 ? Buffer.from([opcode, 126, size >> 8, size & 255]) : Buffer.alloc(10)
    if (size >= 65536) {
      head[0] = opcode
      head[1] = 127
      head.writeBigUInt64BE(BigInt(size), 2)
    }
    this.stream.write(Buffer.concat([head, payload]))
  }

  say(type, data) {
    this.send(JSON.stringify({ type, data }))
  }

  close() {
    this.stream.destroy()
  }
}
