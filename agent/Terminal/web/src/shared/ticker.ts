import { useEffect, useState } from 'react'
import { serverClock } from './clock.ts'

/** The server's time, drawn again every `periodMs`. */
export function useNow(periodMs = 500): number {
  const [now, setNow] = useState(() => serverClock.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverClock.now()), periodMs)
    return () => window.clearInterval(timer)
  }, [periodMs])
  return now
}
