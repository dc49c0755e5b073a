import { useCallback, useEffect, useState } from 'react'
import { dateTime, span } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { useNow } from '@shared/ticker.ts'
import { topic } from '../centre.ts'
import '../hazards/hazards.css'
import { text } from '../text.ts'
import './records.css'

export interface FieldRecord {
  unitId: string
  recordId: string
  type: 'case' | 'found' | 'lost' | 'office'
  kind: string
  state: 'sent' | 'passed_on' | 'answered'
  atUnixMs: number
  changedAtUnixMs: number
}
type Picture = { url: string | null } | null
interface Person { role: string; name: string; idNumber: string; phone: string; statement: string; refused: boolean; signature: Picture }
interface Content {
  place?: string
  happenedAtUnixMs?: number
  persons?: Person[]
  statement?: string
  outcome?: string
  legalBasis?: string
  officerSignature?: Picture
  what?: string
  contact?: string
  pictures: Picture[]
}
interface Read { officerId: string; acts: { atUnixMs: number; actor: string; act: string; words: string }[]; content: Content | null }

export const records = topic<readonly FieldRecord[]>('records')
const columns = ['sent', 'passed_on', 'answered'] as const

/** What cars wrote down and what people asked for at their windows: passed on, answered, and the car hears of it. */
export function Records() {
  const t = useTranslator(text)
  const all = useStore(records)
  const [chosen, setChosen] = useState<string | null>(null)
  const one = all?.find((r) => r.recordId === chosen) ?? null
  return (
    <section className="hazards" aria-label={t('record.title')}>
      <div className="column-head">
        <h2>{t('record.title')}</h2>
        <span className="soft">{t('record.hint')}</span>
      </div>
      {all === null ? (
        <p className="empty">{t('record.wait')}</p>
      ) : (
        <div className="hazard-board">
          {columns.map((state) => {
            const of = all.filter((r) => r.state === state)
            return (
              <div key={state} className="hazard-column" data-column={state}>
                <h3>
                  {t(`record.${state}`)} <span className="tag">{of.length}</span>
                </h3>
                {of.length === 0 && <p className="empty">{t('record.none')}</p>}
                <ul>
                  {of.map((r) => (
                    <Card key={r.recordId} record={r} chosen={r.recordId === chosen} onChoose={() => setChosen(r.recordId === chosen ? null : r.recordId)} />
                  ))}
                </ul>
              </div>
            )
          })}
          <div className="hazard-detail">{one ? <Detail key={`${one.recordId} ${one.changedAtUnixMs}`} record={one} /> : <p className="empty">{t('record.choose')}</p>}</div>
        </div>
      )}
    </section>
  )
}

function Card({ record, chosen, onChoose }: { record: FieldRecord; chosen: boolean; onChoose: () => void }) {
  const t = useTranslator(text)
  const now = useNow(5000)
  return (
    <li>
      <button type="button" className="hazard" data-record={record.recordId} aria-pressed={chosen} onClick={onChoose}>
        <Icon name={record.state === 'answered' ? 'tick' : 'list'} size={22} />
        <span className="hazard-words">
          <b>
            {t(`recordType.${record.type}`)}
            {record.kind && ` · ${t.code('recordKind.', record.kind)}`}
          </b>
          <small>
            {t('record.by', { unit: record.unitId })} · {t('age.ago', { age: span(t, now - record.atUnixMs) })}
          </small>
        </span>
      </button>
    </li>
  )
}

function Detail({ record }: { record: FieldRecord }) {
  const t = useTranslator(text)
  const [read, setRead] = useState<Read | null>(null)
  const [failure, setFailure] = useState('')
  const [words, setWords] = useState('')
  const path = `/api/records/${encodeURIComponent(record.unitId)}/${record.recordId}`
  const load = useCallback(() => {
    request<Read>('GET', path)
      .then(setRead)
      .catch((error: unknown) => setFailure(errorCode(error)))
  }, [path])
  useEffect(load, [load])
  const act = async (step: string) => {
    setFailure('')
    try {
      await request('POST', `${path}/${step}`, { words })
      setWords('')
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  return (
    <>
      <h3>
        {t(`recordType.${record.type}`)}
        {record.kind && ` · ${t.code('recordKind.', record.kind)}`}
      </h3>
      {failure && (
        <p className="error-line" role="alert">
          <Icon name="warning" />
          {read === null ? t('record.failed', { why: t.code('error.', failure) }) : t.code('error.', failure)}
        </p>
      )}
      {read && (read.content ? <Whole content={read.content} officerId={read.officerId} /> : <p className="empty">{t('record.erased')}</p>)}
      {read && read.acts.length > 0 && (
        <>
          <h4>{t('record.history')}</h4>
          <ol className="hazard-acts" data-acts={read.acts.length}>
            {read.acts.map((a, i) => (
              <li key={i}>
                <b>{t.code('recordAct.', a.act)}</b>{' '}
                <small>
                  {dateTime(a.atUnixMs, t.lang)} · {a.actor || t('value.unknown')}
                </small>
                {a.words && <p data-own-words>{a.words}</p>}
              </li>
            ))}
          </ol>
        </>
      )}
      {record.state !== 'answered' && (
        <>
          <label className="hazard-form">
            {t('record.words')}
            <textarea name="words" rows={3} value={words} maxLength={500} onChange={(e) => setWords(e.target.value)} />
          </label>
          <div className="hazard-steps">
            {record.state === 'sent' && (
              <button type="button" data-action="pass-on" onClick={() => void act('pass-on')}>
                {t('record.passOn')}
              </button>
            )}
            <button type="button" className="primary" data-action="answer" onClick={() => void act('answer')}>
              <Icon name="tick" />
              {t('record.answer')}
            </button>
          </div>
        </>
      )}
    </>
  )
}

function Whole({ content, officerId }: { content: Content; officerId: string }) {
  const t = useTranslator(text)
  const rows = [
    [t('record.officer'), officerId],
    [t('record.place'), content.place],
    [t('record.time'), content.happenedAtUnixMs ? dateTime(content.happenedAtUnixMs, t.lang) : ''],
    [t('record.what'), content.what],
    [t('record.contact'), content.contact],
    [t('record.statement'), content.statement],
    [t('record.outcome'), content.outcome],
    [t('record.legal'), content.legalBasis],
  ] as const
  return (
    <>
      <dl className="record-facts" data-content>
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd data-own-words>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {(content.persons ?? []).map((p, n) => (
        <section key={n} className="record-person" data-person={n}>
          <b>
            {t.code('recordRole.', p.role)} <span data-own-words>{p.name}</span>
          </b>
          <small data-own-words>{[p.idNumber, p.phone].filter(Boolean).join(' · ')}</small>
          {p.statement && <p data-own-words>{p.statement}</p>}
          {p.refused ? <p>{t('record.refused')}</p> : <Shot picture={p.signature} words={t('record.signature', { name: p.name })} sign />}
        </section>
      ))}
      <div className="hazard-pictures">
        {content.pictures.map((p, n) => (
          <Shot key={n} picture={p} words={t('record.picture')} />
        ))}
      </div>
      {content.officerSignature && <Shot picture={content.officerSignature} words={t('record.signature', { name: officerId })} sign />}
    </>
  )
}

function Shot({ picture, words, sign = false }: { picture: Picture; words: string; sign?: boolean }) {
  const t = useTranslator(text)
  if (!picture) return null
  return picture.url ? <img className={sign ? 'record-signature' : ''} src={picture.url} alt={words} /> : <p className="soft">{t('record.coming')}</p>
}
