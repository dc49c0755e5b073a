import { useState } from 'react'
import { state } from '../desk.ts'
import { useDriving, WhenStanding } from '../shell/driving.tsx'
import type { Previews } from '../previews.ts'
import { dateTime } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator, type Say } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { CaseForm } from './CaseForm.tsx'
import { begin, open, recordsOf, type CaseRecord } from './records.ts'
import './records.css'

export function recordWhy(t: Say<typeof text>, code: string): string {
  for (const prefix of ['recordWhy.', 'pictureWhy.']) {
    const own = t.code(prefix, code)
    if (own !== code) return own
  }
  return t.code('error.', code)
}

/** All records of this car without their content; one of them, opened, in its place. */
export function RecordsPage({ previews }: { previews: Previews }) {
  const t = useTranslator(text)
  const [record, setRecord] = useState<CaseRecord | null>(null)
  const [failure, setFailure] = useState('')
  const get = async (what: Promise<CaseRecord>) => {
    setFailure('')
    try {
      setRecord(await what)
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  return (
    <WhenStanding>
      {record ? (
        <CaseForm key={record.id} first={record} previews={previews} onClose={() => setRecord(null)} />
      ) : (
        <>
          <List onOpen={(id) => void get(open(id))} onNew={() => void get(begin(''))} />
          {failure && (
            <p className="error-line records-error" role="alert" data-refused={failure}>
              <Icon name="warning" />
              {recordWhy(t, failure)}
            </p>
          )}
        </>
      )}
    </WhenStanding>
  )
}

function List({ onOpen, onNew }: { onOpen: (id: string) => void; onNew: () => void }) {
  const t = useTranslator(text)
  const { cases } = recordsOf(useStore(state))
  const driving = useDriving()
  return (
    <div className="records" role="group" aria-label={t('record.title')}>
      <header>
        <h1>{t('record.title')}</h1>
        <span className="soft">{t('record.opens')}</span>
        <button type="button" className="primary records-new" data-action="new-record" disabled={driving} onClick={onNew}>
          <Icon name="plus" />
          {t('record.new')}
        </button>
      </header>
      {cases.length === 0 && (
        <div className="empty">
          <b>{t('record.none')}</b>
          {t('record.noneHint')}
        </div>
      )}
      <ul>
        {cases.map((c) => (
          <li key={c.id}>
            <button type="button" data-record={c.id} data-state={c.state} onClick={() => onOpen(c.id)}>
              <Icon name={c.state === 'draft' ? 'list' : 'tick'} size={28} />
              <span>
                <b>{t(`caseKind.${c.kind}`)}</b>
                <small>
                  {dateTime(c.atUnixMs, t.lang)} · {t('record.persons', { n: c.persons })}
                </small>
                {c.answer && <small data-own-words>{t('record.answer', { words: c.answer })}</small>}
              </span>
              <span className={`tag ${c.state === 'draft' ? 'tag-warn' : 'tag-ok'}`}>{t(`recordState.${c.state}`)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
