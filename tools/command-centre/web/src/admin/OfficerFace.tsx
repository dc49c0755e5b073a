import { useEffect, useRef, useState } from 'react'
import { ApiError, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { Problem, refusal, useEscape, type T } from './parts.tsx'
import { text } from './text.ts'

const fewest = 3
const most = 5
/** More detail than this the face network has no use for, and it keeps the upload small. */
const longestSide = 1280

interface Props {
  officer: { officerId: string; displayName: string; faces?: number }
  path: string
  onClose: () => void
  onDone: () => void
}

/** Three to five pictures of an officer who agrees to it; or their face taken out of every car again. */
export function OfficerFace({ officer, path, onClose, onDone }: Props) {
  const t = useTranslator(text)
  const [pictures, setPictures] = useState<string[]>([])
  const [consent, setConsent] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector<HTMLElement>('input')?.focus(), [])
  useEscape(onClose)
  const act = async (work: () => Promise<unknown>) => {
    setBusy(true)
    setProblem('')
    try {
      await work()
      onDone()
    } catch (error) {
      setProblem(fault(t, error) || refusal(t, error))
      setBusy(false)
    }
  }
  const take = async (files: FileList) => {
    setProblem('')
    try {
      const added = await Promise.all([...files].map(jpegOf))
      setPictures((p) => [...p, ...added].slice(0, most))
    } catch {
      setProblem(t('officer.faceUnreadable'))
    }
  }
  return (
    <div className="admin-ask" role="dialog" aria-modal="true" aria-label={t('officer.face')}>
      <form
        ref={form}
        onSubmit={(e) => {
          e.preventDefault()
          void act(() => request('POST', path, { pictures, consent }))
        }}
      >
        <h2>{t('officer.faceTitle', { name: officer.displayName })}</h2>
        <p className="soft">{t('officer.faceHint')}</p>
        <p>{t('officer.facePictures', { n: pictures.length })}</p>
        <div className="face-thumbs">
          {pictures.map((p, i) => (
            <button key={i} type="button" data-picture={i + 1} title={t('officer.faceDrop', { n: i + 1 })} aria-label={t('officer.faceDrop', { n: i + 1 })} onClick={() => setPictures((all) => all.filter((_, at) => at !== i))}>
              <img src={p} alt="" />
              <span aria-hidden="true">
                {i + 1}
                <Icon name="cross" size={16} />
              </span>
            </button>
          ))}
          {pictures.length < most && (
            <label className="face-add">
              {/* The browser's own words for it are in the browser's language, not in the page's. */}
              <input type="file" name="pictures" accept="image/*" multiple disabled={busy} onChange={(e) => { if (e.target.files) void take(e.target.files); e.target.value = '' }} />
              <span>{t('officer.faceAdd')}</span>
            </label>
          )}
        </div>
        <label className="face-consent">
          <input type="checkbox" name="consent" checked={consent} onChange={(e) => setConsent(e.target.checked)} />
          {t('officer.faceConsent', { name: officer.displayName })}
        </label>
        <Problem words={problem} />
        <div className="admin-acts">
          <button type="submit" className="primary" data-action="face-enrol" disabled={busy || !consent || pictures.length < fewest}>
            {busy ? t('admin.working') : t('officer.faceEnrol')}
          </button>
          {(officer.faces ?? 0) > 0 && (
            <button
              type="button"
              className="danger"
              data-action="face-withdraw"
              disabled={busy}
              onClick={() => void act(() => request('POST', `/api/admin/officers/${encodeURIComponent(officer.officerId)}/faces/withdraw`, {}))}
            >
              {t('officer.faceWithdraw')}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
        </div>
      </form>
    </div>
  )
}

/** What is wrong with which picture, in the page's words; "" when it is something else. */
function fault(t: T, error: unknown): string {
  const body = error instanceof ApiError ? error.body : {}
  if (typeof body['why'] !== 'string') return ''
  return t(`faceFault.${body['why'] as 'number' | 'unreadable' | 'no_face' | 'many_faces' | 'poor' | 'other_person' | 'same_picture'}`, { n: Number(body['picture'] ?? 0), m: Number(body['other'] ?? 0) })
}

/** As a JPEG no larger than needed. */
async function jpegOf(file: File): Promise<string> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return canvas.toDataURL('image/jpeg', 0.92)
}
