import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { voice } from './voice.ts'

/** Who speaks now, on every page. */
export function Hearing() {
  const t = useTranslator(text)
  const { hearing } = useStore(voice.now)
  const talk = hearing.find((h) => h.emergency) ?? hearing[hearing.length - 1]
  if (!talk) return null
  return (
    <div className={talk.emergency ? 'hearing is-emergency' : 'hearing'} role="status" data-hearing={talk.talkId}>
      <Icon name="sound" size={22} />
      <b>{talk.unitId || t('voice.centre')}</b>
      {talk.speaker && <span>{talk.speaker}</span>}
    </div>
  )
}
