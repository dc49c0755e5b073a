import { useEffect, useRef, useState } from 'react'
import { state } from '../desk.ts'
import { Preview } from '../Mosaic.tsx'
import type { Previews } from '../previews.ts'
import type { Camera } from '../shared/api.ts'
import { clockTime } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useNow } from '../shared/ticker.ts'
import { text } from '../text.ts'
import { dropPicture, hazardKinds, hazardOpen, hazardsOf, reportHazard, takePicture, undoHazard, type Taken } from './duty.ts'

type Shot = { picture: Taken | null; why: string }

/** Between the two touches: the picture that the first one took, and the kinds of which one is the second. Hidden, not gone, while an alert waits. */
export function HazardSheet({ previews, hidden }: { previews: Previews; hidden: boolean }) {
  const t = useTranslator(text)
  const cameras = useStore(state)?.cameras ?? []
  const [cameraId, setCameraId] = useState(() => frontOf(cameras, text['hazard.frontWord']))
  const [shot, setShot] = useState<Shot | null>(null)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  // The second touch may come before the picture: it waits for it.
  const taking = useRef<Promise<Shot>>(Promise.resolve({ picture: null, why: 'no_picture' }))
  const shoot = (of: string) => {
    void taking.current.then((before) => before.picture && dropPicture(before.picture.id).catch(() => undefined))
    setCameraId(of)
    setShot(null)
    const asked: Promise<Shot> = takePicture(of).then((picture) => ({ picture, why: '' }), (error: unknown) => ({ picture: null, why: errorCode(error) }))
    taking.current = asked
    void asked.then((came) => taking.current === asked && setShot(came))
  }
  const began = useRef(false)
  useEffect(() => {
    if (began.current) return
    began.current = true
    if (cameraId) shoot(cameraId)
    else setShot({ picture: null, why: 'no_picture' })
  })
  const leave = () => {
    void taking.current.then((last) => last.picture && dropPicture(last.picture.id).catch(() => undefined))
    hazardOpen.set(false)
  }
  const send = async (kind: string) => {
    if (busy) return
    setBusy(true)
    setFailure('')
    try {
      const { picture } = await taking.current
      await reportHazard(kind, picture?.id ?? null)
      hazardOpen.set(false)
    } catch (error) {
      const code = errorCode(error)
      setFailure(code)
      setBusy(false)
      if (code === 'picture_gone') shoot(cameraId)
    }
  }
  useEscape(hidden, leave)
  return (
    <section className="hazard-sheet" hidden={hidden} aria-label={t('hazard.report')}>
      <div className="hazard-left">
        <Picture shot={shot} cameras={cameras} />
        <div className="hazard-cameras" role="group" aria-label={t('hazard.other')}>
          {cameras.map((camera, index) =>
            camera.previewOnly ? null : (
              <button key={camera.id} type="button" className="cell" data-shoot={camera.id} aria-pressed={camera.id === cameraId} aria-label={t.pick(camera.labelZh, camera.labelEn)} onClick={() => shoot(camera.id)}>
                <Preview camera={camera} index={index} previews={previews} />
              </button>
            ),
          )}
        </div>
      </div>
      <div className="hazard-right">
        <header>
          <h2>{t('hazard.report')}</h2>
          <button type="button" data-action="close-hazard-sheet" onClick={leave}>
            <Icon name="cross" size={18} />
            {t('action.cancel')}
          </button>
        </header>
        <p>{busy ? t('hazard.sending') : t('hazard.choose')}</p>
        <div className="hazard-kinds" role="group" aria-label={t('hazard.choose')}>
          {hazardKinds.map((kind) => (
            <button key={kind} type="button" data-kind={kind} disabled={busy} onClick={() => void send(kind)}>
              {t(`hazardKind.${kind}`)}
            </button>
          ))}
        </div>
        {failure && (
          <p className="error-line" role="alert" data-refused={failure}>
            <Icon name="warning" />
            {whyOf(t, failure)}
          </p>
        )}
      </div>
    </section>
  )
}

function Picture({ shot, cameras }: { shot: Shot | null; cameras: readonly Camera[] }) {
  const t = useTranslator(text)
  if (shot === null) return <div className="hazard-picture empty" data-shot="taking">{t('hazard.taking')}</div>
  if (shot.picture === null) return <div className="hazard-picture empty" data-shot={shot.why}>{t('hazard.noPicture', { why: whyOf(t, shot.why) })}</div>
  const { picture } = shot
  const camera = cameras.find((c) => c.id === picture.cameraId)
  return (
    <figure className="hazard-picture" data-shot="taken">
      <img src={`/api/pictures/${picture.id}.jpg`} alt={t('hazard.picture')} />
      <figcaption>
        {t('hazard.takenBy', { camera: camera ? t.pick(camera.labelZh, camera.labelEn) : picture.cameraId, time: clockTime(picture.capturedUnixMs, t.lang) })}
      </figcaption>
    </figure>
  )
}

/** After the second touch, on every page, while it can be taken back. */
export function HazardUndo() {
  const t = useTranslator(text)
  const pending = hazardsOf(useStore(state)).find((h) => h.state === 'pending')
  const now = useNow(250)
  const left = pending?.undoUntilUnixMs ? Math.ceil((pending.undoUntilUnixMs - now) / 1000) : 0
  if (!pending || left <= 0) return null
  return (
    <div className="hazard-undo" role="status" data-undo={pending.id}>
      <Icon name="tick" size={26} />
      <span>
        <b>{t('hazard.sent', { kind: t.code('hazardKind.', pending.kind) })}</b>
        <small>{t('hazard.undoIn', { n: left })}</small>
      </span>
      <button type="button" data-action="undo-hazard" onClick={() => void undoHazard(pending.id).catch(() => undefined)}>
        {t('hazard.undo')}
      </button>
    </div>
  )
}

function whyOf(t: ReturnType<typeof useTranslator<typeof text>>, code: string): string {
  for (const prefix of ['pictureWhy.', 'hazardWhy.']) {
    const own = t.code(prefix, code)
    if (own !== code) return own
  }
  return t.code('error.', code)
}

/** The camera that looks ahead, by its name; else the first that is fixed. */
function frontOf(cameras: readonly Camera[], [zh, en]: readonly [string, string]): string {
  const outside = cameras.filter((c) => !c.previewOnly)
  const ahead = outside
    .filter((c) => c.labelEn.toLowerCase().includes(en) || c.labelZh.includes(zh))
    .sort((a, b) => Number(b.labelEn.toLowerCase() === en) - Number(a.labelEn.toLowerCase() === en) || a.labelEn.length - b.labelEn.length)
  return (ahead[0] ?? outside.find((c) => !c.ptz) ?? outside[0])?.id ?? ''
}

function useEscape(hidden: boolean, leave: () => void): void {
  useEffect(() => {
    if (hidden) return
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== 'Escape') return
      e.stopImmediatePropagation()
      leave()
    }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  })
}
