import { useMemo, useState } from 'react'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { ErrorLine, Field } from '../field/parts.tsx'
import { eastOf, metresBetween, round, type Handle, type LonLat, type Shape } from '../field/shapes.ts'
import { text } from '../text.ts'
import { outline, propose, type CordonShape, type DraftPost, type Proposal } from './containment.ts'
import { CordonFields } from './CordonFields.tsx'
import { DraftPosts } from './DraftPosts.tsx'

const start: CordonShape = { latitude: null, longitude: null, radiusMetres: 1000, ring: null }

/** A cordon from the first click to its orders: drawn, posts and cars proposed, changed, confirmed. Nothing is sent before the last. */
export function CordonDraft({ onClose }: { onClose: (begun: string | null) => void }) {
  const t = useTranslator(text)
  const [cordon, setCordon] = useState(start)
  const [posts, setPosts] = useState<readonly DraftPost[] | null>(null)
  const [proposal, setProposal] = useState<Proposal | null>(null)
  const [adding, setAdding] = useState(false)
  const [named, setNamed] = useState({ name: '', reason: '' })
  const [busy, setBusy] = useState('')
  const [problem, setProblem] = useState('')
  const line = outline(cordon)

  const act = async (what: string, work: () => Promise<void>) => {
    setBusy(what)
    setProblem('')
    try {
      await work()
    } catch (error) {
      setProblem(t('cordon.refused', { why: t.code('error.', errorCode(error)) }))
    } finally {
      setBusy('')
    }
  }
  const redraw = (next: CordonShape) => {
    setCordon(next)
    setPosts(null)
    setProposal(null)
  }
  const ask = (own: readonly DraftPost[] | null) =>
    act('propose', async () => {
      const told = await propose(cordon, own)
      setProposal(told)
      setPosts(told.posts.map((p) => ({ ...p, unitId: told.assignments.find((a) => a.postId === p.postId)?.unitId ?? '' })))
    })
  const confirm = () =>
    act('confirm', async () => {
      const order = (posts ?? []).map((p, n) => ({ ...p, name: t('cordon.post', { n: n + 1 }) }))
      const { operationId } = await request<{ operationId: string }>('POST', '/api/containments', { ...named, cordon, posts: order })
      onClose(operationId)
    })
  const freshId = () => [...Array((posts?.length ?? 0) + 1).keys()].map((n) => `p${n + 1}`).find((id) => !posts?.some((p) => p.postId === id))!
  const onClick = (at: LonLat) => {
    const [longitude, latitude] = round(at)
    if (adding && posts) {
      setPosts([...posts, { postId: freshId(), latitude, longitude, unitId: '' }])
      setAdding(false)
    } else if (!posts) redraw(cordon.ring ? { ...cordon, ring: [...cordon.ring, [longitude, latitude]] } : { ...cordon, latitude, longitude })
  }
  const onMoved = (id: string, at: LonLat) => {
    const [longitude, latitude] = round(at)
    if (id === 'centre') redraw({ ...cordon, latitude, longitude })
    else if (id === 'radius') redraw({ ...cordon, radiusMetres: Math.round(metresBetween([cordon.longitude!, cordon.latitude!], at)) })
    else if (id.startsWith('corner')) redraw({ ...cordon, ring: cordon.ring!.map((c, n) => (id === `corner${n}` ? [longitude, latitude] : c)) })
    else setPosts((all) => all?.map((p) => (p.postId === id ? { ...p, latitude, longitude } : p)) ?? null)
  }
  const shapes = useMemo<Shape[]>(() => {
    const at = outline(cordon) ?? cordon.ring ?? []
    return [{ id: 'cordon', kind: at.length > 2 ? 'area' : 'line', at, tone: 'due', chosen: true }]
  }, [cordon])
  const handles = useMemo(() => handlesOf(cordon, posts), [cordon, posts])
  return (
    <div className="field-page" data-page="cordon-draft">
      <FieldPanel
        shapes={shapes}
        handles={handles}
        focus={line ? (posts ? 'posts' : 'line') : ''}
        words={adding ? t('cordon.drawPost') : posts ? undefined : t(cordon.ring ? 'cordon.drawRing' : 'cordon.drawCircle')}
        onClick={adding || !posts ? onClick : undefined}
        onMoved={onMoved}
      />
      <aside>
        <div className="field-head">
          <h2>{t('cordon.new')}</h2>
        </div>
        <div className="field-body">
          <CordonFields cordon={cordon} onChange={redraw} />
          <div className="field-actions">
            <button type="button" className={posts ? '' : 'primary'} data-action="propose" disabled={!line || busy !== ''} onClick={() => void ask(null)}>
              {t(busy === 'propose' ? 'cordon.proposing' : 'cordon.propose')}
            </button>
            {posts && (
              <button type="button" data-action="propose-cars" disabled={busy !== ''} onClick={() => void ask(posts)}>
                {t('cordon.again')}
              </button>
            )}
            <button type="button" data-action="cancel-cordon" onClick={() => onClose(null)}>
              {t('action.cancel')}
            </button>
          </div>
          {posts && (
            <>
              <div className="field-row">
                <Field label={t('cordon.name')}>
                  <input name="cordon-name" value={named.name} maxLength={40} onChange={(e) => setNamed({ ...named, name: e.target.value })} />
                </Field>
                <Field label={t('cordon.reason')}>
                  <input name="cordon-reason" value={named.reason} maxLength={200} onChange={(e) => setNamed({ ...named, reason: e.target.value })} />
                </Field>
              </div>
              <button type="button" className="primary" data-action="confirm-cordon" disabled={busy !== ''} onClick={() => void confirm()}>
                {t(busy === 'confirm' ? 'cordon.sending' : 'cordon.confirm')}
              </button>
            </>
          )}
          {problem && <ErrorLine words={problem} />}
          {posts && proposal && <DraftPosts posts={posts} proposal={proposal} onChange={setPosts} onAdd={() => setAdding(true)} />}
        </div>
      </aside>
    </div>
  )
}

function handlesOf(cordon: CordonShape, posts: readonly DraftPost[] | null): Handle[] {
  if (posts) return posts.map((p, n) => ({ id: p.postId, at: [p.longitude, p.latitude], label: String(n + 1), tone: p.unitId ? 'plain' : 'missed', movable: true }))
  if (cordon.ring) return cordon.ring.map((at, n) => ({ id: `corner${n}`, at, label: String(n + 1), tone: 'due', movable: true }))
  if (cordon.latitude === null || cordon.longitude === null) return []
  const centre: LonLat = [cordon.longitude, cordon.latitude]
  return [
    { id: 'centre', at: centre, label: '+', tone: 'due', movable: true },
    { id: 'radius', at: eastOf(centre, cordon.radiusMetres ?? 0), label: 'R', tone: 'due', movable: true },
  ]
}
