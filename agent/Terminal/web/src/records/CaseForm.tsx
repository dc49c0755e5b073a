import { useEffect, useRef, useState } from 'react'
import type { Previews } from '../previews.ts'
import { state } from '../desk.ts'
import { place as coordinates } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { text } from '../text.ts'
import { discard, open, write, type CaseFields, type CaseRecord } from './records.ts'
import { recordWhy } from './RecordsPage.tsx'
import { PicturesStep } from './PicturesStep.tsx'
import { FinishStep, SignaturesStep } from './SigningSteps.tsx'
import { PeopleStep, StoryStep, WhatStep } from './WritingSteps.tsx'

const steps = ['what', 'people', 'story', 'pictures', 'signatures', 'finish'] as const
type Step = (typeof steps)[number]
const saveAfterMs = 1200

/** One record in six steps. What is written is kept by the host as it is written; a sent one is only read. */
export function CaseForm({ first, previews, onClose }: { first: CaseRecord; previews: Previews; onClose: () => void }) {
  const t = useTranslator(text)
  const [record, setRecord] = useState(first)
  const [step, setStep] = useState<Step>(first.state === 'draft' ? 'what' : 'finish')
  const [sure, setSure] = useState(false)
  const { fields, saved, failure, edit, save } = useFields(record, setRecord)
  const shown: CaseRecord = { ...record, fields }
  const go = async (to: Step) => {
    if (await save()) setStep(to)
  }
  /** After something that the host changed: pictures, signatures, the end of the draft. */
  const again = async () => setRecord(await open(record.id))
  const isDraft = record.state === 'draft'
  return (
    <div className="case" data-case={record.id} data-state={record.state}>
      <header>
        <button type="button" data-action="close-record" onClick={() => void save().then((done) => done && onClose())}>
          <Icon name="back" />
          {t('record.back')}
        </button>
        <nav className="case-steps" aria-label={t('record.title')}>
          {(isDraft ? steps : (['finish'] as const)).map((s, n) => (
            <button key={s} type="button" data-step={s} aria-current={s === step ? 'step' : undefined} onClick={() => void go(s)}>
              <b>{n + 1}</b>
              {t(`recordStep.${s}`)}
            </button>
          ))}
        </nav>
        <span className="case-saved" role="status" data-saved={saved}>
          {isDraft && t(saved ? 'record.saved' : 'record.saving')}
        </span>
      </header>
      {failure && (
        <p className="error-line" role="alert" data-refused={failure}>
          <Icon name="warning" />
          {t('record.notSaved', { why: recordWhy(t, failure) })}
        </p>
      )}
      <div className="case-body" data-shown={step}>
        {step === 'what' && <WhatStep fields={fields} edit={edit} />}
        {step === 'people' && <PeopleStep fields={fields} edit={edit} />}
        {step === 'story' && <StoryStep fields={fields} edit={edit} />}
        {step === 'pictures' && <PicturesStep record={shown} previews={previews} again={again} />}
        {step === 'signatures' && <SignaturesStep record={shown} edit={edit} save={save} again={again} />}
        {step === 'finish' && <FinishStep record={shown} again={again} />}
      </div>
      {isDraft && (
        <footer>
          <button type="button" className={sure ? '' : 'quiet'} data-action="discard" onClick={() => (sure ? void discard(record.id).then(onClose) : setSure(true))}>
            {t(sure ? 'record.discardSure' : 'record.discard')}
          </button>
          {step !== 'finish' && (
            <button type="button" className="primary" data-action="next" onClick={() => void go(steps[steps.indexOf(step) + 1]!)}>
              {t('record.next')}
            </button>
          )}
        </footer>
      )}
    </div>
  )
}

function here(): string {
  const position = state.get()?.position
  return position && !position.stale ? coordinates(position.latitude, position.longitude) : ''
}

/** The fields as they are written; sent to the host a moment after the last key, and before anything that needs them there. */
function useFields(record: CaseRecord, setRecord: (next: CaseRecord | ((r: CaseRecord) => CaseRecord)) => void) {
  // A new one begins where the car is.
  const [fields, setFields] = useState(() => (record.state === 'draft' && !record.fields.place ? { ...record.fields, place: here() } : record.fields))
  const [saved, setSaved] = useState(true)
  const [failure, setFailure] = useState('')
  const newest = useRef(fields)
  const kept = useRef(record.fields)
  const timer = useRef(0)
  const save = async (): Promise<boolean> => {
    window.clearTimeout(timer.current)
    const sending = newest.current
    if (record.state !== 'draft' || sending === kept.current) return true
    try {
      await write(record.id, sending)
      kept.current = sending
      setFailure('')
      setSaved(newest.current === sending)
      // The host takes signatures away with a change: so does the page.
      setRecord((r) => ({ ...r, fields: sending, personSignatures: [], officerSignature: '' }))
      return true
    } catch (error) {
      setFailure(errorCode(error))
      return false
    }
  }
  const edit = (change: Partial<CaseFields>) => {
    newest.current = { ...newest.current, ...change }
    setFields(newest.current)
    setSaved(false)
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(() => void save(), saveAfterMs)
  }
  const last = useRef(save)
  last.current = save
  useEffect(() => () => void last.current(), [])
  return { fields, saved, failure, edit, save }
}
