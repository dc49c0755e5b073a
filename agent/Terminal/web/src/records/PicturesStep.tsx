import { useState } from 'react'
import { state } from '../desk.ts'
import { takePicture } from '../duty/duty.ts'
import { Preview } from '../Mosaic.tsx'
import type { Previews } from '../previews.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { addPicture, pictureUrl, removePicture, type CaseRecord } from './records.ts'
import { recordWhy } from './RecordsPage.tsx'

/** One touch on a camera takes its picture and adds it. */
export function PicturesStep({ record, previews, again }: { record: CaseRecord; previews: Previews; again: () => Promise<void> }) {
  const t = useTranslator(text)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return
    setBusy(true)
    setFailure('')
    try {
      await what()
      await again()
    } catch (error) {
      setFailure(errorCode(error))
    } finally {
      setBusy(false)
    }
  }
  const full = record.pictures.length >= 8
  return (
    <>
      <p>{t(full ? 'record.pictureFull' : busy ? 'hazard.taking' : 'record.pictureHint')}</p>
      <CameraPicker previews={previews} disabled={busy || full} onPick={(id) => void run(async () => addPicture(record.id, (await takePicture(id)).id))} />
      {failure && (
        <p className="error-line" role="alert" data-refused={failure}>
          <Icon name="warning" />
          {recordWhy(t, failure)}
        </p>
      )}
      {record.pictures.length === 0 ? (
        <p className="soft">{t('record.pictureNone')}</p>
      ) : (
        <ul className="case-pictures">
          {record.pictures.map((hash, n) => (
            <li key={hash} data-picture={hash}>
              <img src={pictureUrl(record.id, hash)} alt={t('record.picture', { n: n + 1 })} />
              <button type="button" aria-label={t('record.pictureRemove', { n: n + 1 })} disabled={busy} onClick={() => void run(() => removePicture(record.id, hash))}>
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** The cameras that take pictures, as they see now. */
export function CameraPicker({ previews, disabled, onPick }: { previews: Previews; disabled: boolean; onPick: (cameraId: string) => void }) {
  const t = useTranslator(text)
  const cameras = useStore(state)?.cameras ?? []
  return (
    <div className="hazard-cameras case-cameras" role="group" aria-label={t('record.pictureHint')}>
      {cameras.map((camera, index) =>
        camera.previewOnly ? null : (
          <button key={camera.id} type="button" className="cell" data-shoot={camera.id} disabled={disabled} aria-label={t.pick(camera.labelZh, camera.labelEn)} onClick={() => onPick(camera.id)}>
            <Preview camera={camera} index={index} previews={previews} />
          </button>
        ),
      )}
    </div>
  )
}
