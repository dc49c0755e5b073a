import { useState } from 'react'
import { state } from '../desk.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useDriving } from '../shell/driving.tsx'
import { text } from '../text.ts'
import { keepClip, takePicture, type Call } from './calls.ts'
import { Panel } from './Panel.tsx'

const maxCharacters = 1000

const everyday: readonly Template[] = ['mediated', 'taken_in', 'nobody']
type Template = 'mediated' | 'taken_in' | 'nobody' | 'noise' | 'no_injury' | 'injury' | 'moved' | 'drunk' | 'scene_kept' | 'arrested' | 'fled' | 'helped' | 'family' | 'hospital' | 'evacuated' | 'out' | 'false_alarm'
/** What ends a call of each kind, day in, day out. */
const templates: Readonly<Record<string, readonly Template[]>> = {
  public_order: [...everyday, 'noise'],
  traffic: ['no_injury', 'injury', 'moved', 'drunk'],
  crime: ['scene_kept', 'arrested', 'fled', 'nobody'],
  help: ['helped', 'family', 'hospital', 'nobody'],
  fire: ['evacuated', 'out', 'false_alarm', 'injury'],
  medical: ['hospital', 'helped', 'family', 'nobody'],
}

/** What was done, from a common result or in own words, with pictures and video of the car's cameras. */
export function Report({ call, failed, sending, onSend, onBack }: { call: Call; failed: string; sending: boolean; onSend: (words: string) => void; onBack: () => void }) {
  const t = useTranslator(text)
  const [words, setWords] = useState('')
  const driving = useDriving()
  const choose = (sentence: string): void => setWords((w) => (w.includes(sentence) ? w : (w.trim() ? `${w.trim()}\n` : '') + sentence))
  return (
    <Panel call={call} name="report" title={t('report.title')} failed={failed} onBack={onBack}>
      <div className="report">
        <div className="report-words">
          <h3>{t('report.templates')}</h3>
          <div className="report-templates">
            {(templates[call.kind] ?? everyday).map((name) => (
              <button key={name} type="button" data-template={name} onClick={() => choose(t.code('template.', name))}>
                {t.code('template.', name)}
              </button>
            ))}
          </div>
          <label className="report-text">
            {t('report.text')}
            <textarea name="report" maxLength={maxCharacters} readOnly={driving} placeholder={t('report.placeholder')} value={words} onChange={(e) => setWords(e.target.value)} />
          </label>
          {driving && <p className="soft" data-typing-waits>{t('driving.body')}</p>}
        </div>
        <Evidence call={call} />
      </div>
      <button type="button" className="primary call-next" data-action="send-report" disabled={sending || words.trim() === ''} onClick={() => onSend(words.trim())}>
        <Icon name="tick" size={36} />
        {t('report.send')}
      </button>
    </Panel>
  )
}

function Evidence({ call }: { call: Call }) {
  const t = useTranslator(text)
  const cameras = (useStore(state)?.cameras ?? []).filter((c) => !c.previewOnly)
  const [busy, setBusy] = useState('')
  const [said, setSaid] = useState<{ words: string; bad: boolean } | null>(null)
  const run = (what: string, camera: string, act: () => Promise<void>, done: 'report.pictureTaken' | 'report.clipKept'): void => {
    setBusy(what)
    setSaid(null)
    act()
      .then(() => setSaid({ words: t(done, { camera }), bad: false }))
      .catch((error: unknown) => setSaid({ words: t.code('error.', errorCode(error)), bad: true }))
      .finally(() => setBusy(''))
  }
  return (
    <div className="report-evidence">
      <h3>{t('report.attachments')}</h3>
      <ul>
        {cameras.map((c) => {
          const name = t.pick(c.labelZh, c.labelEn)
          // The last minute, or as much of it as is held.
          const n = Math.min(60, Math.max(0, (c.heldSeconds ?? 0) - 1))
          const off = busy !== '' || c.state !== 'streaming'
          return (
            <li key={c.id} data-evidence-camera={c.id}>
              <b>{name}</b>
              <button type="button" data-picture={c.id} aria-label={`${t('report.picture')} ${name}`} disabled={off} onClick={() => run(`p${c.id}`, name, () => takePicture(call.id, c.id, t('report.pictureNote', { camera: name })), 'report.pictureTaken')}>
                <Icon name="still" />
                {busy === `p${c.id}` ? t('report.taking') : t('report.picture')}
              </button>
              <button type="button" data-clip={c.id} aria-label={`${t('report.clip', { n })} ${name}`} disabled={off || n === 0} onClick={() => run(`c${c.id}`, name, () => keepClip(call.id, c.id, t('report.clipNote', { camera: name, n })), 'report.clipKept')}>
                <Icon name="camera" />
                {t('report.clip', { n })}
              </button>
            </li>
          )
        })}
      </ul>
      {said ? (
        <p className={said.bad ? 'is-bad' : 'is-ok'} role="status" data-evidence-said={said.bad ? 'failed' : 'done'}>
          {said.words}
        </p>
      ) : (
        <p className="soft">{t('report.recorded')}</p>
      )}
    </div>
  )
}
