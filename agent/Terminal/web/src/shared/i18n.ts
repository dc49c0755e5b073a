import { useMemo } from 'react'
import { remembered, useStore } from './store.ts'

export type Language = 'zh' | 'en'
export const language = remembered<Language>('language', ['zh', 'en'], 'zh')

/** A dictionary: every key holds its Chinese and its English text, so that neither can be forgotten. */
export type Dictionary = Readonly<Record<string, readonly [zh: string, en: string]>>

export type Values = Record<string, string | number>

/** The text of `entry` in `lang`, with {name} replaced from `values`. */
export function say(entry: readonly [string, string], lang: Language, values: Values = {}): string {
  return entry[lang === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export interface Say<D extends Dictionary> {
  (key: keyof D & string, values?: Values): string
  lang: Language
  /** The text of `prefix + code`; the code itself when this page is older than the server and has no word for it. */
  code(prefix: string, code: string | null | undefined): string
  /** Of a pair that the server sent. */
  pick(zh: string, en: string): string
}

export function translator<D extends Dictionary>(dictionary: D, lang: Language): Say<D> {
  // A newer server may send a state that this page has no word for: its code is better than an empty page.
  const t = ((key: keyof D & string, values?: Values) => (dictionary[key] ? say(dictionary[key], lang, values) : key)) as Say<D>
  t.lang = lang
  t.code = (prefix, code) => {
    const entry = dictionary[prefix + wordOf(code ?? '')]
    return entry ? say(entry, lang) : (code ?? '')
  }
  t.pick = (zh, en) => (lang === 'zh' ? zh || en : en || zh)
  return t
}

/** The hook of one page's dictionary: the same function until the language changes. */
export function useTranslator<D extends Dictionary>(dictionary: D): Say<D> {
  const lang = useStore(language)
  return useMemo(() => translator(dictionary, lang), [dictionary, lang])
}

/** WantedWarrant, LIST_CATEGORY_WANTED_WARRANT and wanted_warrant are one code. */
export function wordOf(code: string): string {
  return code
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(' ', '_')
    .replace(/^(list_category|plate_class|gnss_fix|time_trust|list_kind)_/, '')
}

export function applyLanguage(): void {
  const apply = () => {
    document.documentElement.lang = language.get() === 'zh' ? 'zh-CN' : 'en'
  }
  language.subscribe(apply)
  apply()
}
