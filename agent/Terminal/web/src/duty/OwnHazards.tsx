import { state } from '../desk.ts'
import { useDriving } from '../shell/driving.tsx'
import { ago } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useNow } from '../shared/ticker.ts'
import { text } from '../text.ts'
import { closeHazard, hazardsOf } from './duty.ts'

/** What this car reported and how far the centre is with it, until it is gone. */
export function OwnHazards() {
  const t = useTranslator(text)
  const own = hazardsOf(useStore(state))
  const driving = useDriving()
  const now = useNow(5000)
  return (
    <section className="own-hazards" aria-label={t('hazard.own')}>
      <h2>
        {t('hazard.own')} <b>{own.filter((h) => h.state !== 'closed').length}</b>
      </h2>
      {own.length === 0 && <p className="soft">{t('hazard.ownNone')}</p>}
      <ul tabIndex={own.length > 0 ? 0 : undefined}>
        {own.map((h) => (
          <li key={h.id} data-hazard={h.id} data-state={h.state}>
            <Icon name={h.state === 'closed' ? 'tick' : h.state === 'passed_on' ? 'exit' : 'warning'} />
            <span>
              <b>{t.code('hazardKind.', h.kind)}</b>
              <small>
                {t(`hazardState.${h.state}`)} · {ago(t, now - h.atUnixMs)}
              </small>
            </span>
            {!driving && (h.state === 'found' || h.state === 'passed_on') && (
              <button type="button" data-action="hazard-gone" onClick={() => void closeHazard(h.id).catch(() => undefined)}>
                {t('hazard.gone')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
