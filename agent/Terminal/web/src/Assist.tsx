import { useEffect, useState } from 'react'
import { assist, assistEnded, assistOpen, assistReasons, begin, check, end, type Assist as GoingOn, type AssistReason, type AssistView } from './assist.ts'
import { state } from './desk.ts'
import { serverClock } from './shared/clock.ts'
import { ago, span } from './shared/format.ts'
import { errorCode } from './shared/http.ts'
import { useTranslator, type Say } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { text } from './text.ts'

/** Help for somebody who cannot say who they are: a reason, then the person among the faces of one minute. Hidden, not gone, while an alert waits. */
export function Assist({ hidden }: { hidden: boolean }) {
  const t = useTranslator(text)
  const going = useStore(assist)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  const [decided, setDecided] = useState(false)
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return
    setBusy(true)
    setFailure('')
    setDecided(false)
    try {
      await what()
    } catch (error) {
      setFailure(errorCode(error))
    } finally {
      setBusy(false)
    }
  }
  useEffect(() => {
    if (hidden) return
    // Before the screen behind it hears of the key; wherever the focus is, since a pressed picture may lose it.
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== 'Escape') return
      e.stopImmediatePropagation()
      assistOpen.set(false)
    }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [hidden])
  return (
    <section className="assist" hidden={hidden} aria-label={t('assist.title')}>
      <header>
        <h2>{t('assist.title')}</h2>
        <span className="soft">{t('assist.recorded')}</span>
        <button type="button" data-action="close-assist" autoFocus onClick={() => assistOpen.set(false)}>
          <Icon name="cross" size={18} />
          {t('action.close')}
        </button>
      </header>
      {going ? <Faces going={going} busy={busy} onCheck={(id) => void run(async () => setDecided(await check(id)))} onEnd={() => void run(end)} /> : <Reasons busy={busy} onBegin={(r, w) => void run(() => begin(r, w))} />}
      {decided && (
        <p className="assist-ended" role="status" data-decided>
          <Icon name="tick" />
          {t('assist.decided')}
        </p>
      )}
      {failure && (
        <p className="error-line" role="alert" data-refused={failure}>
          <Icon name="warning" />
          {why(t, failure)}
        </p>
      )}
    </section>
  )
}

function why(t: Say<typeof text>, code: string): string {
  const own = t.code('assistWhy.', code)
  if (own !== code) return own
  const matching = t.code('why.', code)
  return matching !== code ? t('assist.notNow', { why: matching }) : t.code('error.', code)
}

function Reasons({ busy, onBegin }: { busy: boolean; onBegin: (reason: AssistReason, words: string) => void }) {
  const t = useTranslator(text)
  const ended = useStore(assistEnded)
  const [words, setWords] = useState('')
  return (
    <div className="assist-reasons">
      {ended && (
        <p className="assist-ended" role="status">
          <Icon name="tick" />
          {t('assist.ended')}
        </p>
      )}
      <b>{t('assist.ask')}</b>
      <div role="group" aria-label={t('assist.ask')}>
        {assistReasons.map((r) => (
          <button key={r} type="button" data-assist={r} disabled={busy || (r === 'other' && words.trim() === '')} onClick={() => onBegin(r, words)}>
            <b>{t(`assistReason.${r}`)}</b>
            <small>{t(`assistHint.${r}`)}</small>
          </button>
        ))}
      </div>
      <input name="words" value={words} maxLength={200} aria-label={t('assist.words')} placeholder={t('assist.words')} onChange={(e) => setWords(e.target.value)} />
      <ul>
        <li>{t('assist.rule1')}</li>
        <li>{t('assist.rule2')}</li>
        <li>{t('assist.rule3')}</li>
      </ul>
    </div>
  )
}

function Faces({ going, busy, onCheck, onEnd }: { going: GoingOn; busy: boolean; onCheck: (visitId: string) => void; onEnd: () => void }) {
  const t = useTranslator(text)
  useNow(250)
  const left = Math.max(0, going.endsAtUnixMs - serverClock.now())
  return (
    <div className="assist-going">
      <div className="assist-clock">
        <Icon name="clock" size={26} />
        <b>{span(t, left)}</b>
        <span>{t('assist.left', { reason: t.code('assistReason.', going.reason) })}</span>
        <button type="button" data-action="end-assist" onClick={onEnd}>
          {t('assist.end')}
        </button>
      </div>
      {going.views.length === 0 ? (
        <p className="assist-empty">{t('assist.none')}</p>
      ) : (
        <>
          <p>{t('assist.point')}</p>
          <ul className="assist-faces">
            {going.views.map((view) => (
              <li key={view.visitId}>
                <Face view={view} unlike={going.unlike.includes(view.visitId)} busy={busy} onCheck={() => onCheck(view.visitId)} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Face({ view, unlike, busy, onCheck }: { view: AssistView; unlike: boolean; busy: boolean; onCheck: () => void }) {
  const t = useTranslator(text)
  const camera = useStore(state)?.cameras.find((c) => c.id === view.cameraId)
  const name = camera ? t.pick(camera.labelZh, camera.labelEn) : view.cameraId
  return (
    <button type="button" data-view={view.visitId} data-unlike={unlike} disabled={busy || unlike} onClick={onCheck}>
      <img src={`/api/assist/views/${encodeURIComponent(view.visitId)}.jpg`} alt={t('assist.face', { name })} />
      <b data-own-words>{name}</b>
      <small>{unlike ? t('assist.unlike') : ago(t, serverClock.now() - view.atUnixMs)}</small>
    </button>
  )
}
