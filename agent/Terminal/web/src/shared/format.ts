import type { commonText } from './commonText.ts'
import type { Language, Say } from './i18n.ts'

type Common = Say<typeof commonText>

/** A length of time in its largest sensible unit: 8 s, 3 min, 5 h, 2 d. */
export function span(t: Common, ms: number): string {
  const s = Math.max(0, ms) / 1000
  if (s < 90) return t('unit.seconds', { n: Math.round(s) })
  if (s < 5400) return t('unit.minutes', { n: Math.round(s / 60) })
  if (s < 129_600) return t('unit.hours', { n: Math.round(s / 3600) })
  return t('unit.days', { n: Math.round(s / 86_400) })
}

/** The age stamp of a picture: tenths below ten seconds, since there they matter. */
export function pictureAge(t: Common, ms: number): string {
  return ms < 9950 ? t('unit.seconds', { n: (Math.max(0, ms) / 1000).toFixed(1) }) : span(t, ms)
}

export function ago(t: Common, ms: number): string {
  return ms < 1500 ? t('age.now') : t('age.ago', { age: span(t, ms) })
}

export function clockTime(unixMs: number, lang: Language): string {
  return timeFormat(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(unixMs)
}

export function shortTime(unixMs: number, lang: Language): string {
  return timeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(unixMs)
}

export function dateTime(unixMs: number, lang: Language): string {
  return timeFormat(lang, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(unixMs)
}

export function dateTimeSeconds(unixMs: number, lang: Language): string {
  return timeFormat(lang, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(unixMs)
}

export function count(n: number, lang: Language): string {
  return new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-GB').format(n)
}

export function place(latitude: number, longitude: number): string {
  return `${Math.abs(latitude).toFixed(5)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude).toFixed(5)}° ${longitude < 0 ? 'W' : 'E'}`
}

export function kmh(t: Common, metresPerSecond: number): string {
  return t('unit.kmh', { n: Math.round(metresPerSecond * 3.6) })
}

/** 京A·12345: the registration area apart from the number, as on the plate itself. */
export function plateParts(text: string): [area: string, number: string] {
  const bare = text.replace(/[·.\s]/g, '')
  return [bare.slice(0, 2), bare.slice(2)]
}

const formats = new Map<string, Intl.DateTimeFormat>()
function timeFormat(lang: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options)
  let format = formats.get(key)
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', options)))
  return format
}
