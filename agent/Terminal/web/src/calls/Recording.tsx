import { useEffect, useRef, useState } from 'react'
import { state } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import type { Call } from './calls.ts'
import { hush } from './speech.ts'

const speeds = [1, 1.5, 0.75] as const

/** The caller's own voice: played from the car's disk, in any part of it, at three speeds. */
export function Recording({ call }: { call: Call }) {
  const t = useTranslator(text)
  const linkUp = useStore(state)?.link.phase === 'up'
  const recording = call.recording
  if (!recording) return null
  if (recording.state === 'here') return <Player key={call.id} callId={call.id} />
  const percent = Math.floor((100 * recording.heldBytes) / Math.max(1, recording.sizeBytes))
  return (
    <p className="recording recording-waits" data-recording={recording.state}>
      <Icon name={recording.state === 'none' ? 'warning' : 'sound'} />
      {recording.state === 'none'
        ? t('recording.none', { why: t.code('recordingWhy.', recording.why) })
        : linkUp
          ? t('recording.coming', { percent })
          : t('recording.comingOffline')}
    </p>
  )
}

function Player({ callId }: { callId: string }) {
  const t = useTranslator(text)
  const audio = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState(false)
  const [failed, setFailed] = useState(false)
  const [at, setAt] = useState(0)
  const [length, setLength] = useState(0)
  const [speed, setSpeed] = useState<number>(1)
  useEffect(() => {
    if (audio.current) audio.current.playbackRate = speed
  }, [speed])
  const toggle = (): void => {
    const player = audio.current
    if (!player) return
    if (!player.paused) return player.pause()
    hush()
    if (failed) player.load()
    setFailed(false)
    player.play().catch(() => setFailed(true))
  }
  return (
    <div className="recording" data-recording="here" data-playing={playing}>
      <audio
        ref={audio}
        preload="metadata"
        src={`/api/calls/${callId}/recording`}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setFailed(true)}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)}
        onDurationChange={(e) => setLength(Number.isFinite(e.currentTarget.duration) ? e.currentTarget.duration : 0)}
      />
      <button type="button" className="primary recording-play" data-action="play" onClick={toggle}>
        <Icon name={playing ? 'pause' : 'play'} size={32} />
        {t(playing ? 'recording.pause' : 'recording.play')}
      </button>
      <span className="recording-bar">
        <span>
          {t('recording.title')}
          <b>
            {clock(at)} / {length > 0 ? clock(length) : '--:--'}
          </b>
        </span>
        <input
          type="range"
          aria-label={t('recording.seek')}
          min={0}
          max={Math.max(1, length)}
          step={0.1}
          value={Math.min(at, Math.max(1, length))}
          disabled={length === 0}
          onChange={(e) => {
            setAt(Number(e.target.value))
            if (audio.current) audio.current.currentTime = Number(e.target.value)
          }}
        />
        {failed && <span className="is-bad" role="alert" data-recording-failed>{t('recording.failed')}</span>}
      </span>
      <button type="button" data-action="speed" onClick={() => setSpeed(speeds[(speeds.indexOf(speed as 1) + 1) % speeds.length] ?? 1)}>
        {t('recording.speed', { n: speed })}
      </button>
    </div>
  )
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
