import type { ReactNode } from 'react'
import { session, state } from '../desk.ts'
import type { TerminalState } from '../shared/api.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'

// Walking pace. Between the two the page stays as it is, so that stop-and-go traffic does not make it flicker.
const movingMps = 2.2
const standingMps = 1.2

let was = false
/** Whether the car moves faster than somebody walks. An old position says nothing: the page stays as it was. */
export function isDriving(s: TerminalState | null): boolean {
  const position = s?.position
  if (!position || position.stale) return was
  return (was = position.speedMps > (was ? standingMps : movingMps))
}

/** Whether whoever sees this page drives: the second officer's screen is held up by nothing. */
export function useDriving(): boolean {
  const isSecond = useStore(session)?.screen === 'second'
  const driving = isDriving(useStore(state))
  return driving && !isSecond
}

/** What needs typing or reading at length: it waits until the car stands. What was begun in it stays. */
export function WhenStanding({ children }: { children: ReactNode }) {
  const t = useTranslator(text)
  const driving = useDriving()
  return (
    <>
      {driving && (
        <div className="waits" data-waits>
          <Icon name="warning" size={40} />
          <h2>{t('driving.title')}</h2>
          <p>{t('driving.body')}</p>
        </div>
      )}
      <div className="when-standing" hidden={driving}>
        {children}
      </div>
    </>
  )
}
