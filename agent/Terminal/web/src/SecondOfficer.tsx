import { useEffect, useRef, useState } from 'react'
import { session } from './desk.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useRoster } from './SignIn.tsx'
import { text } from './text.ts'

const maxDigits = 12

/** Another officer of this car confirms as well, with their own PIN, on the card itself: what is decided stays in sight. */
export function SecondOfficer({ onGiven, onBack }: { onGiven: (officerId: string, pin: string) => void; onBack: () => void }) {
  const t = useTranslator(text)
  const first = useStore(session)?.officerId
  const { roster } = useRoster()
  const others = roster?.filter((r) => r.officerId !== first)
  const [officer, setOfficer] = useState('')
  const [pin, setPin] = useState('')
  const panel = useRef<HTMLDivElement>(null)
  const chosen = officer || (others?.length === 1 ? others[0]!.officerId : '')
  const press = (digit: string) => setPin((p) => (p.length < maxDigits ? p + digit : p))
  const give = () => {
    if (chosen && pin) onGiven(chosen, pin)
  }

  const onKey = useRef((_: KeyboardEvent) => undefined as void)
  onKey.current = (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey) return
    if (/^\d$/.test(e.key)) press(e.key)
    else if (e.key === 'Backspace') setPin((p) => p.slice(0, -1))
    else if (e.key === 'Escape') onBack()
    else if (e.key === 'Enter' && !(e.target instanceof HTMLButtonElement)) give()
  }
  useEffect(() => {
    const listen = (e: KeyboardEvent) => onKey.current(e)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])

  // Off the name, so that Enter after the digits confirms and does not choose the name again.
  useEffect(() => {
    panel.current?.focus()
  }, [officer])

  return (
    <div ref={panel} tabIndex={-1} className="second" data-second={chosen}>
      <div className="second-head">
        <b>{t('second.title')}</b>
        <span className="pin-dots" role="status" aria-label={t('signIn.pinDigits', { n: pin.length })}>
          {Array.from({ length: Math.max(6, pin.length) }, (_, i) => (
            <i key={i} className={i < pin.length ? 'is-set' : ''} />
          ))}
        </span>
        <button type="button" data-action="second-back" onClick={onBack}>
          <Icon name="back" size={20} />
          {t('action.back')}
        </button>
      </div>
      {others?.length === 0 ? (
        <p className="empty">{t('second.nobody')}</p>
      ) : (
        <div className="second-who" role="group" aria-label={t('second.title')}>
          {others?.map((r) => (
            <button key={r.officerId} type="button" data-second-officer={r.officerId} aria-pressed={chosen === r.officerId} onClick={() => setOfficer(r.officerId)}>
              <b>{r.displayName}</b>
              <small>{r.officerId}</small>
            </button>
          ))}
        </div>
      )}
      <div className="second-keys">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'].map((d) => (
          <button key={d} type="button" disabled={!chosen} data-digit={d} onClick={() => press(d)}>
            {d}
          </button>
        ))}
        <button type="button" disabled={pin === ''} aria-label={t('signIn.erase')} onClick={() => setPin((p) => p.slice(0, -1))}>
          <Icon name="erase" size={26} />
        </button>
        <button type="button" className="primary" data-action="second-confirm" disabled={!chosen || pin === ''} onClick={give}>
          <Icon name="tick" size={26} />
          {t('second.confirm')}
        </button>
      </div>
    </div>
  )
}
