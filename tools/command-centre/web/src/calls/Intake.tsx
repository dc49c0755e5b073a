import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react'
import { place } from '@shared/format.ts'
import { errorCode } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { account, units } from '../centre.ts'
import { text } from '../text.ts'
import { AddressField } from './AddressField.tsx'
import { act, callKinds, intakeOpen, intakePlace, openCall, placing, sendRecording, takeCall, type CallDetails } from './calls.ts'

/** A new call, or the facts of one that is known: by the keyboard alone, from the title to the last field. */
export function Intake({ known, onDone }: { known?: CallDetails; onDone?: () => void }) {
  const t = useTranslator(text)
  const form = useRef<HTMLFormElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const [chosen, setChosen] = useState('')
  const at = useStore(intakePlace)
  const cars = useStore(units)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState('')
  const [district, setDistrict] = useState(known?.call.district ?? '')
  const city = !account.get()?.district && !known
  const districts = [...new Set((cars?.list ?? []).map((u) => u.district ?? '').filter((d) => d.length > 0))].sort()
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[name=title]')?.focus()
    placing.set(true)
    return () => placing.set(false)
  }, [])

  const cancel = () => (known ? onDone?.() : intakeOpen.set(false))
  const onSubmit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault()
    const data = new FormData(e.currentTarget)
    const voice = data.get('recording')
    const body = {
      ...Object.fromEntries(['kind', 'title', 'details', 'address', 'contact'].map((name) => [name, data.get(name)])),
      urgent: data.get('urgent') === 'on',
      policeType: data.get('policeType') || null,
      district,
      latitude: at?.latitude ?? null,
      longitude: at?.longitude ?? null,
    }
    setFailure('')
    setBusy(t('intake.taking'))
    try {
      const call = await (known ? act(known.call.callId, 'facts', body) : takeCall(body))
      // The call is taken whatever becomes of its recording: it can be sent again from the call itself.
      if (voice instanceof File && voice.size > 0) {
        setBusy(t('call.recordingSending'))
        await sendRecording(call.callId, voice)
      }
      if (known) onDone?.()
      else openCall(call.callId)
    } catch (error) {
      setFailure(errorCode(error))
      setBusy('')
    }
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === 'Escape' && !e.defaultPrevented) cancel()
    if (e.key === 'Enter' && e.ctrlKey) form.current?.requestSubmit()
  }

  return (
    <form ref={form} className="intake" aria-label={t('intake.title')} onSubmit={(e) => void onSubmit(e)} onKeyDown={onKeyDown}>
      <h2>{known ? t('intake.correctTitle', { number: known.call.number }) : t('intake.title')}</h2>
      <label className="wide">
        {t('intake.what')}
        <input name="title" required maxLength={100} placeholder={t('intake.whatHint')} defaultValue={known?.call.title} autoComplete="off" />
      </label>
      <label>
        {t('call.kind')}
        <select name="kind" defaultValue={known?.call.kind ?? 'public_order'}>
          {callKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t.code('callKind.', kind)}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input name="urgent" type="checkbox" defaultChecked={known?.call.urgent} />
        {t('call.urgent')}
      </label>
      <AddressField initial={known?.call.address ?? ''} onDistrict={(found) => city && setDistrict(found)} />
      <p className={at ? 'wide intake-place is-ok' : 'wide intake-place is-warn'} data-place={at ? 'set' : 'none'} role="status">
        <Icon name="place" size={18} />
        {at ? t(at.clicked ? 'intake.placeClicked' : 'intake.placeFound', { place: place(at.latitude, at.longitude) }) : t('intake.noPlace')}
      </p>
      <label className="wide">
        {t('call.details')}
        <textarea name="details" rows={4} maxLength={4000} defaultValue={known?.details} />
      </label>
      <label>
        {t('call.contact')}
        <input name="contact" maxLength={100} defaultValue={known?.contact} autoComplete="off" />
      </label>
      <label>
        {t('call.police')}
        <select name="policeType" defaultValue={known?.call.policeType ?? ''}>
          {!known && <option value="">{t('intake.byKind')}</option>}
          <option value="public_order">{t('callPolice.public_order')}</option>
          <option value="traffic">{t('callPolice.traffic')}</option>
        </select>
      </label>
      {city && districts.length > 0 && (
        <label>
          {t('intake.district')}
          <select value={district} onChange={(e) => setDistrict(e.target.value)}>
            <option value="">{t('intake.city')}</option>
            {[...new Set([...districts, ...(district ? [district] : [])])].map((d) => (
              <option key={d} value={d}>
                {d}
              </option>
            ))}
          </select>
        </label>
      )}
      {!known && (
        <div className="wide intake-file">
          <span className="soft">{t('call.recordingFile')}</span>
          {/* The browser's own words on a file field are in the browser's language. */}
          <input ref={file} name="recording" type="file" hidden accept=".ogg,.opus,.wav,.mp3,.m4a,audio/*" onChange={(e) => setChosen(e.target.files?.[0]?.name ?? '')} />
          <button type="button" onClick={() => file.current?.click()}>
            {t('intake.chooseFile')}
          </button>
          <span data-own-words>{chosen || t('intake.noFile')}</span>
        </div>
      )}
      {failure && (
        <p className="error-line wide" role="alert">
          <Icon name="warning" size={18} />
          {t.code('error.', failure)}
        </p>
      )}
      <div className="intake-foot wide">
        <button type="submit" className="primary" data-action="take-call" disabled={busy !== ''}>
          {busy || (known ? t('intake.save') : t('intake.take'))}
        </button>
        <button type="button" data-action="close-intake" onClick={cancel}>
          {t('action.cancel')}
        </button>
      </div>
    </form>
  )
}
