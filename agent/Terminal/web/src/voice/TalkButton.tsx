import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { useNow } from '../shared/ticker.ts'
import { text } from '../text.ts'
import { asked, channel, manner, talkKey, voice } from './voice.ts'

/** Hold and speak. The same button on the rail and, larger, on the page of voice. */
export function TalkButton({ large = false }: { large?: boolean }) {
  const t = useTranslator(text)
  const { mine, connected } = useStore(voice.now)
  const how = useStore(manner)
  const where = useStore(channel)
  useNow(mine.state === 'talk' ? 100 : 1000)
  const busy = mine.state === 'wait' || mine.state === 'talk'
  const begin = () => void voice.press(asked(where))
  const holds = how === 'hold'
  return (
    <button
      type="button"
      className={large ? 'talk is-large' : 'talk'}
      data-action="talk"
      data-talk={mine.state}
      data-offline={!connected}
      aria-pressed={busy}
      aria-keyshortcuts={talkKey}
      onPointerDown={(e) => {
        if (!holds) return
        e.currentTarget.setPointerCapture(e.pointerId)
        begin()
      }}
      onPointerUp={() => holds && voice.release()}
      onPointerCancel={() => holds && voice.release()}
      onContextMenu={(e) => e.preventDefault()}
      onClick={() => !holds && (busy ? voice.release() : begin())}
      onKeyDown={(e) => {
        if (!holds || e.repeat || (e.key !== ' ' && e.key !== 'Enter')) return
        e.preventDefault()
        begin()
      }}
      onKeyUp={(e) => {
        if (holds && (e.key === ' ' || e.key === 'Enter')) voice.release()
      }}
    >
      <Icon name="microphone" size={large ? 64 : 30} />
      <b>{t(mine.state === 'talk' ? 'voice.speaking' : mine.state === 'wait' ? 'voice.waiting' : 'voice.button')}</b>
      {large && <span>{mine.state === 'talk' ? t('voice.seconds', { n: Math.floor((Date.now() - mine.since) / 1000) }) : t(holds ? 'voice.hold' : 'voice.tap')}</span>}
      {mine.state === 'talk' && <span className="talk-level" style={{ transform: `scaleX(${voice.level})` }} />}
    </button>
  )
}

/** Why nobody hears; gone with the next press. */
export function TalkRefused() {
  const t = useTranslator(text)
  const { mine } = useStore(voice.now)
  if (mine.state !== 'refused') return null
  return (
    <p className="talk-refused" role="alert" data-refused={mine.code}>
      {mine.busyWith ? t('voice.busyWith', { who: mine.busyWith.speaker || mine.busyWith.unitId || t('voice.centre') }) : t.code('voice.refused.', mine.code)}
    </p>
  )
}
