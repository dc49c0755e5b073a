import { useEffect, useState } from 'react'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from '../text.ts'
import type { Draw, Job, Move, Track } from './api.ts'
import { EditorPicture } from './EditorPicture.tsx'

const askEveryMs = 700

export interface Edits { keep: string[]; remove: string[]; move: Move[]; add: Draw[] }
const noEdits: Edits = { keep: [], remove: [], move: [], add: [] }

/** What detectors found over the video, to be corrected by a person before the copy is made. */
export function RedactionEditor({ jobId, itemId, onClose }: { jobId: string; itemId: string; onClose: (copyId: string | null) => void }) {
  const t = useTranslator(text)
  const [job, setJob] = useState<Job | null>(null)
  const [edits, setEdits] = useState<Edits>(noEdits)
  const [problem, setProblem] = useState('')
  const path = `/api/redactions/${encodeURIComponent(jobId)}`
  const state = job?.state ?? 'waiting'
  const settled = ['ready', 'done', 'failed', 'cancelled'].includes(state)
  useEffect(() => {
    if (settled) return
    let over = false
    const ask = () =>
      void request<Job>('GET', path).then(
        (told) => !over && setJob(told),
        (e: unknown) => !over && setProblem(errorCode(e)),
      )
    ask()
    const timer = window.setInterval(ask, askEveryMs)
    return () => {
      over = true
      window.clearInterval(timer)
    }
  }, [path, settled])

  const render = () =>
    request('POST', `${path}/render`, edits).then(
      () => setJob((j) => (j ? { ...j, state: 'waiting', framesDone: 0 } : j)),
      (e: unknown) => setProblem(errorCode(e)),
    )
  const cancel = () =>
    request('DELETE', path).then(
      () => setJob((j) => (j ? { ...j, state: 'cancelled' } : j)),
      (e: unknown) => setProblem(errorCode(e)),
    )
  return (
    <section className="redaction" aria-label={t('redact.title')} data-redaction={state}>
      <div className="column-head">
        <button type="button" data-action="redact-close" onClick={() => onClose(null)}>
          <Icon name="back" size={18} />
          {t('redact.close')}
        </button>
        <h2>{t('redact.title')}</h2>
        <span className="soft">{t('redact.hint')}</span>
        <span className="grow" />
        {!settled && (
          <button type="button" data-action="redact-cancel" onClick={() => void cancel()}>
            {t('redact.cancel')}
          </button>
        )}
        {state === 'ready' && (
          <button type="button" className="primary" data-action="redact-render" onClick={() => void render()}>
            {t('redact.render')}
          </button>
        )}
      </div>
      {problem && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {t.code('error.', problem)}
        </p>
      )}
      {state === 'ready' && job ? (
        <Editor job={job} itemId={itemId} edits={edits} onEdits={setEdits} />
      ) : (
        <div className="redaction-wait" role="status">
          <p className={state === 'failed' ? 'is-bad' : ''}>{state === 'failed' ? t('redactState.failed', { why: t.code('redactWhy.', job?.code ?? '') }) : t.code('redactState.', state)}</p>
          {!settled && job && job.frames > 0 && (
            <>
              <progress max={job.frames} value={job.framesDone} aria-label={t.code('redactState.', state)} />
              <p className="soft">{t('redact.progress', { done: job.framesDone, all: job.frames })}</p>
            </>
          )}
          {state === 'done' && job?.copyId && (
            <button type="button" className="primary" data-action="open-copy" onClick={() => onClose(job.copyId)}>
              {t('redact.open')}
            </button>
          )}
        </div>
      )}
    </section>
  )
}

