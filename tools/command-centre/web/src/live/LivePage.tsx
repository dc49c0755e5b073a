import { useState } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { account } from '../centre.ts'
import { text } from '../text.ts'
import { AskForm } from './AskForm.tsx'
import './live.css'
import { LiveTile } from './LiveTile.tsx'
import { liveNow, mostTiles, wall } from './wall.ts'
import { Watched } from './Watched.tsx'

/** Up to nine live views side by side, and, for those who oversee, all that is being watched. */
export function LivePage() {
  const t = useTranslator(text)
  const tiles = useStore(wall)
  const who = useStore(account)
  const oversees = who?.role === 'supervisor' || who?.role === 'admin'
  const now = useStore(liveNow)
  const [asking, setAsking] = useState(false)
  const [full, setFull] = useState<string | null>(null)
  const shown = tiles.some((tile) => tile.leaseId === full) ? full : null
  return (
    <div className={oversees ? 'wall-page with-watched' : 'wall-page'}>
      <section className="wall-main" aria-label={t('wall.title')}>
        <div className="column-head wall-head">
          <h2>{t('wall.title')}</h2>
          <span className="tag">{t('wall.count', { n: tiles.filter((tile) => tile.ended === null).length, most: mostTiles })}</span>
          <span className="soft">{t('wall.hint')}</span>
          <span className="grow" />
          <button type="button" className="primary" data-action="wall-open" aria-expanded={asking} onClick={() => setAsking(!asking)}>
            <Icon name={asking ? 'cross' : 'plus'} size={18} />
            {t(asking ? 'action.cancel' : 'wall.open')}
          </button>
        </div>
        {asking && <AskForm onDone={() => setAsking(false)} />}
        {tiles.length === 0 ? (
          <p className="empty">{t(now === null ? 'watched.waiting' : 'wall.none')}</p>
        ) : (
          <div className="wall" data-tiles={tiles.length} data-side={shown !== null ? 1 : tiles.length > 4 ? 3 : tiles.length > 1 ? 2 : 1}>
            {tiles.map((tile) => (
              <LiveTile key={tile.leaseId} tile={tile} hidden={shown !== null && tile.leaseId !== shown} full={tile.leaseId === shown} onFull={(on) => setFull(on ? tile.leaseId : null)} />
            ))}
          </div>
        )}
      </section>
      {oversees && <Watched watched={now?.watched ?? null} />}
    </div>
  )
}
