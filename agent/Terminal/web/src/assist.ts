import { useEffect } from 'react'
import { request } from './shared/http.ts'
import { Store, useStore } from './shared/store.ts'

export const assistReasons = ['ill', 'drunk', 'lost', 'other'] as const
export type AssistReason = (typeof assistReasons)[number]

export interface AssistView { visitId: string; cameraId: string; widthPx: number; atUnixMs: number }
export interface Assist {
  id: string
  reason: string
  endsAtUnixMs: number
  /** The widest first. */
  views: AssistView[]
  /** Visits that were compared and agree with nobody. */
  unlike: string[]
}

export const assistOpen = new Store(false)
/** What goes on, or null; the host says. */
export const assist = new Store<Assist | null>(null)
/** Whether one has ended since the page was opened by the officer. */
export const assistEnded = new Store(false)

const askEveryMs = 800
const path = '/api/assist'

export async function begin(reason: AssistReason, words: string): Promise<void> {
  assistEnded.set(false)
  take((await request<{ assist: Assist | null }>('POST', path, { reason, words })).assist)
}

/** @returns whether this person's entry was decided on just before, so that no alert comes. */
export async function check(visitId: string): Promise<boolean> {
  const { outcome } = await request<{ outcome: 'unlike' | 'alert' | 'decided_before' }>('POST', `${path}/check`, { visitId })
  await load()
  return outcome === 'decided_before'
}

export async function end(): Promise<void> {
  await request('DELETE', path)
  take(null)
}

export async function load(): Promise<void> {
  take((await request<{ assist: Assist | null }>('GET', path)).assist)
}

export function forgetAssist(): void {
  assistOpen.set(false)
  assist.set(null)
  assistEnded.set(false)
}

/** Keeps what the page shows as the host has it, also while the officer turns a camera meanwhile. */
export function useAssist(): void {
  const goesOn = useStore(assist) !== null
  const open = useStore(assistOpen)
  useEffect(() => void load().catch(() => undefined), [open])
  useEffect(() => {
    if (!goesOn) return
    const timer = setInterval(() => void load().catch(() => undefined), askEveryMs)
    return () => clearInterval(timer)
  }, [goesOn])
}

function take(now: Assist | null): void {
  if (now === null && assist.get() !== null) assistEnded.set(true)
  assist.set(now)
}
