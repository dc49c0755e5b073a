import { useState } from 'react'
import { state } from '../desk.ts'
import { place as coordinates } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { caseKinds, roles, type CaseFields, type Person } from './records.ts'

interface Writing { fields: CaseFields; edit: (change: Partial<CaseFields>) => void }

export function WhatStep({ fields, edit }: Writing) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const position = snapshot?.position
  const here = position && !position.stale ? coordinates(position.latitude, position.longitude) : ''
  return (
    <>
      <fieldset>
        <legend>{t('record.kind')}</legend>
        <div className="case-chips case-kinds">
          {caseKinds.map((k) => (
            <button key={k} type="button" data-case-kind={k} aria-pressed={fields.kind === k} onClick={() => edit({ kind: k })}>
              {t(`caseKind.${k}`)}
            </button>
          ))}
        </div>
      </fieldset>
      <label>
        {t('record.place')}
        <span className="case-with-button">
          <input name="place" value={fields.place} maxLength={200} onChange={(e) => edit({ place: e.target.value })} />
          <button type="button" data-action="here" disabled={!here} onClick={() => edit({ place: here })}>
            <Icon name="place" />
          </button>
        </span>
      </label>
      <label>
        {t('record.time')}
        <input name="happened" type="datetime-local" value={local(fields.happenedAtUnixMs)} onChange={(e) => e.target.value && edit({ happenedAtUnixMs: new Date(e.target.value).getTime() })} />
      </label>
      {(snapshot?.calls?.length ?? 0) > 0 && (
        <fieldset>
          <legend>{t('record.call')}</legend>
          <div className="case-chips">
            <button type="button" aria-pressed={fields.callId === ''} onClick={() => edit({ callId: '' })}>
              {t('record.noCall')}
            </button>
            {snapshot!.calls!.map((c) => (
              <button key={c.id} type="button" data-own-words aria-pressed={fields.callId === c.id} onClick={() => edit({ callId: c.id })}>
                {c.number} {c.title}
              </button>
            ))}
          </div>
        </fieldset>
      )}
    </>
  )
}

/** As an input of a date and time wants it: of this screen's own zone. */
function local(unixMs: number): string {
  const at = new Date(unixMs)
  return new Date(unixMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const nobody: Person = { role: 'party', name: '', idNumber: '', phone: '', statement: '', refused: false }

export function PeopleStep({ fields, edit }: Writing) {
  const t = useTranslator(text)
  const put = (n: number, change: Partial<Person>) => edit({ persons: fields.persons.map((p, i) => (i === n ? { ...p, ...change } : p)) })
  return (
    <>
      {fields.persons.map((p, n) => (
        <fieldset key={n} data-person={n} className="case-person">
          <legend>{t('record.person', { n: n + 1 })}</legend>
          <div className="case-chips" role="group" aria-label={t('record.role')}>
            {roles.map((r) => (
              <button key={r} type="button" data-role={r} aria-pressed={p.role === r} onClick={() => put(n, { role: r })}>
                {t(`recordRole.${r}`)}
              </button>
            ))}
            <button type="button" className="quiet" onClick={() => edit({ persons: fields.persons.filter((_, i) => i !== n) })}>
              {t('record.removePerson')}
            </button>
          </div>
          <div className="case-fields">
            <label>
              {t('record.name')}
              <input name="name" value={p.name} maxLength={60} autoComplete="off" onChange={(e) => put(n, { name: e.target.value })} />
            </label>
            <label>
              {t('record.idNumber')}
              <input name="idNumber" value={p.idNumber} maxLength={32} autoComplete="off" onChange={(e) => put(n, { idNumber: e.target.value })} />
            </label>
            <label>
              {t('record.phone')}
              <input name="phone" value={p.phone} maxLength={32} inputMode="tel" autoComplete="off" onChange={(e) => put(n, { phone: e.target.value })} />
            </label>
          </div>
        </fieldset>
      ))}
      <button type="button" className="case-add" data-action="add-person" disabled={fields.persons.length >= 8} onClick={() => edit({ persons: [...fields.persons, nobody] })}>
        <Icon name="plus" />
        {t('record.addPerson')}
      </button>
    </>
  )
}

export function StoryStep({ fields, edit }: Writing) {
  const t = useTranslator(text)
  const [of, setOf] = useState(-1)
  const person = fields.persons[of]
  const legal = [t('record.legalMediation'), t('record.legalTraffic')]
  return (
    <>
      <div className="case-chips" role="group">
        <button type="button" aria-pressed={!person} onClick={() => setOf(-1)}>
          {t('record.statement')}
        </button>
        {fields.persons.map((p, n) => (
          <button key={n} type="button" data-own-words data-statement-of={n} aria-pressed={of === n} onClick={() => setOf(n)}>
            {t('record.personStatement', { name: p.name || t('record.person', { n: n + 1 }) })}
          </button>
        ))}
      </div>
      {person ? (
        <textarea
          name="personStatement"
          rows={9}
          maxLength={2000}
          aria-label={t('record.personStatement', { name: person.name })}
          value={person.statement}
          onChange={(e) => edit({ persons: fields.persons.map((p, i) => (i === of ? { ...p, statement: e.target.value } : p)) })}
        />
      ) : (
        <>
          <button type="button" className="case-template" data-action="template" disabled={fields.statement.trim() !== ''} onClick={() => edit({ statement: t(`caseTemplate.${fields.kind}`) })}>
            <Icon name="list" />
            {t('record.template')}
          </button>
          <textarea name="statement" rows={5} maxLength={4000} aria-label={t('record.statement')} value={fields.statement} onChange={(e) => edit({ statement: e.target.value })} />
          <label>
            {t('record.outcome')}
            <textarea name="outcome" rows={3} maxLength={2000} value={fields.outcome} onChange={(e) => edit({ outcome: e.target.value })} />
          </label>
          <label>
            {t('record.legal')}
            <input name="legal" maxLength={500} value={fields.legalBasis} onChange={(e) => edit({ legalBasis: e.target.value })} />
          </label>
          <div className="case-chips">
            {legal.map((words) => (
              <button key={words} type="button" onClick={() => edit({ legalBasis: words })}>
                {words}
              </button>
            ))}
          </div>
        </>
      )}
    </>
  )
}
