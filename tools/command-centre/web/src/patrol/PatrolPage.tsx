import { useState } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { text } from '../text.ts'
import { History } from './History.tsx'
import { Plans } from './Plans.tsx'
import { Progress } from './Progress.tsx'
import { Seen } from './Seen.tsx'

const modes = { progress: Progress, history: History, plans: Plans, visibility: Seen }
export type Mode = keyof typeof modes

export function PatrolPage() {
  const [mode, setMode] = useState<Mode>('progress')
  const Body = modes[mode]
  return <Body mode={mode} onMode={setMode} />
}

export interface ModeProps { mode: Mode; onMode: (mode: Mode) => void }

export function ModeHead({ mode, onMode }: ModeProps) {
  const t = useTranslator(text)
  return (
    <div className="field-head">
      {(Object.keys(modes) as Mode[]).map((m) => (
        <button key={m} type="button" data-mode={m} aria-pressed={m === mode} className="quiet" onClick={() => onMode(m)}>
          {t(`patrol.${m}`)}
        </button>
      ))}
    </div>
  )
}
