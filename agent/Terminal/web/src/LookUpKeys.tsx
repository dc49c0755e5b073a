import type { LookUpKind } from './lookUps.ts'
import { provinces, plateEnds } from './text.ts'

const digits = [...'1234567890']
const letters = [...'QWERTYUIOPASDFGHJKLZXCVBNM']

/** Keys for gloves: the province first, then what may follow it; for documents digits and the X that may end them. */
export function LookUpKeys({ kind, subject, onKey }: { kind: LookUpKind; subject: string; onKey: (key: string) => void }) {
  const rows =
    kind === 'document' ? [['1', '2', '3', '4', '5', '6'], ['7', '8', '9', '0', 'X']] : subject === '' ? split(provinces, 8) : [digits, letters.slice(0, 10), letters.slice(10, 19), [...letters.slice(19), ...plateEnds]]
  return (
    <div className="look-up-keys" data-own-words data-keys={kind === 'plate' && subject === '' ? 'provinces' : kind}>
      {rows.map((row) => (
        <div key={row.join('')}>
          {row.map((key) => (
            // The subject's field keeps the focus: touch and a keyboard may take turns.
            <button key={key} type="button" data-key={key} onPointerDown={(e) => e.preventDefault()} onClick={() => onKey(key)}>
              {key}
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}

function split(characters: string, perRow: number): string[][] {
  const all = [...characters]
  return Array.from({ length: Math.ceil(all.length / perRow) }, (_, i) => all.slice(i * perRow, (i + 1) * perRow))
}
