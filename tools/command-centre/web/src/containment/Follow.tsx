import { useMemo, useState, type ReactNode } from 'react'
import { clockTime, dateTime } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { units } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { Bar, ErrorLine, Field } from '../field/parts.tsx'
import type { Handle, Shape, Tone } from '../field/shapes.ts'
import { text } from '../text.ts'
import type { Operation, Post, PostState } from './containment.ts'

const tones: Record<PostState, Tone> = { open: 'missed', ordered: 'due', read: 'due', on_the_way: 'due', held: 'done', left: 'missed', unknown: 'missed' }
const holdMetres = 60

/** A cordon as it closes: who has read, who is on the way, who stands there. */
export function Follow({ operation, all, mayOrder, head, onChoose }: { operation: Operation; all: readonly Operation[]; mayOrder: boolean; head: ReactNode; onChoose: (id: string) => void }) {
  const t = useTranslator(text)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState('')
  const open = operation.endedAtUnixMs === null
  const shapes = useMemo(() => operation.pieces.map((p, n): Shape => ({ id: `piece${n}`, kind: 'line', at: p.line, tone: open ? (p.closed ? 'done' : 'missed') : 'later', chosen: p.closed })), [operation, open])
  const handles = useMemo(() => operation.posts.map((p): Handle => ({ id: p.postId, at: [p.longitude, p.latitude], label: p.name, tone: open ? tones[p.state] : 'later', movable: false })), [operation, open])
  const act = (path: string, body: object) =>
    request('POST', `/api/containments/${operation.operationId}/${path}`, body)
      .then(() => setProblem(''))
      .catch((error: unknown) => setProblem(t('cordon.refused', { why: t.code('error.', errorCode(error)) })))
  return (
    <div className="field-page" data-page="containment">
      <FieldPanel shapes={shapes} handles={handles} focus={operation.operationId} />
      <aside>
        <div className="field-head">
          <h2>{t('cordon.title')}</h2>
        </div>
        <div className="field-body">
          {head}
          <div className="card-list">
            {all.map((o) => (
              <OperationCard key={o.operationId} operation={o} chosen={o === operation} onChoose={() => onChoose(o.operationId)} />
            ))}
          </div>
          <h3>{t('cordon.posts')}</h3>
          <ul className="item-list">
            {operation.posts.map((p) => (
              <PostRow key={p.postId} post={p} mayChange={mayOrder && open} onAssign={(unitId) => void act(`posts/${encodeURIComponent(p.postId)}`, { unitId })} />
            ))}
          </ul>
          <p className="soft">{t('cordon.hold', { n: holdMetres })}</p>
          {problem && <ErrorLine words={problem} />}
          {mayOrder && open && (
            <div className="field-row">
              <Field label={t('cordon.endReason')}>
                <input name="end-reason" value={reason} maxLength={200} onChange={(e) => setReason(e.target.value)} />
              </Field>
              <button type="button" data-action="end-cordon" onClick={() => void act('end', { reason })}>
                {t('cordon.end')}
              </button>
            </div>
          )}
        </div>
      </aside>
    </div>
  )
}

function OperationCard({ operation: o, chosen, onChoose }: { operation: Operation; chosen: boolean; onChoose: () => void }) {
  const t = useTranslator(text)
  const closed = o.pieces.filter((p) => p.closed).length
  const words = t('cordon.closed', { n: closed, total: o.pieces.length })
  return (
    <button type="button" className="field-card" data-operation={o.operationId} data-over={o.endedAtUnixMs !== null} aria-pressed={chosen} onClick={onChoose}>
      <span>
        <b>{o.name}</b>
        {o.endedAtUnixMs === null && <small>{words}</small>}
      </span>
      <small>{t('cordon.facts', { time: dateTime(o.startedAtUnixMs, t.lang), who: o.account, reason: o.reason })}</small>
      {o.endedAtUnixMs === null ? (
        <Bar done={closed} total={o.pieces.length} words={words} />
      ) : (
        <small>{t('cordon.over', { time: dateTime(o.endedAtUnixMs, t.lang), who: o.endedBy, why: o.endReason })}</small>
      )}
    </button>
  )
}

function PostRow({ post, mayChange, onAssign }: { post: Post; mayChange: boolean; onAssign: (unitId: string) => void }) {
  const t = useTranslator(text)
  const fleet = useStore(units)
  const words = [
    post.metres !== null && t('cordon.away', { n: post.metres }),
    post.readAtUnixMs !== null && t('cordon.readAt', { time: clockTime(post.readAtUnixMs, t.lang) }),
    post.arrivedAtUnixMs !== null && t('cordon.arrivedAt', { time: clockTime(post.arrivedAtUnixMs, t.lang) }),
  ].filter(Boolean)
  const bad = tones[post.state] === 'missed'
  return (
    <li data-post={post.postId} data-state={post.state}>
      <Icon name={post.state === 'held' ? 'tick' : bad ? 'warning' : 'clock'} size={20} />
      <b>
        {post.name} {post.unitId}
      </b>
      <span className={post.state === 'held' ? 'is-ok' : bad ? 'is-bad' : 'is-warn'}>{t(`cordonState.${post.state}`)}</span>
      {words.length > 0 && <p>{words.join(' · ')}</p>}
      {mayChange && (
        <select className="is-own-line" aria-label={t('cordon.carFor', { name: post.name })} value={post.unitId} onChange={(e) => onAssign(e.target.value)}>
          <option value="">{t('cordon.noCar')}</option>
          {(fleet?.list ?? []).map((u) => (
            <option key={u.unitId} value={u.unitId}>
              {u.unitId} {u.label}
            </option>
          ))}
        </select>
      )}
    </li>
  )
}
