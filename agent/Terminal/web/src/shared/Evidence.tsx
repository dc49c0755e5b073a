import { useState } from 'react'
import type { FaceSeen, PlateSeen } from './api.ts'
import { commonText } from './commonText.ts'
import { plateParts } from './format.ts'
import { useTranslator } from './i18n.ts'

type Certainty = 'sure' | 'doubtful' | 'weak'
const certaintyOf = (confidence: number): Certainty => (confidence >= 0.9 ? 'sure' : confidence >= 0.7 ? 'doubtful' : 'weak')

/** A plate as it was read, each character marked by how sure the reading is, above the plate as it is listed. */
export function PlateComparison({ plate, listedText }: { plate: PlateSeen; listedText: string }) {
  const t = useTranslator(commonText)
  const read = [...plate.text]
  const listed = [...listedText]
  const width = Math.max(read.length, listed.length)
  const columns = Array.from({ length: width }, (_, i) => ({
    read: read[i] ?? '',
    listed: listed[i] ?? '',
    confidence: plate.confidences[i] ?? 0,
    differs: (read[i] ?? '') !== (listed[i] ?? ''),
  }))
  return (
    <div className="plate">
      <table className="plate-table">
        <tbody>
          <tr className="plate-read">
            <th scope="row">{t('plate.read')}</th>
            {columns.map((c, i) => (
              <td key={i} className={`certainty-${certaintyOf(c.confidence)}`} title={t('plate.certainty', { n: i + 1, char: c.read, percent: Math.round(c.confidence * 100) })}>
                <b>{c.read}</b>
                <small>{c.read && Math.round(c.confidence * 100)}</small>
              </td>
            ))}
          </tr>
          <tr className="plate-listed">
            <th scope="row">{t('plate.listed')}</th>
            {columns.map((c, i) => (
              <td key={i} className={c.differs ? 'differs' : ''}>
                <b>{c.listed}</b>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <div className="plate-foot">
        {plate.confidence ? <p data-whole={plate.text}>{t('plate.whole', { percent: Math.round(plate.confidence * 100), n: plate.votes ?? 1 })}</p> : null}
        <Rivals plate={plate} />
        <p className="plate-key">
          {(['sure', 'doubtful', 'weak'] as const).map((c) => (
            <span key={c} className={`certainty-${c}`}>
              {t(`plate.${c}`)}
            </span>
          ))}
        </p>
      </div>
    </div>
  )
}

function Rivals({ plate }: { plate: PlateSeen }) {
  const t = useTranslator(commonText)
  if (plate.rivals.length === 0) return <p className="rivals">{t('plate.noRivals')}</p>
  return (
    <p className="rivals">
      {t('plate.rivals')}
      {plate.rivals.slice(0, 3).map((r) => (
        <span key={r.text} className="rival">
          <b>{r.text}</b> {Math.round(r.confidence * 100)}%
        </span>
      ))}
    </p>
  )
}

export function FaceSimilarity({ face }: { face: FaceSeen }) {
  const t = useTranslator(commonText)
  return (
    <p className="similarity">
      <meter min={0} max={1} low={face.threshold} value={Math.max(0, Math.min(1, face.similarity))} />
      <span>
        {t('face.similarity', { value: face.similarity.toFixed(2), threshold: face.threshold.toFixed(2) })} · {t('face.width', { n: face.widthPx })}
      </span>
      <small>{t('face.notProbability')}</small>
    </p>
  )
}

/** One picture with its caption; words in its place while it loads and when it cannot. */
export function Picture(props: { url: string | null; caption: string; person: boolean; onSettled?: () => void }) {
  const t = useTranslator(commonText)
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading')
  const settle = (next: 'shown' | 'failed') => {
    setState(next)
    props.onSettled?.()
  }
  return (
    <figure className={props.person ? 'picture picture-person' : 'picture'}>
      <div className="picture-frame">
        {props.url === null ? (
          <span className="picture-words">{t('picture.none')}</span>
        ) : (
          <>
            <img src={props.url} alt={props.caption} onLoad={() => settle('shown')} onError={() => settle('failed')} />
            {state !== 'shown' && <span className="picture-words">{t(state === 'failed' ? 'picture.failed' : 'picture.loading')}</span>}
          </>
        )}
      </div>
      <figcaption>{props.caption}</figcaption>
    </figure>
  )
}

/** A plate set as it is painted: area, dot, number. */
export function PlateName({ text }: { text: string }) {
  const [area, number] = plateParts(text)
  return (
    <span className="plate-name">
      {area}
      <i aria-hidden="true">·</i>
      {number}
    </span>
  )
}
