import { useSyncExternalStore } from 'react'

/** One immutable value that is swapped whole; components that use it are drawn again. */
export class Store<T> {
  private listeners = new Set<() => void>()
  constructor(private value: T) {}

  readonly get = (): T => this.value

  set(next: T): void {
    if (Object.is(next, this.value)) return
    this.value = next
    for (const listener of [...this.listeners]) listener()
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value))
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** A choice of this screen that survives a reload (language, theme, mute). */
export function remembered<T extends string>(key: string, values: readonly T[], initial: T): Store<T> {
  const read = (): T => {
    try {
      const kept = localStorage.getItem(key) as T | null
      return kept !== null && values.includes(kept) ? kept : initial
    } catch {
      return initial // storage switched off: the choice lasts as long as the page
    }
  }
  const store = new Store<T>(read())
  store.subscribe(() => {
    try {
      localStorage.setItem(key, store.get())
    } catch {
      return
    }
  })
  return store
}
