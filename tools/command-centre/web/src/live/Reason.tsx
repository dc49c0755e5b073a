import { useTranslator } from '@shared/i18n.ts'
import { text } from '../text.ts'

const quickReasons = ['scene', 'backup', 'hit', 'safety'] as const

/** A reason in own words, or one of the usual ones with a touch. */
export function Reason({ value, onChange }: { value: string; onChange: (reason: string) => void }) {
  const t = useTranslator(text)
  return (
    <div className="wall-reason">
      <label>
        {t('wall.reason')}
        <input name="reason" value={value} maxLength={200} autoComplete="off" onChange={(e) => onChange(e.target.value)} />
      </label>
      <div className="wall-quick" role="group" aria-label={t('wall.reason')}>
        {quickReasons.map((q) => (
          <button key={q} type="button" data-quick={q} onClick={() => onChange(t(`quick.${q}`))}>
            {t(`quick.${q}`)}
          </button>
        ))}
      </div>
    </div>
  )
}
