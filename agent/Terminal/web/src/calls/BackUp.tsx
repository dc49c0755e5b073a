import { state } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { nearest, type Call } from './calls.ts'
import { Panel } from './Panel.tsx'
import { distance } from './words.ts'

const whys = ['weapon', 'crowd', 'injured', 'resist', 'other'] as const

/** Asks the centre for help, with the one word that it needs to choose whom to send. */
export function BackUp({ call, failed, onAsk, onBack }: { call: Call; failed: string; onAsk: (words: string) => void; onBack: () => void }) {
  const t = useTranslator(text)
  const near = nearest(call, useStore(state)).find((n) => !n.car.stale && n.car.availability !== 'off_duty' && n.metres !== null)
  return (
    <Panel call={call} name="back-up" title={t('backUp.title')} failed={failed} onBack={onBack}>
      <div className="call-choices">
        {whys.map((why) => (
          <button key={why} type="button" data-why={why} onClick={() => onAsk(t(`backUp.${why}`))}>
            {t(`backUp.${why}`)}
          </button>
        ))}
      </div>
      {near && <p className="call-near">{t('backUp.near', { car: near.car.label, distance: distance(t, near.metres!) })}</p>}
    </Panel>
  )
}
