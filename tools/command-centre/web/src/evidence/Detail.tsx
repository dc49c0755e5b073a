import { useEffect, useState } from 'react'
import { dateTimeSeconds, place } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { account, camerasOf, units } from '../centre.ts'
import { text } from '../text.ts'
import { downloadPackage, type CustodyTold, type Item } from './api.ts'

/** One piece of evidence, opened: the centre has written that down before it answered. */
export function Detail(props: { id: string; onOpen: (id: string) => void; onChanged: () => void; onRedact: (jobId: string) => void }) {
  const t = useTranslator(text)
  const { id } = props
  const [item, setItem] = useState<Item | null>(null)
  const [failed, setFailed] = useState('')
  useEffect(() => {
    let over = false
    request<Item>('GET', `/api/evidence/${encodeURIComponent(id)}`).then(
      (told) => !over && setItem(told),
      (e: unknown) => !over && setFailed(errorCode(e)),
    )
    return () => {
      over = true
    }
  }, [id])
  if (failed) return <p className="empty is-bad">{failed === 'http_404' ? t('evidence.gone') : t.code('error.', failed)}</p>
  if (!item) return <p className="empty">{t('watched.waiting')}</p>
  return <Opened item={item} {...props} />
}

function Opened({ item, onOpen, onChanged, onRedact }: { item: Item; onOpen: (id: string) => void; onChanged: () => void; onRedact: (jobId: string) => void }) {
  const t = useTranslator(text)
  const unit = useStore(units)?.list.find((u) => u.unitId === item.unitId)
  const camera = unit && camerasOf(unit).find((c) => c.id === item.cameraId)
  const facts: [string, string][] = [
    [t('evidence.time'), item.fromUnixMs === item.toUnixMs ? dateTimeSeconds(item.fromUnixMs, t.lang) : `${dateTimeSeconds(item.fromUnixMs, t.lang)} – ${dateTimeSeconds(item.toUnixMs, t.lang)}`],
    [t('evidence.unit'), `${item.unitId} · ${camera ? t.pick(camera.labelZh, camera.labelEn) : item.cameraId}`],
    [t('evidence.place'), item.latitude !== null && item.longitude !== null ? place(item.latitude, item.longitude) : t('value.unknown')],
    ...(item.incident ? [[t('incident.subject'), item.incident.listedText] as [string, string]] : []),
    ...(item.callNumber ? [[t('evidence.call'), item.callNumber] as [string, string]] : []),
    ...(item.madeBy ? [[t('evidence.madeBy'), `${item.madeBy}${item.madeAtUnixMs ? ` · ${dateTimeSeconds(item.madeAtUnixMs, t.lang)}` : ''}`] as [string, string]] : []),
    ...(item.reason ? [[t('evidence.reason'), item.reason] as [string, string]] : []),
    [t('evidence.id'), item.id],
    ...(item.sha256 ? [[t('evidence.sha'), item.sha256] as [string, string]] : []),
  ]
  return (
    <div className="evidence-opened" data-opened={item.id}>
      <h2>
        {t(`kind.${item.kind}`)}
        {item.incident && ` · ${t.code('category.', item.incident.category)}`}
      </h2>
      <Media item={item} />
      <dl className="evidence-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {item.sourceId && (
        <button type="button" data-action="open-source" onClick={() => onOpen(item.sourceId!)}>
          {t('evidence.source')}
        </button>
      )}
      <Acts item={item} onChanged={onChanged} onRedact={onRedact} />
      <section className="evidence-made">
        <h3>{t('evidence.copies')}</h3>
        {item.made.length === 0 ? (
          <p className="soft">{t('evidence.noCopies')}</p>
        ) : (
          item.made.map((made) => (
            <button key={made.id} type="button" data-made={made.id} onClick={() => onOpen(made.id)}>
              {t(`kind.${made.kind}`)} · {made.madeBy} · {dateTimeSeconds(made.madeAtUnixMs, t.lang)} · {t(`fileState.${made.state}`)}
            </button>
          ))
        )}
      </section>
      <Custody id={item.id} />
    </div>
  )
}

/** The content itself only when it is asked for: each look is a row of the audit. */
function Media({ item }: { item: Item }) {
  const t = useTranslator(text)
  const [shown, setShown] = useState(false)
  const [unplayable, setUnplayable] = useState(false)
  if (item.state === 'none') return <p className="clip-note">{t('evidence.why', { why: t.code('clipWhy.', item.stateReason) })}</p>
  if (!item.fileUrl) return <p className="clip-note soft">{t(`fileState.${item.state}`)}</p>
  if (!shown)
    return (
      <button type="button" className="evidence-media-ask" data-action="show-file" onClick={() => setShown(true)}>
        <Icon name="eye" />
        {t('evidence.show')}
      </button>
    )
  if (unplayable) return <p className="clip-note is-bad">{t('clip.unplayable')}</p>
  return item.mediaType.startsWith('image/') ? (
    <img className="evidence-media" src={item.fileUrl} alt={t(`kind.${item.kind}`)} onError={() => setUnplayable(true)} />
  ) : (
    <video className="evidence-media" src={item.fileUrl} controls muted playsInline preload="metadata" aria-label={t(`kind.${item.kind}`)} onError={() => setUnplayable(true)} />
  )
}

