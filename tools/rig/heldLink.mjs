// The link between car and centre in somebody's hand: what the car connects to here goes on to the centre until it is cut.
import { createServer, connect } from 'node:net'

/** Listens on loopback. `cut()` closes what is open and refuses what is new, as a tunnel does; `mend()` lets the car through again. */
export async function holdLink(listen, to) {
  const open = new Set()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return void near.destroy()
    const far = connect(to, '127.0.0.1')
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one)
      one.setNoDelay(true)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise((ready, failed) => server.once('error', failed).listen(listen, '127.0.0.1', ready))
  const drop = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    cut() {
      whole = false
      drop()
    },
    mend() {
      whole = true
    },
    async stop() {
      drop()
      await new Promise((closed) => server.close(closed))
    },
  }
}
