import { useState, type FormEvent } from 'react'
import { serverClock } from '@shared/clock.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { placeOf, units } from '../centre.ts'
import { text } from '../text.ts'
import { kinds, type Answer, type EvidenceKind } from './api.ts'

const dayMs = 86_400_000
const point = '*'

/** As a field of date and time wants it: this machine's own clock time. */
function local(unixMs: number): string {
  const at = new Date(unixMs - new Date(unixMs).getTimezoneOffset() * 60_000)
  return at.toISOString().slice(0, 16)
}

export function SearchForm({ onAnswer }: { onAnswer: (answer: Answer) => void }) {
  const t = useTranslator(text)
  const known = useStore(units)?.list ?? []
  const [from, setFrom] = useState(() => local(serverClock.now() - dayMs))
  const [to, setTo] = useState(() => local(serverClock.now() + 3_600_000))
  const [chosen, setChosen] = useState<readonly EvidenceKind[]>(kinds)
  const [words, setWords] = useState({ unitId: '', callNumber: '', plate: '', purpose: '', near: '', latitude: '', longitude: '', radius: '500' })
  const [heldOnly, setHeldOnly] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const put = (name: keyof typeof words) => (e: { target: { value: string } }) => setWords({ ...words, [name]: e.target.value })

  const near = () => {
    if (words.near === '') return undefined
    const placed = words.near === point ? null : placeOf(known.find((u) => u.unitId === words.near)!)
    const [longitude, latitude] = placed ?? [Number(words.longitude), Number(words.latitude)]
    return { latitude, longitude, radiusMetres: Number(words.radius) }
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const missing = words.plate.trim() && words.purpose.trim().length < 3 ? 'purpose_required' : ''
    setProblem(missing)
    if (missing) return
    setBusy(true)
    try {
      const { unitId, callNumber, plate, purpose } = words
      onAnswer(
        await request<Answer>('POST', '/api/evidence/search', {
          ...{ fromUnixMs: new Date(from).getTime(), toUnixMs: new Date(to).getTime(), kinds: chosen, heldOnly },
          ...(unitId && { unitId }),
          ...(callNumber.trim() && { callNumber: callNumber.trim() }),
          ...(plate.trim() && { plate: plate.trim() }),
          ...(purpose.trim() && { purpose: purpose.trim() }),
          near: near(),
        }),
      )
    } catch (error) {
      setProblem(errorCode(error))
    } finally {
      setBusy(false)
    }
  }

  const field = (name: 'callNumber' | 'plate' | 'purpose' | 'latitude' | 'longitude' | 'radius', label: string, most: number) => (
    <label>
      {label}
      <input name={name} value={words[name]} maxLength={most} autoComplete="off" onChange={put(name)} />
    </label>
  )
  return (
    <form className="evidence-form" onSubmit={(e) => void submit(e)} aria-label={t('evidence.title')}>
      <h2>{t('evidence.title')}</h2>
      <p className="soft">{t('evidence.hint')}</p>
      <label>
        {t('evidence.from')}
        <input name="from" type="datetime-local" required value={from} onChange={(e) => setFrom(e.target.value)} />
      </label>
      <label>
        {t('evidence.to')}
        <input name="to" type="datetime-local" required value={to} onChange={(e) => setTo(e.target.value)} />
      </label>
      <div className="evidence-kinds" role="group" aria-label={t('evidence.kind')}>
        {kinds.map((kind) => (
          <button key={kind} type="button" data-kind-filter={kind} aria-pressed={chosen.includes(kind)} onClick={() => setChosen(chosen.includes(kind) ? chosen.filter((k) => k !== kind) : [...chosen, kind])}>
            {t(`kind.${kind}`)}
          </button>
        ))}
      </div>
      <label>
        {t('evidence.unit')}
        <select name="unit" value={words.unitId} onChange={put('unitId')}>
          <option value="">{t('evidence.anyUnit')}</option>
          {known.map((u) => (
            <option key={u.unitId} value={u.unitId}>
              {u.unitId}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('evidence.place')}
        <select name="near" value={words.near} onChange={put('near')}>
          <option value="">{t('evidence.anyPlace')}</option>
          {known.filter(placeOf).map((u) => (
            <option key={u.unitId} value={u.unitId}>
              {t('evidence.nearUnit', { unit: u.unitId })}
            </option>
          ))}
          <option value={point}>{t('evidence.byPoint')}</option>
        </select>
      </label>
      {words.near !== '' && (
        <div className="evidence-point">
          {words.near === point && field('latitude', t('evidence.latitude'), 12)}
          {words.near === point && field('longitude', t('evidence.longitude'), 12)}
          {field('radius', t('evidence.radius'), 6)}
        </div>
      )}
      {field('callNumber', t('evidence.call'), 40)}
      {field('plate', t('evidence.plate'), 40)}
      {field('purpose', t('evidence.purpose'), 200)}
      <button type="button" data-action="held-only" aria-pressed={heldOnly} onClick={() => setHeldOnly(!heldOnly)}>
        <Icon name={heldOnly ? 'tick' : 'lock'} size={18} />
        {t('evidence.held')}
      </button>
      <button type="submit" className="primary" data-action="search-evidence" disabled={busy || chosen.length === 0}>
        <Icon name="search" size={18} />
        {t(busy ? 'evidence.searching' : 'evidence.search')}
      </button>
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {t.code('error.', problem)}
        </p>
      )}
    </form>
  )
}
