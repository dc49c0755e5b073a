import type { TerminalState } from '../shared/api.ts'
import { useTranslator } from '../shared/i18n.ts'
import { text } from '../text.ts'
import type { Duty, DutyItem } from './duty.ts'

const half = 150
const edge = 134

/** What lies within one, three and five minutes of the car, its heading up; what is farther away sits on the edge. */
export function Ring({ duty, s }: { duty: Duty; s: TerminalState }) {
  const t = useTranslator(text)
  const position = s.position
  const farthest = Math.max(...duty.rings.map((r) => r.metres))
  const placed = duty.items.filter((i): i is DutyItem & { metres: number; degrees: number } => i.metres !== null && i.degrees !== null && i.kind !== 'beat' && i.metres > 30)
  return (
    <section className="duty-ring" aria-label={t('duty.ring')}>
      <h2>
        {t('duty.ring')} <small className="soft">{t('duty.ringHint')}</small>
      </h2>
      {!position || position.stale ? (
        <p className="soft">{t('duty.noPosition')}</p>
      ) : (
        <svg viewBox={`${-half} ${-half} ${2 * half} ${2 * half}`} role="img" aria-label={t('duty.ring')} data-rings={duty.rings.length}>
          {duty.rings.map((r) => (
            <g key={r.minutes}>
              <circle r={(r.metres / farthest) * edge} className="ring" />
              <text y={(-r.metres / farthest) * edge + 14} textAnchor="middle" className="ring-word">
                {t('duty.ringMinutes', { n: r.minutes })}
              </text>
            </g>
          ))}
          {placed.map((i) => {
            const turn = ((i.degrees - position.headingDegrees) * Math.PI) / 180
            const out = Math.min(i.metres / farthest, 1.04) * edge
            return (
              <g key={`${i.planId}/${i.itemId}`} transform={`translate(${Math.sin(turn) * out} ${-Math.cos(turn) * out})`} data-dot={i.itemId} className={`dot dot-${i.state}`}>
                <title>{i.name}</title>
                {i.kind === 'post' ? <rect x="-6" y="-6" width="12" height="12" /> : <circle r="6.5" />}
              </g>
            )
          })}
          <path d="M0-11 8 9 0 4-8 9z" className="ring-car" />
        </svg>
      )}
    </section>
  )
}