function Editor({ job, itemId, edits, onEdits }: { job: Job; itemId: string; edits: Edits; onEdits: (edits: Edits) => void }) {
  const t = useTranslator(text)
  const [frame, setFrame] = useState(0)
  const [chosen, setChosen] = useState<string | null>(null)
  const [drawing, setDrawing] = useState(false)
  const [span, setSpan] = useState<[number, number]>([0, Math.max(0, job.frames - 1)])
  const drawn = edits.add.map((a, i): Track => ({ id: `hand-${i + 1}`, kind: 'hand', keep: false, boxes: [{ ...a, frame: a.fromFrame }, { ...a, frame: a.toFrame }] }))
  const toggle = (list: 'keep' | 'remove', id: string) => {
    const other = list === 'keep' ? 'remove' : 'keep'
    const on = !edits[list].includes(id)
    onEdits({ ...edits, [list]: on ? [...edits[list], id] : edits[list].filter((i) => i !== id), [other]: edits[other].filter((i) => i !== id) })
  }
  const move = (id: string, dx: number, dy: number, grow: number) => onEdits({ ...edits, move: [...edits.move, { id, fromFrame: span[0], toFrame: span[1], dx, dy, grow }] })
  const choose = (track: Track) => {
    setChosen(track.id)
    setSpan([track.boxes[0]!.frame, track.boxes.at(-1)!.frame])
  }
  const bounded = (n: number) => Math.max(0, Math.min(job.frames - 1, Math.round(n) || 0))
  return (
    <div className="redaction-editor">
      <EditorPicture
        job={job}
        itemId={itemId}
        frame={frame}
        tracks={[...job.tracks, ...drawn]}
        edits={edits}
        chosen={chosen}
        drawing={drawing}
        onFrame={setFrame}
        onChoose={(id) => choose([...job.tracks, ...drawn].find((k) => k.id === id)!)}
        onMove={(id, dx, dy) => move(id, dx, dy, 1)}
        onDraw={(box) => {
          setDrawing(false)
          onEdits({ ...edits, add: [...edits.add, { fromFrame: span[0], toFrame: span[1], ...box }] })
        }}
      />
      <aside className="redaction-side">
        <h3>{t('redact.tracks')}</h3>
        {job.tracks.length + drawn.length === 0 && <p className="soft">{t('redact.noTracks')}</p>}
        <ul>
          {[...job.tracks, ...drawn].map((track) => {
            const hand = track.kind === 'hand'
            const kept = edits.keep.includes(track.id)
            const removed = edits.remove.includes(track.id)
            return (
              <li key={track.id} data-track={track.id} data-covered={!kept && !removed}>
                <button type="button" className="redaction-track" aria-pressed={chosen === track.id} onClick={() => choose(track)}>
                  <b>{t.code('box.', track.kind)}</b>
                  <span>{t('redact.span', { from: track.boxes[0]!.frame, to: track.boxes.at(-1)!.frame })}</span>
                </button>
                {!hand && (
                  <button type="button" data-action="keep" aria-pressed={kept} onClick={() => toggle('keep', track.id)}>
                    {t(kept ? 'redact.cover' : 'redact.keep')}
                  </button>
                )}
                <button
                  type="button"
                  data-action="remove"
                  aria-pressed={removed}
                  onClick={() => (hand ? onEdits({ ...edits, add: edits.add.filter((_, i) => `hand-${i + 1}` !== track.id) }) : toggle('remove', track.id))}
                >
                  {t(removed ? 'redact.restore' : hand ? 'wall.close' : 'redact.remove')}
                </button>
              </li>
            )
          })}
        </ul>
        <div className="redaction-span">
          {([0, 1] as const).map((at) => (
            <label key={at}>
              {t(at === 0 ? 'redact.fromFrame' : 'redact.toFrame')}
              <input name={at === 0 ? 'from-frame' : 'to-frame'} type="number" min={0} max={job.frames - 1} value={span[at]} onChange={(e) => setSpan(at === 0 ? [bounded(Number(e.target.value)), span[1]] : [span[0], bounded(Number(e.target.value))])} />
            </label>
          ))}
        </div>
        <button type="button" data-action="draw" aria-pressed={drawing} disabled={span[0] > span[1]} onClick={() => setDrawing(!drawing)}>
          <Icon name="plus" size={18} />
          {t(drawing ? 'redact.drawing' : 'redact.draw')}
        </button>
        {chosen && job.tracks.some((track) => track.id === chosen) && (
          <>
            <p className="soft">{t('redact.move')}</p>
            <div className="redaction-span">
              <button type="button" data-action="grow" onClick={() => move(chosen, 0, 0, 1.2)}>
                {t('redact.grow')}
              </button>
              <button type="button" data-action="shrink" onClick={() => move(chosen, 0, 0, 0.8)}>
                {t('redact.shrink')}
              </button>
            </div>
          </>
        )}
      </aside>
    </div>
  )
}
