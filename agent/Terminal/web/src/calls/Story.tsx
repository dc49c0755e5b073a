import { clockTime } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { text } from '../text.ts'
import type { Call } from './calls.ts'

/** What this car did, newest first; what the centre has not taken yet says so. */
export function Story({ call }: { call: Call }) {
  const t = useTranslator(text)
  return (
    <section className="story">
      <h3>{t('calls.story')}</h3>
      <ol tabIndex={0} aria-label={t('calls.story')}>
        {[...call.steps].reverse().map((s) => (
          <li key={s.id} data-step={s.act} data-sent={s.sent}>
            <time>{clockTime(s.atUnixMs, t.lang)}</time>
            <b>{t.code('callAct.', s.act)}</b>
            <span>
              {[s.toUnitId, s.text].filter(Boolean).join(' · ')}
              {s.pictures > 0 && (
                <span className="story-pictures">
                  <Icon name="still" size={18} />
                  {t('calls.pictures', { n: s.pictures })}
                </span>
              )}
            </span>
            {s.sent !== 'sent' && (
              <span className={s.sent === 'waiting' ? 'is-warn story-sent' : 'is-bad story-sent'}>
                <Icon name={s.sent === 'waiting' ? 'queue' : 'warning'} size={18} />
                {t(`callSent.${s.sent}`)}
              </span>
            )}
          </li>
        ))}
        <li>
          <time>{clockTime(call.receivedAtUnixMs, t.lang)}</time>
          <b>{t('calls.received')}</b>
          <span />
        </li>
      </ol>
    </section>
  )
}
