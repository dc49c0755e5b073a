import { clockTime, span } from '@shared/format.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { text } from '../text.ts'
import type { CallLine } from './calls.ts'

const lateMs = 5000

/** Who did what, when and from where: the newest first, since that is what is asked for. */
export function Story({ lines }: { lines: readonly CallLine[] }) {
  const t = useTranslator(text)
  return (
    <section className="call-part" aria-label={t('call.story')}>
      <h3>{t('call.story')}</h3>
      <ol className="story">
        {[...lines].reverse().map((line, i) => (
          <li key={lines.length - i} data-story={line.what} data-effect={line.effect}>
            <time>{clockTime(line.happenedAtUnixMs, t.lang)}</time>
            <span>
              <b>{t.code('callWhat.', line.what)}</b> <span className="soft">{whoOf(t, line)}</span>
              {line.text && <span data-own-words> {line.what === 'escalated' || line.text === 'unknown_unit' ? t.code('callTold.', line.text) : line.text}</span>}
              {(line.effect === 'presence' || line.effect === 'late') && <small className="is-warn"> {t.code('callEffect.', line.effect)}</small>}
              {line.atUnixMs - line.happenedAtUnixMs > lateMs && <small className="soft"> {t('incident.delay', { time: clockTime(line.atUnixMs, t.lang), age: span(t, line.atUnixMs - line.happenedAtUnixMs) })}</small>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function whoOf(t: Say<typeof text>, line: CallLine): string {
  const actor = line.actor === 'centre' ? t('calls.centre') : line.actor
  return line.what === 'escalated' ? (line.unitId ? t('call.proposed', { unit: line.unitId }) : '') : [line.unitId, actor].filter(Boolean).join(' · ')
}
