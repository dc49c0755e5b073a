import { useCallback, useEffect, useRef, useState } from 'react'
import { errorCode } from '@shared/http.ts'

/** What was asked for: null while it is on its way; what is shown stays when asking again fails, with the reason beside it. */
export function useLoaded<T>(load: () => Promise<T>, again: readonly unknown[]): { value: T | null; failed: string; retry: () => void } {
  const [value, setValue] = useState<T | null>(null)
  const [failed, setFailed] = useState('')
  const turn = useRef(0)
  const latest = useRef(load)
  latest.current = load
  const retry = useCallback(() => {
    const mine = ++turn.current
    latest.current().then(
      (loaded) => {
        if (mine !== turn.current) return
        setValue(loaded)
        setFailed('')
      },
      (error: unknown) => {
        if (mine === turn.current) setFailed(errorCode(error))
      },
    )
  }, [])
  // The caller says what makes another question of it.
  useEffect(retry, [retry, ...again])
  return { value, failed, retry }
}
