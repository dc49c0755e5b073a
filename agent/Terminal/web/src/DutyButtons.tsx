import { assist, assistOpen } from './assist.ts'
import { HazardButton } from './duty/DutyPage.tsx'
import { lookUpOpen } from './lookUps.ts'
import { serverClock } from './shared/clock.ts'
import { span } from './shared/format.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { text } from './text.ts'

/** The ways to a look-up and to an Assist, on every screen of an officer on duty; an open alert covers them, since that comes first. */
export function DutyButtons() {
  const t = useTranslator(text)
  const going = useStore(assist)
  useNow(500)
  return (
    <div className="duty-buttons">
      <button type="button" className={going ? 'is-on' : ''} data-action="assist" onClick={() => assistOpen.set(true)}>
        <Icon name="officer" />
        {t('assist.button')}
        {going && <small>{span(t, Math.max(0, going.endsAtUnixMs - serverClock.now()))}</small>}
      </button>
      <button type="button" data-action="look-up" onClick={() => lookUpOpen.set(true)}>
        <Icon name="search" />
        {t('lookUp.title')}
      </button>
      <HazardButton />
    </div>
  )
}
