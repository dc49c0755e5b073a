import { useState } from 'react'
import { useTranslator } from '../shared/i18n.ts'
import { WhenStanding } from '../shell/driving.tsx'
import { text } from '../text.ts'
import type { Call } from './calls.ts'
import { Panel } from './Panel.tsx'

const phrases = ['wrong_address', 'caller_called', 'ambulance', 'traffic_jam'] as const
const maxCharacters = 500

/** A line of the call's story: one touch for what is said every day, own words while the car stands. */
export function Note({ call, failed, onAdd, onBack }: { call: Call; failed: string; onAdd: (words: string) => void; onBack: () => void }) {
  const t = useTranslator(text)
  const [words, setWords] = useState('')
  return (
    <Panel call={call} name="note" title={t('callNote.title')} failed={failed} onBack={onBack}>
      <div className="call-choices">
        {phrases.map((phrase) => (
          <button key={phrase} type="button" data-phrase={phrase} onClick={() => onAdd(t(`noteText.${phrase}`))}>
            {t(`noteText.${phrase}`)}
          </button>
        ))}
      </div>
      <div className="call-typing">
        <WhenStanding>
          <label>
            {t('callNote.own')}
            <textarea name="note" maxLength={maxCharacters} value={words} onChange={(e) => setWords(e.target.value)} />
          </label>
          <button type="button" className="primary call-send" data-action="add-note" disabled={words.trim() === ''} onClick={() => onAdd(words.trim())}>
            {t('callNote.add')}
          </button>
        </WhenStanding>
      </div>
    </Panel>
  )
}
