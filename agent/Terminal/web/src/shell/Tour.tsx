import { useEffect, useState } from 'react'
import { alerts, session } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { remembered, Store, useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { useDriving } from './driving.tsx'

const steps = [
  ['rail', '.rail'],
  ['bar', '.bar'],
  ['stage', '.stage'],
  ['talk', '[data-action=talk]'],
  ['sos', '[data-action=sos]'],
  ['help', '[data-action=help]'],
] as const

/** Which step is shown; null: none. */
export const tour = new Store<number | null>(null)
const seen = remembered<'no' | 'yes'>('tour-seen', ['no', 'yes'], 'no')

/** Offered once on a terminal, walked through when somebody wants to; gives way to alerts and to driving. */
export function Tour() {
  const at = useStore(tour)
  const who = useStore(session)
  const busy = useStore(alerts).length > 0
  const driving = useDriving()
  const asked = useStore(seen)
  if (!who || busy || driving) return null
  return at === null ? asked === 'no' ? <Offer /> : null : <Step at={at} />
}

function Offer() {
  const t = useTranslator(text)
  const answer = (step: number | null) => {
    seen.set('yes')
    tour.set(step)
  }
  return (
    <div className="tour-offer" role="status" data-tour="offer">
      <span>{t('tour.offer')}</span>
      <button type="button" data-action="tour-start" onClick={() => answer(0)}>
        {t('tour.start')}
      </button>
      <button type="button" className="quiet" data-action="tour-no" onClick={() => answer(null)}>
        {t('tour.no')}
      </button>
    </div>
  )
}

function Step({ at }: { at: number }) {
  const t = useTranslator(text)
  const [id, selector] = steps[at]!
  const [box, setBox] = useState<DOMRect | null>(null)
  useEffect(() => setBox(document.querySelector(selector)?.getBoundingClientRect() ?? null), [selector])
  const last = at === steps.length - 1
  const onLeft = box !== null && box.right < window.innerWidth / 2
  return (
    <div className="tour" data-tour={id}>
      {box && <div className="tour-spot" style={{ left: box.left, top: box.top, width: box.width, height: box.height }} />}
      <div className="tour-card" role="dialog" aria-label={t('help.tour')} data-side={onLeft ? 'right' : 'middle'}>
        <p>{t(`tour.${id}`)}</p>
        <div>
          <span>{t('tour.step', { n: at + 1, of: steps.length })}</span>
          {!last && (
            <button type="button" className="quiet" data-action="tour-leave" onClick={() => tour.set(null)}>
              {t('tour.leave')}
            </button>
          )}
          <button type="button" className="primary" autoFocus data-action="tour-next" onClick={() => tour.set(last ? null : at + 1)}>
            {t(last ? 'tour.done' : 'tour.next')}
          </button>
        </div>
      </div>
    </div>
  )
}
