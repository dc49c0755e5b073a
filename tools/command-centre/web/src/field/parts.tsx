import { useState, type ReactNode } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from '../text.ts'
import { readPlaces, writePlaces, type LonLat } from './shapes.ts'

/** What went wrong, and the way on. */
export function ErrorLine({ words, retry }: { words: string; retry?: () => void }) {
  const t = useTranslator(text)
  return (
    <p className="error-line" role="alert">
      <Icon name="warning" size={20} />
      {words}
      {retry && (
        <button type="button" data-action="retry" onClick={retry}>
          {t('action.retry')}
        </button>
      )}
    </p>
  )
}

export function Bar({ done, missed = 0, total, words }: { done: number; missed?: number; total: number; words: string }) {
  const share = (n: number) => `${total > 0 ? Math.min(100, (100 * n) / total) : 0}%`
  return (
    <span className="bar" role="img" aria-label={words}>
      <i className="bar-done" style={{ width: share(done) }} />
      <i className="bar-missed" style={{ width: share(missed) }} />
    </span>
  )
}

export function Field({ label, children, wide = false }: { label: string; children: ReactNode; wide?: boolean }) {
  return (
    <label className={wide ? 'field is-wide' : 'field'}>
      <span>{label}</span>
      {children}
    </label>
  )
}

/** Places in words: what the mouse draws, for whoever has none. Taken when the field is left or Enter is pressed with Ctrl. */
export function Places({ name, label, at, onChange }: { name: string; label: string; at: readonly LonLat[]; onChange: (at: LonLat[]) => void }) {
  const t = useTranslator(text)
  const [typed, setTyped] = useState<string | null>(null)
  const bad = typed !== null && readPlaces(typed) === null
  const take = () => {
    const read = typed === null ? null : readPlaces(typed)
    if (!read) return
    onChange(read)
    setTyped(null)
  }
  return (
    <Field label={label} wide>
      <textarea
        name={name}
        rows={4}
        spellCheck={false}
        aria-invalid={bad}
        value={typed ?? writePlaces(at)}
        placeholder={t('field.placesHint')}
        onChange={(e) => setTyped(e.target.value)}
        onBlur={take}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && e.ctrlKey) take()
        }}
      />
      {bad && <small className="is-bad">{t('field.placesBad')}</small>}
    </Field>
  )
}