function Acts({ item, onChanged, onRedact }: { item: Item; onChanged: () => void; onRedact: (jobId: string) => void }) {
  const t = useTranslator(text)
  const who = useStore(account)
  const oversees = who?.role === 'supervisor' || who?.role === 'admin'
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [done, setDone] = useState(false)
  const rejected = item.incident?.verdict === 'rejected'
  const act = async (work: (why: string) => Promise<unknown>) => {
    setDone(false)
    setProblem(reason.trim() ? '' : 'reason_required')
    if (!reason.trim()) return
    setBusy(true)
    try {
      await work(reason.trim())
    } catch (error) {
      setProblem(errorCode(error))
    } finally {
      setBusy(false)
    }
  }
  const path = `/api/evidence/${encodeURIComponent(item.id)}`
  const redact = () => act(async (why) => onRedact((await request<{ jobId: string }>('POST', `${path}/redactions`, { reason: why })).jobId))
  const hold = () => act(async (why) => {
    await request('POST', `${path}/hold`, { hold: item.hold === null, reason: why })
    onChanged()
  })
  const pack = () => act(async (why) => {
    await downloadPackage(item.id, why)
    setDone(true)
  })
  const askClip = () => act(async (why) => {
    await request('POST', `${path}/clip`, { reason: why })
    onChanged()
  })
  const original = item.kind !== 'copy'
  return (
    <section className="evidence-acts">
      {item.hold && (
        <p className="evidence-hold" data-held={item.hold.by}>
          <Icon name="lock" size={18} />
          {t('hold.by', { user: item.hold.by, time: dateTimeSeconds(item.hold.atUnixMs, t.lang), reason: item.hold.reason })}
        </p>
      )}
      <label>
        {t('act.reason')}
        <input name="act-reason" value={reason} maxLength={200} autoComplete="off" onChange={(e) => setReason(e.target.value)} />
      </label>
      <div className="evidence-buttons">
        {item.state === 'here' && original && !rejected && (
          <button type="button" data-action="redact" disabled={busy} onClick={() => void redact()}>
            {t('act.redact')}
          </button>
        )}
        {item.incident && !rejected && item.state !== 'here' && (
          <button type="button" data-action="ask-clip" disabled={busy} onClick={() => void askClip()}>
            {t('act.askClip')}
          </button>
        )}
        {oversees && !rejected && (
          <button type="button" data-action="hold" disabled={busy} title={t('hold.title')} onClick={() => void hold()}>
            {t(item.hold ? 'hold.release' : 'hold.set')}
          </button>
        )}
        {!rejected && (!original || oversees) && (item.state === 'here' || item.incident) && (
          <button type="button" className="primary" data-action="export" disabled={busy} onClick={() => void pack()}>
            {t(busy ? 'act.busy' : original ? 'act.exportOriginal' : 'act.export')}
          </button>
        )}
      </div>
      {original && !oversees && <p className="soft">{t('act.originalOnly')}</p>}
      {done && (
        <p className="is-ok" role="status" data-exported={item.id}>
          {t('act.exported')}
        </p>
      )}
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {t.code('error.', problem)}
        </p>
      )}
    </section>
  )
}

function Custody({ id }: { id: string }) {
  const t = useTranslator(text)
  const [told, setTold] = useState<CustodyTold | null>(null)
  const [failed, setFailed] = useState('')
  const ask = () => void request<CustodyTold>('GET', `/api/evidence/${encodeURIComponent(id)}/custody`).then(setTold, (e: unknown) => setFailed(errorCode(e)))
  return (
    <section className="evidence-custody">
      <h3>{t('custody.title')}</h3>
      {failed && <p className="is-bad">{t.code('error.', failed)}</p>}
      {!told ? (
        <button type="button" data-action="custody" onClick={ask}>
          <Icon name="list" size={18} />
          {t('custody.show')}
        </button>
      ) : (
        <>
          {told.origins.map((o) => (
            <p key={o.eventId} className="soft">
              {t('custody.origin', { unit: o.unitId, time: dateTimeSeconds(o.capturedAtUnixMs, t.lang), state: t(o.signatureValid === null ? 'custody.unsigned' : o.signatureValid ? 'custody.signed' : 'custody.badSigned') })}
            </p>
          ))}
          <ol data-custody={told.steps.length}>
            {told.steps.map((s, i) => (
              <li key={i}>
                <b>{dateTimeSeconds(s.atUnixMs, t.lang)}</b> {s.actor} · {t.code('step.', s.action)}
                {s.purpose && <span className="soft"> · {s.purpose}</span>}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}
