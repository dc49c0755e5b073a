import { useEffect, useState, type KeyboardEvent } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { text } from '../text.ts'
import { findPlaces, intakePlace, type FoundPlace } from './calls.ts'

const waitMs = 120

/** An address whose place is found among the names of places as it is typed. What is typed stands, found or not. */
export function AddressField({ initial, onDistrict }: { initial: string; onDistrict: (district: string) => void }) {
  const t = useTranslator(text)
  const [words, setWords] = useState(initial)
  const [asked, setAsked] = useState('')
  const [found, setFound] = useState<readonly FoundPlace[]>([])
  const [at, setAt] = useState(-1)

  useEffect(() => {
    if (asked.trim().length === 0) {
      setFound([])
      return
    }
    let over = false
    const timer = window.setTimeout(() => {
      // Without an answer there are no suggestions; the address itself is written down all the same.
      findPlaces(asked.trim()).then((places) => !over && (setFound(places), setAt(-1)), () => !over && setFound([]))
    }, waitMs)
    return () => {
      over = true
      window.clearTimeout(timer)
    }
  }, [asked])

  const choose = (chosen: FoundPlace) => {
    setWords(chosen.name)
    setAsked('')
    setFound([])
    intakePlace.set({ latitude: chosen.latitude, longitude: chosen.longitude, clicked: false })
    onDistrict(chosen.district)
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (found.length === 0) return
    if (e.key === 'ArrowDown') setAt((i) => (i + 1) % found.length)
    else if (e.key === 'ArrowUp') setAt((i) => (i <= 0 ? found.length : i) - 1)
    else if (e.key === 'Enter' && !e.ctrlKey && at >= 0) choose(found[at]!)
    else if (e.key === 'Escape') setFound([])
    else return
    e.preventDefault()
  }

  return (
    <div className="wide address">
      <label>
        {t('intake.address')}
        <input
          name="address"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls="places-found"
          aria-autocomplete="list"
          maxLength={200}
          autoComplete="off"
          value={words}
          onChange={(e) => {
            setWords(e.target.value)
            setAsked(e.target.value)
          }}
          onKeyDown={onKeyDown}
          onBlur={() => window.setTimeout(() => setFound([]), 200)}
        />
      </label>
      {found.length > 0 && (
        <ul id="places-found" role="listbox" aria-label={t('intake.found')} className="places-found">
          {found.map((f, i) => (
            <li key={`${f.name} ${f.longitude}`} role="option" aria-selected={i === at} data-place-found={f.name} onPointerDown={(e) => (e.preventDefault(), choose(f))}>
              <b data-own-words>{f.name}</b>
              <small className="soft" data-own-words>
                {[...f.aliases, f.district].filter(Boolean).join(' · ')}
              </small>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
