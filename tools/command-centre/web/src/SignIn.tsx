import { useEffect, useState, type FormEvent } from 'react'
import { span } from '@shared/format.ts'
import { ApiError, errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { LanguageSwitch } from '@shared/Switches.tsx'
import { signIn } from './centre.ts'
import { text } from './text.ts'

export function SignIn() {
  const t = useTranslator(text)
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [needsCode, setNeedsCode] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState(() => t.code('signIn.', new URLSearchParams(location.search).get('sign-in')))
  const [city, setCity] = useState<{ nameZh: string; nameEn: string } | null>(null)
  useEffect(() => {
    request<{ city?: { nameZh: string; nameEn: string } | null }>('GET', '/api/session/ways')
      .then((ways) => setCity(ways.city ?? null))
      .catch(() => undefined) // the centre's own accounts are the way in that is always there
  }, [])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      await signIn(user, password, code)
    } catch (error) {
      setBusy(false)
      setCode('')
      const why = errorCode(error)
      if (why === 'code_required' || why === 'wrong_code') {
        setNeedsCode(true)
        setProblem(t.code('signIn.', why))
        return
      }
      setPassword('')
      const status = error instanceof ApiError ? error.status : 0
      const waitMs = error instanceof ApiError ? Number(error.body['retryAfterS'] ?? 60) * 1000 : 0
      setProblem(why === 'account_locked' ? t('signIn.account_locked') : status === 401 ? t('signIn.refused') : status === 429 ? t('signIn.locked', { age: span(t, waitMs) }) : t.code('error.', errorCode(error)))
    }
  }
  return (
    <div className="sign-in">
      <form className="sign-in-form" onSubmit={(e) => void submit(e)}>
        <h1>
          <Icon name="shield" size={34} />
          {t('signIn.title')}
        </h1>
        <label>
          {t('signIn.user')}
          <input name="user" autoComplete="username" autoFocus required value={user} onChange={(e) => setUser(e.target.value)} />
        </label>
        <label>
          {t('signIn.password')}
          <input name="password" type="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} />
        </label>
        {needsCode && (
          <label>
            {t('signIn.code')}
            <input name="code" inputMode="numeric" autoComplete="one-time-code" autoFocus required value={code} onChange={(e) => setCode(e.target.value)} />
          </label>
        )}
        {problem && (
          <p className="error-line" role="alert">
            <Icon name="warning" size={20} />
            {problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={busy}>
          {t('action.signIn')}
        </button>
        {city && (
          <a className="button" href="/api/sign-in/city" data-action="city-sign-in">
            {t.pick(city.nameZh, city.nameEn)}
          </a>
        )}
        <p className="soft">{t('signIn.audited')}</p>
      </form>
      <div className="sign-in-tools">
        <LanguageSwitch />
      </div>
    </div>
  )
}
