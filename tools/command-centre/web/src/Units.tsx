import { useState } from 'react'
import type { Unit } from '@shared/api.ts'
import { kmh, span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { isCurrent, placeOf, positionAgeMs, selectedUnitId, units } from './centre.ts'
import { text } from './text.ts'
import { UnitHealthLines } from './UnitHealth.tsx'

export function Units() {
  const t = useTranslator(text)
  const known = useStore(units)
  const [filter, setFilter] = useState('')
  const [police, setPolice] = useState('')
  const [state, setState] = useState('')
  const wanted = filter.trim().toLowerCase()
  const shown = [...(known?.list ?? [])]
    .filter((u) => `${u.unitId} ${u.label} ${u.district ?? ''}`.toLowerCase().includes(wanted))
    .filter((u) => !police || u.policeType === police)
    .filter((u) => !state || (u.online && (state === 'online' || u.officerId !== '')))
    .sort((a, b) => Number(b.online) - Number(a.online) || a.unitId.localeCompare(b.unitId))
  return (
    <aside className="units" aria-label={t('units.title')}>
      <div className="column-head">
        <h2>{t('units.title')}</h2>
        {known && <span className="tag">{t('units.count', { on: known.list.filter((u) => u.online).length, n: known.list.length })}</span>}
      </div>
      <input className="units-filter" type="search" value={filter} placeholder={t('units.filter')} aria-label={t('units.filter')} onChange={(e) => setFilter(e.target.value)} />
      <div className="units-choices">
        <select name="police" value={police} aria-label={t('units.police')} onChange={(e) => setPolice(e.target.value)}>
          <option value="">{t('units.anyPolice')}</option>
          <option value="public_order">{t('police.public_order')}</option>
          <option value="traffic">{t('police.traffic')}</option>
        </select>
        <select name="state" value={state} aria-label={t('units.state')} onChange={(e) => setState(e.target.value)}>
          <option value="">{t('units.anyState')}</option>
          <option value="online">{t('units.onLine')}</option>
          <option value="duty">{t('units.onDuty')}</option>
        </select>
      </div>
      {!known ? (
        <p className="empty">{t('units.loading')}</p>
      ) : known.list.length === 0 ? (
        <p className="empty">{t('units.none')}</p>
      ) : shown.length === 0 ? (
        <p className="empty">{t('units.noMatch')}</p>
      ) : (
        <ul className="units-rows">
          {shown.map((u) => (
            <UnitRow key={u.unitId} unit={u} toldAt={known.at} />
          ))}
        </ul>
      )}
    </aside>
  )
}

function UnitRow({ unit, toldAt }: { unit: Unit; toldAt: number }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const selected = useStore(selectedUnitId) === unit.unitId
  const age = positionAgeMs(unit, toldAt)
  const current = isCurrent(unit, toldAt)
  const name = unit.label || unit.unitId
  return (
    <li>
      <button
        type="button"
        className={unit.online ? 'unit' : 'unit is-offline'}
        data-unit={unit.unitId}
        data-online={unit.online}
        aria-pressed={selected}
        aria-label={t('unit.select', { name })}
        onClick={() => selectedUnitId.set(selected ? null : unit.unitId)}
      >
        <Icon name="car" size={26} />
        <span className="unit-words">
          <b>
            {unit.unitId}
            {unit.label && unit.label !== unit.unitId && <i> {unit.label}</i>}
          </b>
          <span className="unit-line">
            <span className={unit.online ? 'is-ok' : 'is-bad'}>{unit.online ? t('unit.online') : t('unit.offline', { age: unit.lastSeenUnixMs === null ? t('value.unknown') : span(t, now - unit.lastSeenUnixMs) })}</span>
            <span>{unit.officerId ? t('unit.officer', { id: unit.officerId }) : t('unit.noOfficer')}</span>
          </span>
          <span className="unit-line">
            {unit.position === null || placeOf(unit) === null || age === null ? (
              <span className="is-warn">{t('unit.noPosition')}</span>
            ) : current ? (
              <>
                <span>{t('unit.positionAge', { age: span(t, age) })}</span>
                <span>{kmh(t, unit.position.speedMps)}</span>
                <span>{t.code('fix.', unit.position.fix)}</span>
              </>
            ) : (
              <span className="is-warn">{t('unit.positionOld', { age: span(t, age) })}</span>
            )}
          </span>
          {unit.online && (unit.vehiclesPerMinute != null || unit.heads != null) && (
            <span className="unit-line" data-scene={unit.unitId}>
              {unit.vehiclesPerMinute != null && <span>{t('unit.vehicles', { n: unit.vehiclesPerMinute })}</span>}
              {unit.heads != null && <span>{t('unit.heads', { n: unit.heads })}</span>}
            </span>
          )}
          {unit.health && <UnitHealthLines unitId={unit.unitId} health={unit.health} whole={selected} />}
          {unit.gaps && unit.gaps.missing + unit.gaps.awaited + unit.gaps.refused > 0 && (
            <span className="unit-line unit-gaps" role="alert" data-gaps={unit.unitId}>
              {unit.gaps.missing > 0 && <span>{t('unit.missing', { n: unit.gaps.missing })}</span>}
              {unit.gaps.awaited > 0 && <span>{t('unit.awaited', { n: unit.gaps.awaited })}</span>}
              {unit.gaps.refused > 0 && <span>{t('unit.refused', { n: unit.gaps.refused })}</span>}
            </span>
          )}
        </span>
      </button>
    </li>
  )
}
