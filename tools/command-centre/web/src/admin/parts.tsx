import { useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { span } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from './text.ts'

export type T = Say<typeof text>

/** Why it was refused, in the page's words and, where the centre found more to say, in its own. */
export function refusal(t: T, error: unknown): string {
  const wait = error instanceof ApiError ? Number(error.body['retryAfterS'] ?? 0) : 0
  const detail = error instanceof ApiError && typeof error.body['detail'] === 'string' ? ` ${error.body['detail']}` : ''
  return t.code('error.', errorCode(error)) + detail + (wait > 0 ? ` (${t('admin.wait', { age: span(t, wait * 1000) })})` : '')
}

/** What a GET (or a POST that only asks) answers, and a way to ask again. */
export function useLoaded<D>(path: string | null, body?: unknown): { data: D | null; failure: string; reload: () => void } {
  const t = useTranslator(text)
  const [data, setData] = useState<D | null>(null)
  const [failure, setFailure] = useState('')
  const asked = JSON.stringify(body)
  const reload = useCallback(() => {
    if (path === null) return
    request<D>(asked === undefined ? 'GET' : 'POST', path, asked === undefined ? undefined : JSON.parse(asked))
      .then((d) => {
        setData(d)
        setFailure('')
      })
      .catch((error: unknown) => setFailure(refusal(t, error)))
  }, [path, asked, t])
  useEffect(() => {
    setData(null)
    reload()
  }, [reload])
  return { data, failure, reload }
}

export function Failed({ why, again }: { why: string; again: () => void }) {
  const t = useTranslator(text)
  return (
    <p className="error-line" role="alert">
      <Icon name="warning" />
      {t('admin.failed', { why })}
      <button type="button" onClick={again}>
        {t('action.retry')}
      </button>
    </p>
  )
}

export function Problem({ words }: { words: string }) {
  if (!words) return null
  return (
    <p className="error-line" role="alert">
      <Icon name="warning" size={20} />
      {words}
    </p>
  )
}

export interface Field {
  name: string
  label: string
  type?: 'text' | 'password' | 'number' | 'area'
  options?: readonly (readonly [value: string, words: string])[]
  value?: string
}

interface Asked {
  title: string
  hint?: string
  fields: readonly Field[]
  act: string
  danger?: boolean
  submit: (values: Record<string, string>) => Promise<void>
}

/** Escape goes back, wherever the focus is: a button that was pressed and waits has none. */
export function useEscape(close: () => void) {
  const latest = useRef(close)
  latest.current = close
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => e.key === 'Escape' && latest.current()
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}

/** What is asked before an act: its fields, the act, and what was wrong with it. Escape goes back and loses nothing else. */
export function Ask({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const t = useTranslator(text)
  const [values, setValues] = useState(() => Object.fromEntries(asked.fields.map((f) => [f.name, f.value ?? f.options?.[0]?.[0] ?? ''])))
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus(), [])
  useEscape(onClose)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      await asked.submit(values)
      onClose()
    } catch (error) {
      setProblem(refusal(t, error))
      setBusy(false)
    }
  }
  return (
    <div className="admin-ask" role="dialog" aria-modal="true" aria-label={asked.title}>
      <form ref={form} onSubmit={(e) => void submit(e)}>
        <h2>{asked.title}</h2>
        {asked.hint && <p className="soft">{asked.hint}</p>}
        {asked.fields.map((f) => (
          <label key={f.name}>
            {f.label}
            <Input field={f} value={values[f.name] ?? ''} onChange={(value) => setValues((v) => ({ ...v, [f.name]: value }))} />
          </label>
        ))}
        <Problem words={problem} />
        <div className="admin-acts">
          <button type="submit" className={asked.danger ? 'danger' : 'primary'} data-action="ask-submit" disabled={busy}>
            {busy ? t('admin.working') : asked.act}
          </button>
          <button type="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
        </div>
      </form>
    </div>
  )
}

export function Input({ field, value, onChange, disabled = false }: { field: Field; value: string; onChange: (value: string) => void; disabled?: boolean }) {
  if (field.options)
    return (
      <select name={field.name} value={value} disabled={disabled} onChange={(e) => onChange(e.target.value)}>
        {field.options.map(([v, words]) => (
          <option key={v} value={v}>
            {words}
          </option>
        ))}
      </select>
    )
  if (field.type === 'area') return <textarea name={field.name} rows={5} value={value} disabled={disabled} onChange={(e) => onChange(e.target.value)} />
  return <input name={field.name} type={field.type ?? 'text'} autoComplete={field.type === 'password' ? 'new-password' : 'off'} value={value} disabled={disabled} onChange={(e) => onChange(e.target.value)} />
}

/** Opens an `Ask` over the tab. */
export function useAsk(): [ReactNode, (asked: Asked) => void] {
  const [asked, setAsked] = useState<Asked | null>(null)
  return [asked && <Ask key={asked.title} asked={asked} onClose={() => setAsked(null)} />, setAsked]
}

export function Table({ head, children }: { head: readonly string[]; children: ReactNode }) {
  return (
    <div className="admin-scroll">
      <table>
        <thead>
          <tr>
            {head.map((words) => (
              <th key={words} scope="col">
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

/** An answer that is a file, kept under this name. */
export async function download(path: string, body: unknown, name: string): Promise<void> {
  const response = await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!response.ok) {
    const parsed = (await response.json().catch(() => ({}))) as Record<string, unknown>
    throw new ApiError(response.status, typeof parsed['code'] === 'string' ? parsed['code'] : '', parsed)
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
