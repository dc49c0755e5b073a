import { useEffect, useState } from 'react'
import { state } from '../desk.ts'
import { shortTime } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { BackUp } from './BackUp.tsx'
import { CallMark } from './CallsPage.tsx'
import { handOverOf, isOver, isOwn, nextAct, takeStep, type Act, type Call } from './calls.ts'
import { HandOver } from './HandOver.tsx'
import { MiniMap } from './MiniMap.tsx'
import { Note } from './Note.tsx'
import { Recording } from './Recording.tsx'
import { Report } from './Report.tsx'
import { say } from './speech.ts'
import { Story } from './Story.tsx'
import { spoken, titleOf } from './words.ts'

type Panel = 'back_up' | 'hand_over' | 'note' | 'report'

// After a press the next step stands in the same place: a second tap of the same finger is not meant for it.
const restMs = 700

/** One call with all that is known of it and the one thing to do next. */
export function CallDetail({ call }: { call: Call }) {
  const t = useTranslator(text)
  const [panel, setPanel] = useState<Panel | null>(null)
  const [failed, setFailed] = useState('')
  const next = nextAct(call)
  const rests = useRest(`${call.own} ${next ?? ''}`)
  const [sending, setSending] = useState(false)
  const step = (act: Act, words = '', toUnitId = ''): void => {
    setFailed('')
    setSending(true)
    takeStep(call.id, act, words, toUnitId)
      .then(() => setPanel(null))
      .catch((error: unknown) => setFailed(t.code('error.', errorCode(error))))
      .finally(() => setSending(false))
  }
  const back = (): void => setPanel(null)
  if (panel === 'report') return <Report call={call} failed={failed} sending={sending} onSend={(words) => step('report', words)} onBack={back} />
  if (panel === 'hand_over') return <HandOver call={call} failed={failed} onAsk={(unitId) => step('hand_over', '', unitId)} onBack={back} />
  if (panel === 'back_up') return <BackUp call={call} failed={failed} onAsk={(words) => step('back_up', words)} onBack={back} />
  if (panel === 'note') return <Note call={call} failed={failed} onAdd={(words) => step('note', words)} onBack={back} />
  const works = isOwn(call) && !isOver(call)
  return (
    <section className="call" data-call-shown={call.id} data-own={call.own}>
      <Head call={call} />
      <div className="call-facts">
        <div className="call-words">
          {call.details && <p className="call-details">{call.details}</p>}
          {call.recording && works && <Recording call={call} />}
          <Story call={call} />
        </div>
        <MiniMap call={call} />
      </div>
      {failed && (
        <p className="error-line" role="alert" data-refused>
          <Icon name="warning" />
          {t('calls.failed', { why: failed })}
        </p>
      )}
      <footer className="call-do">
        {works && (
          <div className="call-more">
            {call.own !== 'reported' && call.part === 'owner' && (
              <>
                <More act="back_up" icon="people" onPress={() => setPanel('back_up')} />
                <More act="hand_over" icon="handOver" onPress={() => setPanel('hand_over')} />
              </>
            )}
            <More act="note" icon="list" onPress={() => setPanel('note')} />
            {next !== 'report' && call.own !== 'reported' && <More act="report" icon="flag" onPress={() => setPanel('report')} />}
          </div>
        )}
        {next ? (
          <button type="button" className="primary call-next" data-next={next} disabled={sending || rests} onClick={() => (next === 'report' ? setPanel('report') : step(next))}>
            <Icon name={next === 'report' ? 'flag' : 'tick'} size={40} />
            <span>
              {t.code('callDo.', next)}
              {next === 'arrive' && call.arriveOffered && <small data-offered>{t('calls.offered')}</small>}
            </span>
          </button>
        ) : (
          <p className="call-nothing">{t(call.part === 'nearby' ? 'calls.nearbyHint' : call.part === 'former_owner' ? 'calls.formerHint' : call.own === 'reported' ? 'calls.waitsClose' : 'calls.nothing')}</p>
        )}
      </footer>
    </section>
  )
}

function Head({ call }: { call: Call }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const asked = handOverOf(call)
  return (
    <header className="call-head">
      <p className="call-tags">
        {call.urgent && <CallMark />}
        <span className="tag">{t.code('callKind.', call.kind)}</span>
        {call.part !== 'owner' && <span className="tag tag-warn" data-part={call.part}>{t(`callPart.${call.part}`)}</span>}
        <span className="tag" data-call-state={call.own}>{t.code('callState.', isOwn(call) ? call.own : call.state)}</span>
        <span className="soft">
          {call.number} · {t('calls.received')} {shortTime(call.receivedAtUnixMs, t.lang)}
        </span>
        <button type="button" className="quiet" data-action="read-aloud" onClick={() => void say(spoken(t, call, snapshot), t.lang)}>
          <Icon name="sound" size={24} />
          {t('speech.again')}
        </button>
      </p>
      <h2>{titleOf(t, call)}</h2>
      <p className="call-address">
        <Icon name="place" />
        {call.address || t('calls.noAddress')}
      </p>
      {call.part !== 'owner' && call.ownerUnitId && <p className="soft">{t('calls.owner', { unit: call.ownerUnitId })}</p>}
      {call.backUpUnitIds.length > 0 && <p data-back-ups>{t('calls.backUps', { units: call.backUpUnitIds.join(t('privacy.and')) })}</p>}
      {asked.state && (
        <p className={asked.state === 'refused' ? 'is-bad' : 'is-warn'} data-hand-over={asked.state}>
          {t(`handOver.${asked.state}`, { unit: asked.toUnitId })}
        </p>
      )}
    </header>
  )
}

function More({ act, icon, onPress }: { act: 'back_up' | 'hand_over' | 'note' | 'report'; icon: 'people' | 'handOver' | 'list' | 'flag'; onPress: () => void }) {
  const t = useTranslator(text)
  return (
    <button type="button" data-more={act} onClick={onPress}>
      <Icon name={icon} size={26} />
      {t(`callDo.${act}`)}
    </button>
  )
}

/** True for a moment after `what` has changed, not when it is first shown. */
function useRest(what: string): boolean {
  const [seen, setSeen] = useState(what)
  useEffect(() => {
    if (seen === what) return
    const timer = window.setTimeout(() => setSeen(what), restMs)
    return () => window.clearTimeout(timer)
  }, [what, seen])
  return seen !== what
}
