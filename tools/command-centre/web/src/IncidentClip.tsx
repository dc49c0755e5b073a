import { useEffect, useState } from 'react'
import type { Clip } from '@shared/api.ts'
import { clockTime } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { text } from './text.ts'

const askAgainMs = 3000

/** The video of a confirmed hit: on its way, here to play and to keep, or why there is none. */
export function IncidentClip({ eventId }: { eventId: string }) {
  const t = useTranslator(text)
  const [clip, setClip] = useState<Clip | null>(null)
  const [failed, setFailed] = useState('')
  const settled = clip?.state === 'here' || clip?.state === 'none'
  useEffect(() => {
    if (settled) return
    let over = false
    const ask = () =>
      request<Clip>('GET', `/api/incidents/${eventId}/clip`)
        .then((told) => {
          if (over) return
          setClip(told)
          setFailed('')
        })
        .catch((error: unknown) => {
          if (!over) setFailed(errorCode(error))
        })
    void ask()
    const timer = window.setInterval(() => void ask(), askAgainMs)
    return () => {
      over = true
      window.clearInterval(timer)
    }
  }, [eventId, settled])
  return (
    <section className="clip" aria-label={t('clip.title')} data-clip={failed ? 'failed' : (clip?.state ?? 'asking')}>
      <h3>{t('clip.title')}</h3>
      {failed ? <p className="clip-note is-bad">{t('clip.failed')}</p> : clip && <Told key={clip.state} clip={clip} />}
    </section>
  )
}

function Told({ clip }: { clip: Clip }) {
  const t = useTranslator(text)
  if (clip.state === 'none')
    return (
      <p className="clip-note">
        <Icon name="cross" size={18} />
        {t('clip.none', { why: t.code('clipWhy.', clip.reason) })}
      </p>
    )
  if (clip.state !== 'here' || !clip.url) return <p className="clip-note soft">{t(clip.state === 'coming' ? 'clip.coming' : 'clip.expected')}</p>
  return <Player clip={clip} url={clip.url} />
}

function Player({ clip, url }: { clip: Clip; url: string }) {
  const t = useTranslator(text)
  const [unplayable, setUnplayable] = useState(false)
  const seconds = Math.round((clip.toUnixMs - clip.fromUnixMs) / 1000)
  return (
    <>
      {unplayable ? (
        <p className="clip-note is-bad">{t('clip.unplayable')}</p>
      ) : (
        <video src={url} controls playsInline muted preload="metadata" aria-label={t('clip.title')} onError={() => setUnplayable(true)} />
      )}
      <p className="clip-foot">
        <span>{t('clip.span', { from: clockTime(clip.fromUnixMs, t.lang), to: clockTime(clip.toUnixMs, t.lang), n: seconds })}</span>
        <a className="button" href={`${url}?keep`} download data-action="keep-clip">
          {t('clip.keep')}
        </a>
      </p>
    </>
  )
}
