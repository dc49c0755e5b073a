import { state } from '../desk.ts'
import { planeOf } from '../map/geo.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { goTo } from '../shell/pages.tsx'
import { text } from '../text.ts'
import { chosenId, fleetOf, ownPlace, placeOf, type Call } from './calls.ts'
import { distance, way } from './words.ts'

const side = 300
const edge = 34
const steps = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]

/** Where the call is from here: north up, the call and the car both in sight, the cars around. A touch shows the large map. */
export function MiniMap({ call }: { call: Call }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const [at, own] = [placeOf(call), ownPlace(snapshot)]
  const words = way(t, call, snapshot)
  if (!at) return <div className="mini-map mini-map-none">{t('calls.noPlace')}</div>
  const away = own ? planeOf(at, own) : null
  // Midway between the two stands in the middle.
  const middle = away ? { east: away.east / 2, north: away.north / 2 } : { east: 0, north: 0 }
  const reach = Math.max(150, away ? Math.max(Math.abs(away.east), Math.abs(away.north)) / 2 : 0)
  const scale = (side / 2 - edge) / reach
  const xy = (p: { east: number; north: number }) => ({ x: side / 2 + (p.east - middle.east) * scale, y: side / 2 - (p.north - middle.north) * scale })
  const bar = steps.find((m) => m * scale > 50) ?? 50_000
  const placed = fleetOf(snapshot).map((car) => ({ car, ...xy(planeOf(at, car)) }))
  const inSight = placed.filter(({ x, y }) => x > 12 && y > 12 && x < side - 12 && y < side - 12).slice(0, 12)
  const place = xy({ east: 0, north: 0 })
  const car = away && xy(away)
  return (
    <button
      type="button"
      className="mini-map"
      data-mini-map
      onClick={() => {
        chosenId.set(call.id)
        goTo('map')
      }}
    >
      <svg viewBox={`0 0 ${side} ${side}`} aria-hidden="true">
        {car && <line className="mini-way" x1={car.x} y1={car.y} x2={place.x} y2={place.y} />}
        {inSight.map(({ car: other, x, y }) => (
          <circle key={other.unitId} className={other.stale ? 'mini-car is-old' : 'mini-car'} cx={x} cy={y} r="7" />
        ))}
        <g transform={`translate(${place.x} ${place.y})`}>
          <path className="mini-call" d="M0 0c-9-11-13-17-13-23a13 13 0 0 1 26 0c0 6-4 12-13 23z" />
          <circle className="mini-dot" cy="-23" r="5" />
        </g>
        {car && (
          <g transform={`translate(${car.x} ${car.y}) rotate(${snapshot?.position?.headingDegrees ?? 0})`}>
            <path className="mini-own" d="M0-16 11 13 0 7-11 13z" />
          </g>
        )}
        <path className="mini-scale" d={`M12 ${side - 12}v-6m0 6h${bar * scale}v-6`} />
        <text className="mini-words" x={16 + bar * scale} y={side - 10}>
          {distance(t, bar)}
        </text>
        <text className="mini-words" x={side - 20} y="22">
          {t('compass.0')}
        </text>
      </svg>
      <b data-way>
        <Icon name="place" />
        {words || t('calls.noOwnPlace')}
      </b>
      <span className="visually-hidden">{t('calls.onMap')}</span>
    </button>
  )
}
