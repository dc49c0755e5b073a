import { span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { Places } from '../field/parts.tsx'
import { metresBetween } from '../field/shapes.ts'
import { text } from '../text.ts'
import type { DraftPost, Proposal } from './containment.ts'

/** Proposed posts and cars, and what a dispatcher makes of them. */
export function DraftPosts({ posts, proposal, onChange, onAdd }: { posts: readonly DraftPost[]; proposal: Proposal; onChange: (posts: readonly DraftPost[]) => void; onAdd: () => void }) {
  const t = useTranslator(text)
  const away = (post: DraftPost) => {
    const car = proposal.cars.find((c) => c.unitId === post.unitId)
    if (!car || car.latitude === null || car.longitude === null) return null
    const metres = metresBetween([post.longitude, post.latitude], [car.longitude, car.latitude])
    return t('cordon.eta', { n: Math.round(metres), age: span(t, (metres / (proposal.speedKmh / 3.6)) * 1000) })
  }
  const left = proposal.cars.filter((c) => c.excluded)
  return (
    <>
      <p data-source={proposal.source}>{t(`cordonSource.${proposal.source}`, { n: proposal.mergedMetres })}</p>
      <p className="soft">{t('cordon.method', { speed: Math.round(proposal.speedKmh) })}</p>
      <ul className="item-list">
        {posts.map((p, n) => {
          const name = t('cordon.post', { n: n + 1 })
          return (
            <li key={p.postId} data-draft-post={p.postId}>
              <Icon name="place" size={20} />
              <select
                aria-label={t('cordon.carFor', { name })}
                value={p.unitId}
                onChange={(e) => onChange(posts.map((q) => (q.postId === p.postId ? { ...q, unitId: e.target.value } : q.unitId === e.target.value ? { ...q, unitId: '' } : q)))}
              >
                <option value="">
                  {name} · {t('cordon.noCar')}
                </option>
                {proposal.cars.map((c) => (
                  <option key={c.unitId} value={c.unitId}>
                    {name} · {c.unitId} {c.excluded && t.code('cordonCar.', c.excluded)}
                  </option>
                ))}
              </select>
              <button type="button" className="quiet" aria-label={t('cordon.removePost', { name })} data-remove={p.postId} onClick={() => onChange(posts.filter((q) => q !== p))}>
                <Icon name="cross" size={18} />
              </button>
              {away(p) && <p>{away(p)}</p>}
            </li>
          )
        })}
      </ul>
      <button type="button" data-action="add-post" onClick={onAdd}>
        {t('cordon.addPost')}
      </button>
      <Places
        name="post-places"
        label={t('cordon.postPlaces')}
        at={posts.map((p) => [p.longitude, p.latitude])}
        onChange={(at) => onChange(at.map(([longitude, latitude], n) => ({ postId: posts[n]?.postId ?? `p${n + 1}`, unitId: posts[n]?.unitId ?? '', longitude, latitude })))}
      />
      {left.length > 0 && (
        <section className="card-list" data-excluded>
          <h3>{t('cordon.excluded')}</h3>
          <ul className="field-checks">
            {left.map((c) => (
              <li key={c.unitId} className="tag">
                {c.unitId} {t.code('cordonCar.', c.excluded)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
