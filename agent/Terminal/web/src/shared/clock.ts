/**
 * The server's clock as seen from this page. Delay only ever makes a received stamp look older, so the largest
 * difference of the last seconds is the best one; the short window follows a server whose clock is set.
 */
class ServerClock {
  private samples: { at: number; offset: number }[] = []

  observe(serverUnixMs: number): void {
    const at = local()
    this.samples = this.samples.filter((s) => at - s.at < 6000)
    this.samples.push({ at, offset: serverUnixMs - at })
  }

  now(): number {
    return this.samples.length === 0 ? Date.now() : local() + Math.max(...this.samples.map((s) => s.offset))
  }
}

/** Never steps, whatever is done to the machine's clock. */
function local(): number {
  return performance.timeOrigin + performance.now()
}

export const serverClock = new ServerClock()
