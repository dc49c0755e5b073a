import type { ReactNode } from 'react'
import { dateTime } from '../shared/format.ts'
import { useTranslator } from '../shared/i18n.ts'
import { text } from '../text.ts'
import { pictureUrl, type CaseRecord } from './records.ts'

/** A record as it lies on paper: what is read before it is signed is what is printed. */
export function RecordPaper({ record, unitId = '' }: { record: CaseRecord; unitId?: string }) {
  const t = useTranslator(text)
  const f = record.fields
  return (
    <article className="paper" lang={t.lang === 'zh' ? 'zh-CN' : 'en'}>
      <h2>{t('record.printTitle')}</h2>
      <dl>
        <Row name={t('record.printNumber')}>{record.id}</Row>
        <Row name={t('record.kind')}>{t(`caseKind.${f.kind}`)}</Row>
        <Row name={t('record.time')}>{dateTime(f.happenedAtUnixMs, t.lang)}</Row>
        <Row name={t('record.place')} own>{f.place || '—'}</Row>
        {unitId && <Row name={t('record.printUnit')} own>{unitId}</Row>}
        <Row name={t('record.printOfficer')} own>{record.officerId}</Row>
      </dl>
      {f.persons.map((p, n) => (
        <section key={n}>
          <h3>
            {t(`recordRole.${p.role}`)} <span data-own-words>{p.name || '—'}</span>
          </h3>
          <p data-own-words>{[p.idNumber, p.phone].filter(Boolean).join(' · ')}</p>
          {p.statement && <p data-own-words className="paper-words">{p.statement}</p>}
        </section>
      ))}
      <section>
        <h3>{t('record.statement')}</h3>
        <p data-own-words className="paper-words">{f.statement || '—'}</p>
      </section>
      {f.outcome && (
        <section>
          <h3>{t('record.outcome')}</h3>
          <p data-own-words className="paper-words">{f.outcome}</p>
        </section>
      )}
      {f.legalBasis && (
        <section>
          <h3>{t('record.legal')}</h3>
          <p data-own-words>{f.legalBasis}</p>
        </section>
      )}
      {record.pictures.length > 0 && (
        <section className="paper-pictures">
          {record.pictures.map((hash, n) => (
            <img key={hash} src={pictureUrl(record.id, hash)} alt={t('record.picture', { n: n + 1 })} />
          ))}
        </section>
      )}
      <section className="paper-signatures">
        {f.persons.map((p, n) => (
          <figure key={n}>
            {record.personSignatures[n] ? <img src={pictureUrl(record.id, record.personSignatures[n])} alt={t('record.signOf', { name: p.name })} /> : <span>{p.refused ? t('record.refusedYes') : ''}</span>}
            <figcaption data-own-words>{t('record.signOf', { name: p.name || t('record.person', { n: n + 1 }) })}</figcaption>
          </figure>
        ))}
        <figure>
          {record.officerSignature ? <img src={pictureUrl(record.id, record.officerSignature)} alt={t('record.signOfficer')} /> : <span />}
          <figcaption>{t('record.signOfficer')}</figcaption>
        </figure>
      </section>
    </article>
  )
}

function Row({ name, own = false, children }: { name: string; own?: boolean; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd {...(own ? { 'data-own-words': true } : {})}>{children}</dd>
    </div>
  )
}
