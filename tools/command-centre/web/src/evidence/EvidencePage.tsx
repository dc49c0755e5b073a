import { useState } from 'react'
import { dateTimeSeconds } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { camerasOf, units } from '../centre.ts'
import { text } from '../text.ts'
import type { Answer, Found } from './api.ts'
import { Detail } from './Detail.tsx'
import './evidence.css'
import { RedactionEditor } from './RedactionEditor.tsx'
import { SearchForm } from './SearchForm.tsx'

/** Evidence: looked for by when, where and what; opened, held, redacted, exported. */
export function EvidencePage() {
  const t = useTranslator(text)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [openId, setOpenId] = useState<string | null>(null)
  const [job, setJob] = useState<{ jobId: string; itemId: string } | null>(null)
  // What was opened is asked for again after something was made of it.
  const [round, setRound] = useState(0)
  return (
    <div className="evidence-page">
      <div className="evidence-columns" hidden={job !== null}>
        <SearchForm onAnswer={setAnswer} />
        <section className="evidence-found" aria-label={t('evidence.title')}>
          {answer === null ? (
            <p className="empty">{t('evidence.start')}</p>
          ) : answer.found.length === 0 ? (
            <p className="empty">{t('evidence.none')}</p>
          ) : (
            <>
              <p className="evidence-count" role="status">
                <b>{t('evidence.found', { n: answer.found.length })}</b>
                {answer.more && <span className="is-warn">{t('evidence.more')}</span>}
              </p>
              <ul>
                {answer.found.map((found) => (
                  <Row key={found.id} found={found} open={found.id === openId} onOpen={() => setOpenId(found.id)} />
                ))}
              </ul>
            </>
          )}
        </section>
        <section className="evidence-detail" aria-label={t('evidence.choose')}>
          {openId === null ? (
            <p className="empty">{t('evidence.choose')}</p>
          ) : (
            <Detail key={`${openId} ${round}`} id={openId} onOpen={setOpenId} onChanged={() => setRound(round + 1)} onRedact={(jobId) => setJob({ jobId, itemId: openId })} />
          )}
        </section>
      </div>
      {job && (
        <RedactionEditor
          jobId={job.jobId}
          itemId={job.itemId}
          onClose={(copyId) => {
            setJob(null)
            setRound(round + 1)
            if (copyId) setOpenId(copyId)
          }}
        />
      )}
    </div>
  )
}

function Row({ found, open, onOpen }: { found: Found; open: boolean; onOpen: () => void }) {
  const t = useTranslator(text)
  const [thumbnail, setThumbnail] = useState(false)
  const unit = useStore(units)?.list.find((u) => u.unitId === found.unitId)
  const camera = unit && camerasOf(unit).find((c) => c.id === found.cameraId)
  const picture = found.kind === 'alert' ? `/api/incidents/${found.id}/seen.jpg` : found.fileState === 'here' && found.mediaType.startsWith('image/') ? `/api/evidence/${found.id}/file` : null
  return (
    <li data-evidence={found.id} data-kind={found.kind}>
      <button type="button" className="evidence-row" aria-pressed={open} onClick={onOpen}>
        <Icon name={found.kind === 'alert' ? 'match' : found.kind === 'snapshot' ? 'still' : found.kind === 'clip' ? 'camera' : 'shield'} />
        <span className="evidence-words">
          <b>
            {t(`kind.${found.kind}`)}
            {found.category && ` · ${t.code('category.', found.category)}`}
          </b>
          <span>{dateTimeSeconds(found.fromUnixMs, t.lang)}</span>
          <span className="soft">
            {found.unitId} · {camera ? t.pick(camera.labelZh, camera.labelEn) : found.cameraId}
            {found.callNumber && ` · ${found.callNumber}`}
          </span>
          <span className="evidence-tags">
            {found.verdict && <span className={found.verdict === 'confirmed' ? 'tag tag-ok' : 'tag'}>{t.code('verdict.', found.verdict)}</span>}
            <span className="tag">{t(`fileState.${found.fileState}`)}</span>
            {found.held && <span className="tag tag-warn">{t('evidence.onHold')}</span>}
          </span>
        </span>
      </button>
      {picture &&
        (thumbnail ? (
          <img className="evidence-thumbnail" src={picture} alt={t(`kind.${found.kind}`)} />
        ) : (
          <button type="button" className="tool evidence-show" data-action="thumbnail" aria-label={t('evidence.thumbnail')} title={t('evidence.thumbnail')} onClick={() => setThumbnail(true)}>
            <Icon name="eye" size={20} />
          </button>
        ))}
    </li>
  )
}
