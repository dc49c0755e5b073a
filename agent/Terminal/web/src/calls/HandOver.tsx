import { state } from '../desk.ts'
import { span } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { metresTo, nearest, type Call } from './calls.ts'
import { Panel } from './Panel.tsx'
import { distance } from './words.ts'

const most = 6

/** The other cars, nearest to the call first, with how old their place is. The centre decides; until then the call stays here. */
export function HandOver({ call, failed, onAsk, onBack }: { call: Call; failed: string; onAsk: (unitId: string) => void; onBack: () => void }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const own = metresTo(call, snapshot)
  const cars = nearest(call, snapshot).slice(0, most)
  return (
    <Panel call={call} name="hand-over" title={t('handOver.title')} failed={failed} onBack={onBack}>
      <p className="soft">
        {t('handOver.hint')}
        {own !== null && ` · ${t('handOver.own', { distance: distance(t, own) })}`}
      </p>
      {cars.length === 0 && <p className="empty">{t('handOver.none')}</p>}
      <ul className="hand-over-cars">
        {cars.map(({ car, metres }) => (
          <li key={car.unitId} data-car={car.unitId} data-stale={car.stale}>
            <Icon name="car" size={30} />
            <span>
              <b>{car.label}</b>
              {car.label !== car.unitId && <small className="soft">{car.unitId}</small>}
            </span>
            <span className={own !== null && metres !== null && metres < own && !car.stale ? 'is-ok' : ''}>
              {metres === null ? '—' : distance(t, metres)}
              <small className="soft">{t('handOver.here')}</small>
            </span>
            <span className={car.stale ? 'is-warn' : ''}>
              {car.availability ? t(`availability.${car.availability}`) : '—'}
              <small className={car.stale ? 'is-warn' : 'soft'}>{t('handOver.stale', { age: span(t, car.ageMs) })}</small>
            </span>
            <button type="button" className="primary" data-hand-to={car.unitId} aria-label={`${t('handOver.ask')} ${car.label}`} onClick={() => onAsk(car.unitId)}>
              <Icon name="handOver" size={26} />
              {t('handOver.ask')}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
