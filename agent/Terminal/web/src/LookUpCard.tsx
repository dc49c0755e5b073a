import { useEffect } from 'react'
import { lookUps, type LookUpResult, type LookUpStatus } from './lookUps.ts'
import { ago, plateParts, shortTime, span } from './shared/format.ts'
import { useTranslator, type Language, type Say } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { text } from './text.ts'

/** The answer that is looked at, and those before it, as long as the host keeps them. */
export function LookUpAnswers({ shownId, onShow }: { shownId: string | null; onShow: (id: string) => void }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const all = useStore(lookUps)
  useEffect(() => {
    // Gone from the host, so gone from here.
    if (all.some((l) => l.expiresAtUnixMs <= now)) lookUps.set(all.filter((l) => l.expiresAtUnixMs > now))
  }, [all, now])
  const kept = all.filter((l) => l.expiresAtUnixMs > now)
  const shown = kept.find((l) => l.id === shownId)
  return (
    <>
      {shown ? <Answer key={shown.id} result={shown} now={now} /> : <p className="look-up-empty">{t('lookUp.none')}</p>}
      <section className="look-up-history" aria-label={t('lookUp.history')}>
        <h3>{t('lookUp.history')}</h3>
        <ul>
          {kept.map((l) => (
            <li key={l.id}>
              <button type="button" data-look-up={l.id} aria-pressed={l.id === shownId} onClick={() => onShow(l.id)}>
                <Icon name={isGrave(l) ? 'warning' : l.outcome === 'found' ? 'tick' : 'cross'} size={20} />
                <span>
                  <b>{l.subject}</b>
                  <small>
                    {shortTime(l.atUnixMs, t.lang)} · {t.code('purpose.', l.purpose)}
                  </small>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

function Answer({ result, now }: { result: LookUpResult; now: number }) {
  const t = useTranslator(text)
  const [area, number] = plateParts(result.subject)
  const facts: [name: string, value: string][] = [
    [t('fact.plate_class'), t.code('plateClass.', result.plateClass)],
    [t('fact.vehicle'), result.vehicle],
    [t('fact.name'), result.displayName],
  ]
  return (
    <article className={`look-up-answer${isGrave(result) ? ' is-grave' : ''}`} role="status" data-outcome={result.outcome}>
      <p className={`look-up-subject look-up-subject-${result.kind}`}>{result.kind === 'plate' ? `${area}·${number}` : result.subject}</p>
      <p className="soft">
        {t.code('purpose.', result.purpose)} · {ago(t, now - result.atUnixMs)}
      </p>
      {result.outcome === 'not_found' ? (
        <div className="look-up-nothing">
          <b>{t('lookUp.nothing')}</b>
          <span>{t('lookUp.nothingHint')}</span>
        </div>
      ) : (
        <dl>
          {facts
            .filter(([, value]) => value !== '')
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd data-own-words>{value}</dd>
              </div>
            ))}
          {result.statuses.map((s) => (
            <div key={s.fact} data-fact={s.fact} data-state={s.state}>
              <dt>{t.code('fact.', s.fact)}</dt>
              <dd className={s.state === 'on_record' ? 'is-bad' : s.state === 'ended' ? 'is-warn' : 'is-ok'}>
                <Icon name={s.state === 'on_record' || s.state === 'ended' ? 'warning' : 'tick'} size={20} />
                <span>
                  <b>{t.code('factState.', s.state)}</b>
                  <small>{dated(t, s)}</small>
                </span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="look-up-expiry">
        <Icon name="clock" size={18} />
        {t('lookUp.expires', { age: span(t, result.expiresAtUnixMs - now) })}
      </p>
    </article>
  )
}

function isGrave(result: LookUpResult): boolean {
  return result.statuses.some((s) => s.state === 'on_record')
}

function dated(t: Say<typeof text>, { state, dateUnixMs }: LookUpStatus): string {
  if (dateUnixMs === 0) return ''
  const date = day(dateUnixMs, t.lang)
  return state === 'valid' ? t('fact.until', { date }) : state === 'on_record' ? t('fact.since', { date }) : date
}

function day(unixMs: number, lang: Language): string {
  return new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { year: 'numeric', month: 'short', day: 'numeric' }).format(unixMs)
}
