import { useCallback, useEffect, useState } from 'react'
import { dateTime, place, span } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { topic } from '../centre.ts'
import { text } from '../text.ts'
import './hazards.css'

export interface Hazard {
  unitId: string
  hazardId: string
  kind: string
  state: 'found' | 'passed_on' | 'closed'
  foundAtUnixMs: number
  changedAtUnixMs: number
  pictures: number
  latitude: number | null
  longitude: number | null
}
interface Act { atUnixMs: number; actor: string; act: string; words: string; pictures: { url: string | null }[] }

export const hazards = topic<readonly Hazard[]>('hazards')
const columns = ['found', 'passed_on', 'closed'] as const

export function Hazards() {
  const t = useTranslator(text)
  const all = useStore(hazards)
  const [chosen, setChosen] = useState<string | null>(null)
  const one = all?.find((h) => h.hazardId === chosen) ?? null
  return (
    <section className="hazards" aria-label={t('hazard.title')}>
      <div className="column-head">
        <h2>{t('hazard.title')}</h2>
        <span className="soft">{t('hazard.hint')}</span>
      </div>
      {all === null ? (
        <p className="empty">{t('hazard.wait')}</p>
      ) : (
        <div className="hazard-board">
          {columns.map((state) => {
            const of = all.filter((h) => h.state === state)
            return (
              <div key={state} className="hazard-column" data-column={state}>
                <h3>
                  {t(`hazard.${state}`)} <span className="tag">{of.length}</span>
                </h3>
                {of.length === 0 && <p className="empty">{t('hazard.none')}</p>}
                <ul>
                  {of.map((h) => (
                    <HazardCard key={h.hazardId} hazard={h} chosen={h.hazardId === chosen} onChoose={() => setChosen(h.hazardId === chosen ? null : h.hazardId)} />
                  ))}
                </ul>
              </div>
            )
          })}
          <div className="hazard-detail">{one ? <HazardDetail key={`${one.hazardId} ${one.changedAtUnixMs}`} hazard={one} /> : <p className="empty">{t('hazard.choose')}</p>}</div>
        </div>
      )}
    </section>
  )
}

function HazardCard({ hazard, chosen, onChoose }: { hazard: Hazard; chosen: boolean; onChoose: () => void }) {
  const t = useTranslator(text)
  const now = useNow(5000)
  return (
    <li>
      <button type="button" className="hazard" data-hazard={hazard.hazardId} aria-pressed={chosen} onClick={onChoose}>
        <Icon name={hazard.state === 'closed' ? 'tick' : 'warning'} size={22} />
        <span className="hazard-words">
          <b>{t.code('hazardKind.', hazard.kind)}</b>
          <small>
            {t('hazard.by', { unit: hazard.unitId })} · {t('age.ago', { age: span(t, now - hazard.foundAtUnixMs) })}
          </small>
          <small>
            {hazard.latitude !== null && hazard.longitude !== null ? place(hazard.latitude, hazard.longitude) : t('hazard.noPlace')}
            {hazard.pictures > 0 && ` · ${t('hazard.pictures', { n: hazard.pictures })}`}
          </small>
        </span>
      </button>
    </li>
  )
}

function HazardDetail({ hazard }: { hazard: Hazard }) {
  const t = useTranslator(text)
  const [acts, setActs] = useState<readonly Act[] | null>(null)
  const [failure, setFailure] = useState('')
  const [words, setWords] = useState('')
  const path = `/api/hazards/${encodeURIComponent(hazard.unitId)}/${hazard.hazardId}`
  const load = useCallback(() => {
    request<{ acts: Act[] }>('GET', path)
      .then((answer) => setActs(answer.acts))
      .catch((error: unknown) => setFailure(errorCode(error)))
  }, [path])
  useEffect(load, [load])
  const act = async (step: string) => {
    setFailure('')
    try {
      await request('POST', `${path}/${step}`, { words })
      setWords('')
      if (step === 'note') load()
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  return (
    <>
      <h3>{t.code('hazardKind.', hazard.kind)}</h3>
      {failure && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {acts === null ? t('hazard.failed', { why: t.code('error.', failure) }) : t.code('error.', failure)}
        </p>
      )}
      <div className="hazard-pictures">
        {(acts ?? []).flatMap((a) => a.pictures).map((p, i) =>
          p.url ? <img key={p.url} src={p.url} alt={t('hazard.picture')} /> : <p key={i} className="empty">{t('hazard.pictureComing')}</p>,
        )}
      </div>
      <h4>{t('hazard.history')}</h4>
      <ol className="hazard-acts" data-acts={acts?.length ?? 0}>
        {(acts ?? []).map((a, i) => (
          <li key={i}>
            <b>{t.code('hazardAct.', a.act)}</b>{' '}
            <small>
              {dateTime(a.atUnixMs, t.lang)} · {a.actor || t('value.unknown')}
            </small>
            {a.words && <p data-own-words>{a.words}</p>}
          </li>
        ))}
      </ol>
      <label className="hazard-form">
        {t('hazard.words')}
        <textarea name="words" rows={3} value={words} maxLength={500} onChange={(e) => setWords(e.target.value)} />
      </label>
      <div className="hazard-steps">
        {hazard.state === 'found' && (
          <button type="button" className="primary" data-action="pass-on" onClick={() => void act('pass-on')}>
            {t('hazard.passOn')}
          </button>
        )}
        {hazard.state !== 'closed' && (
          <button type="button" className={hazard.state === 'passed_on' ? 'primary' : ''} data-action="close-hazard" onClick={() => void act('close')}>
            <Icon name="tick" />
            {t('hazard.close')}
          </button>
        )}
        <button type="button" data-action="note" onClick={() => void act('note')}>
          {t('hazard.note')}
        </button>
      </div>
    </>
  )
}
