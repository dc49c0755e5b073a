import { useEffect, useState } from 'react'
import { span } from '@shared/format.ts'
import { errorCode } from '@shared/http.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { text } from '../text.ts'
import { act, candidates, mayAct, readCandidates, type CallRow, type Candidate } from './calls.ts'

const periodMs = 3000
const shown = 6

/** The cars that could go, best first, each with why in words. */
export function Cars({ call, backUps }: { call: CallRow; backUps: readonly string[] }) {
  const t = useTranslator(text)
  const cars = useStore(candidates)
  const [asked, setAsked] = useState(false)
  const [all, setAll] = useState(false)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    let over = false
    const look = () =>
      readCandidates(call.callId).then(
        (found) => !over && (candidates.set(found), setAsked(true)),
        () => undefined, // the ages on the rows say how old they are
      )
    void look()
    const timer = window.setInterval(() => void look(), periodMs)
    return () => {
      over = true
      window.clearInterval(timer)
    }
  }, [call.callId, call.revision])

  const send = async (name: string, body: object) => {
    setBusy(true)
    try {
      await act(call.callId, name, body)
      setFailure('')
    } catch (error) {
      setFailure(errorCode(error))
    }
    setBusy(false)
  }

  return (
    <section className="call-part" aria-label={t('cars.title')}>
      <h3>{t('cars.title')}</h3>
      {call.proposedUnitId && <p className="is-bad">{t('call.proposed', { unit: call.proposedUnitId })}</p>}
      {failure && (
        <p className="error-line" role="alert">
          {t.code('error.', failure)}
        </p>
      )}
      {asked && cars.length === 0 && <p className="soft">{t('cars.none')}</p>}
      <ul className="call-cars">
        {cars.slice(0, all ? cars.length : shown).map((car) => (
          <li key={car.unitId} data-candidate={car.unitId} data-owner={car.isOwner} data-proposed={car.unitId === call.proposedUnitId}>
            <span className="call-car-words">
              <b>
                {car.unitId} <small className="soft" data-own-words>{car.label}</small>
              </b>
              <small className={car.stale ? 'is-warn' : 'soft'}>{why(t, car).join(t.lang === 'zh' ? '、' : ', ')}</small>
            </span>
            {car.isOwner && <span className="tag tag-ok">{t('cars.isOwner')}</span>}
            {!car.isOwner && backUps.includes(car.unitId) && <span className="tag tag-live">{t('cars.isBackUp')}</span>}
            {mayAct() && !car.isOwner && (
              <>
                {call.ownerUnitId && !backUps.includes(car.unitId) && (
                  <button type="button" data-action="send-back-up" disabled={busy} onClick={() => void send('back-up', { unitIds: [car.unitId] })}>
                    {t('cars.backUp')}
                  </button>
                )}
                <button
                  type="button"
                  className="primary"
                  data-action="dispatch"
                  disabled={busy}
                  onClick={() => void send('dispatch', { unitId: car.unitId, seenOwner: call.ownerUnitId })}
                >
                  {t(call.ownerUnitId ? 'cars.reassign' : 'cars.dispatch')}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {!all && cars.length > shown && (
        <button type="button" data-action="all-cars" onClick={() => setAll(true)}>
          {t('cars.more', { n: cars.length - shown })}
        </button>
      )}
    </section>
  )
}

function why(t: Say<typeof text>, car: Candidate): string[] {
  const words = [car.metres === null ? t('cars.noDistance') : car.metres < 950 ? t('cars.near', { n: Math.round(car.metres / 10) * 10 }) : t('cars.far', { n: (car.metres / 1000).toFixed(1) })]
  if (car.ringMinutes > 0) words.push(t('cars.ring', { n: car.ringMinutes }))
  if (car.heading) words.push(t.code('carHeading.', car.heading))
  words.push(car.openCalls === 0 ? t('cars.noCall') : t('cars.calls', { n: car.openCalls }))
  if (!car.typeFits) words.push(t('cars.otherPolice'))
  if (!car.officerId) words.push(t('cars.noOfficer'))
  if (car.availability) words.push(t.code('carAvailability.', car.availability))
  if (!car.online) words.push(t('cars.offline'))
  words.push(car.positionAgeMs === null ? t('cars.noPosition') : t(car.stale ? 'cars.stale' : 'cars.age', { age: span(t, car.positionAgeMs) }))
  return words
}
