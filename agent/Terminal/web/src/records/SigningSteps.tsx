import { useState } from 'react'
import { state } from '../desk.ts'
import { dateTime } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { print } from './printing.ts'
import { RecordPaper } from './RecordPaper.tsx'
import { finish, missing, pictureUrl, printed, sign, type CaseFields, type CaseRecord } from './records.ts'
import { recordWhy } from './RecordsPage.tsx'
import { SignaturePad } from './SignaturePad.tsx'

interface Signing { record: CaseRecord; edit: (change: Partial<CaseFields>) => void; save: () => Promise<boolean>; again: () => Promise<void> }

/** Everybody reads what they sign; one pad at a time, as large as a finger needs. */
export function SignaturesStep({ record, edit, save, again }: Signing) {
  const t = useTranslator(text)
  const [failure, setFailure] = useState('')
  const { persons } = record.fields
  const keep = async (who: number | null, png: string) => {
    setFailure('')
    try {
      if (!(await save())) return
      await sign(record.id, who, png)
      await again()
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  const name = (n: number) => persons[n]!.name || t('record.person', { n: n + 1 })
  return (
    <div className="signing">
      <div className="signing-paper" tabIndex={0} role="group" aria-label={t('record.printTitle')}>
        <RecordPaper record={record} />
      </div>
      <div className="signing-pads">
        <p className="soft">{t('record.signHint')}</p>
        {failure && (
          <p className="error-line" role="alert" data-refused={failure}>
            <Icon name="warning" />
            {recordWhy(t, failure)}
          </p>
        )}
        {persons.map((p, n) => (
          <fieldset key={n} data-signer={n}>
            <legend data-own-words>{t('record.signOf', { name: name(n) })}</legend>
            {p.refused ? (
              <p>{t('record.refusedYes')}</p>
            ) : (
              <Signature id={record.id} hash={record.personSignatures[n] ?? ''} label={t('record.signOf', { name: name(n) })} onKeep={(png) => void keep(n, png)} />
            )}
            {!record.personSignatures[n] && (
              <button type="button" data-action="refuse" aria-pressed={p.refused} onClick={() => edit({ persons: persons.map((q, i) => (i === n ? { ...q, refused: !q.refused } : q)) })}>
                {t('record.refused')}
              </button>
            )}
          </fieldset>
        ))}
        <fieldset data-signer="officer">
          <legend>{t('record.signOfficer')}</legend>
          <Signature id={record.id} hash={record.officerSignature} label={t('record.signOfficer')} onKeep={(png) => void keep(null, png)} />
        </fieldset>
      </div>
    </div>
  )
}

function Signature({ id, hash, label, onKeep }: { id: string; hash: string; label: string; onKeep: (png: string) => void }) {
  const t = useTranslator(text)
  const [anew, setAnew] = useState(false)
  if (!hash || anew) {
    return (
      <SignaturePad
        label={label}
        onKeep={(png) => {
          setAnew(false)
          onKeep(png)
        }}
      />
    )
  }
  return (
    <p className="signed" data-signed={hash}>
      <img src={pictureUrl(id, hash)} alt={label} />
      <span className="tag tag-ok">
        <Icon name="tick" size={18} />
        {t('record.signed')}
      </span>
      <button type="button" onClick={() => setAnew(true)}>
        {t('record.signAgain')}
      </button>
    </p>
  )
}

/** The record as it will be printed, what is missing, and the end of the draft. */
export function FinishStep({ record, again }: { record: CaseRecord; again: () => Promise<void> }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const [failure, setFailure] = useState('')
  const lacks = record.state === 'draft' ? missing(record) : ''
  const act = async (what: () => Promise<unknown>) => {
    setFailure('')
    try {
      await what()
    } catch (error) {
      setFailure(errorCode(error))
    }
  }
  return (
    <div className="signing">
      <div className="signing-paper" tabIndex={0} role="group" aria-label={t('record.printTitle')}>
        <RecordPaper record={record} unitId={snapshot?.unitId ?? ''} />
      </div>
      <div className="signing-pads">
        {lacks && (
          <p className="case-lacks" data-lacks={lacks}>
            <Icon name="warning" size={28} />
            {recordWhy(t, lacks)}
          </p>
        )}
        {record.state !== 'draft' && (
          <p className="case-sent" data-sent={record.state}>
            <Icon name="tick" size={28} />
            {t(`recordState.${record.state}`)} · {dateTime(record.createdAtUnixMs, t.lang)}
          </p>
        )}
        {record.answer && <p data-own-words>{t('record.answer', { words: record.answer })}</p>}
        {failure && (
          <p className="error-line" role="alert" data-refused={failure}>
            <Icon name="warning" />
            {recordWhy(t, failure)}
          </p>
        )}
        {record.state === 'draft' && (
          <button type="button" className="primary case-send" data-action="finish" disabled={lacks !== ''} onClick={() => void act(async () => (await finish(record.id), await again()))}>
            <Icon name="exit" />
            {t('record.finish')}
            <small>{t('record.finishHint')}</small>
          </button>
        )}
        <button type="button" className="case-send" data-action="print" onClick={() => void act(async () => (await printed(record.id), await print('.signing-paper .paper')))}>
          {t('record.print')}
        </button>
      </div>
    </div>
  )
}
