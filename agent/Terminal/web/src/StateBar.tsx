import { useState } from 'react'
import { connection, session, signOut, state } from './desk.ts'
import type { TerminalState } from './shared/api.ts'
import { clockTime, span } from './shared/format.ts'
import { useTranslator, wordOf, type Say } from './shared/i18n.ts'
import { Icon, type IconName } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { LanguageSwitch, ThemeSwitch } from './shared/Switches.tsx'
import { useNow } from './shared/ticker.ts'
import { HelpButton } from './shell/Help.tsx'
import { troublesOf } from './shell/problems.ts'
import { sound, soundBlocked, unlockSound } from './sound.ts'
import { text } from './text.ts'

export type Section = 'link' | 'stages' | 'lists' | 'cameras' | 'matching' | 'position'
export type ChipId = 'link' | 'backlog' | 'time' | 'position' | 'matching' | 'stages' | 'privacy'
type Level = 'ok' | 'warn' | 'bad'
interface Chip { id: ChipId; section: Section; icon: IconName; label: string; value: string; more?: string; level: Level }
type Words = Say<typeof text>

export function StateBar({ open, onOpen }: { open: ChipId | null; onOpen: (chip: ChipId, section: Section) => void }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const snapshot = useStore(state)
  const socket = useStore(connection)
  const who = useStore(session)
  const stale = performance.now() - socket.lastMessageAt > 3000
  return (
    <header className={stale ? 'bar is-old' : 'bar'} aria-label={t('bar.label')}>
      <div className="bar-unit">
        <b>{snapshot?.unitId ?? '—'}</b>
        <span>{clockTime(now, t.lang)}</span>
      </div>
      {snapshot &&
        chips(snapshot, now, t).map((chip) => (
          <button
            key={chip.id}
            type="button"
            className={`chip chip-${chip.level}`}
            data-chip={chip.id}
            data-level={chip.level}
            aria-pressed={open === chip.id}
            title={t('bar.details')}
            onClick={() => onOpen(chip.id, chip.section)}
          >
            <Icon name={chip.level === 'ok' ? chip.icon : 'warning'} size={20} />
            <span className="chip-words">
              <small>{chip.label}</small>
              <b>
                {chip.value}
                {chip.more && <i> {chip.more}</i>}
              </b>
            </span>
          </button>
        ))}
      <span className="bar-space" />
      {who && <OfficerChip name={who.displayName} />}
      <HelpButton />
      <SoundSwitch />
      <ThemeSwitch />
      <LanguageSwitch />
    </header>
  )
}

function OfficerChip({ name }: { name: string }) {
  const t = useTranslator(text)
  const [failed, setFailed] = useState(false)
  return (
    <div className="bar-officer">
      <Icon name="officer" size={20} />
      <b>{name}</b>
      <button
        type="button"
        className="tool"
        data-action="sign-out"
        aria-label={t('action.signOut')}
        title={t('action.signOut')}
        onClick={() => signOut().catch(() => setFailed(true))}
      >
        <Icon name="exit" />
        {failed && t('action.retry')}
      </button>
    </div>
  )
}

function SoundSwitch() {
  const t = useTranslator(text)
  const muted = useStore(sound) === 'muted'
  const blocked = useStore(soundBlocked)
  const word = muted ? 'sound.muted' : blocked ? 'sound.blocked' : 'sound.on'
  return (
    <button
      type="button"
      className={muted || blocked ? 'tool is-warn' : 'tool'}
      data-action="sound"
      aria-pressed={muted}
      aria-label={t(word)}
      title={t(word)}
      onClick={() => {
        unlockSound()
        if (muted || !blocked) sound.set(muted ? 'on' : 'muted')
      }}
    >
      <Icon name={muted || blocked ? 'mute' : 'sound'} />
      {(muted || blocked) && t(word)}
    </button>
  )
}

function chips(s: TerminalState, now: number, t: Words): Chip[] {
  return [linkChip(s, now, t), backlogChip(s, t), timeChip(s, t), privacyChip(s, t) ?? positionChip(s, t), matchingChip(s, t), stagesChip(s, t)]
}

function linkChip({ link }: TerminalState, now: number, t: Words): Chip {
  const base = { id: 'link', section: 'link', icon: 'link', label: t('bar.link') } as const
  if (link.phase === 'up') return { ...base, value: t('link.up'), ...(link.rttMs === null ? {} : { more: t('link.rtt', { n: Math.round(link.rttMs) }) }), level: 'ok' }
  if (link.phase === 'down') return { ...base, value: t('link.downFor', { age: span(t, now - link.sinceUnixMs) }), level: 'bad' }
  return { ...base, value: t(`link.${link.phase}`), level: link.phase === 'refused' ? 'bad' : 'warn' }
}

function backlogChip({ link }: TerminalState, t: Words): Chip {
  const base = { id: 'backlog', section: 'link', icon: 'queue', label: t('bar.backlog') } as const
  if (link.refusedEvents > 0) return { ...base, value: t('backlog.refused', { n: link.refusedEvents }), level: 'bad' }
  if (link.backlogEvents === 0) return { ...base, value: t('backlog.none'), level: 'ok' }
  const late = link.oldestUnackedMs ?? 0
  const value = t('backlog.count', { n: link.backlogEvents })
  return late > 10_000 ? { ...base, value, more: t('backlog.oldest', { age: span(t, late) }), level: 'warn' } : { ...base, value, level: 'ok' }
}

function timeChip({ timeTrust }: TerminalState, t: Words): Chip {
  const trust = wordOf(timeTrust)
  return { id: 'time', section: 'link', icon: 'clock', label: t('bar.time'), value: t.code('time.', trust), level: trust === 'centre' || trust === 'gnss' ? 'ok' : 'warn' }
}

function positionChip({ position }: TerminalState, t: Words): Chip {
  const base = { id: 'position', section: 'position', icon: 'place', label: t('bar.position') } as const
  if (!position) return { ...base, value: t('position.none'), level: 'warn' }
  if (position.stale) return { ...base, value: t('position.stale', { age: span(t, position.ageMs) }), level: 'warn' }
  return { ...base, value: t.code('fix.', position.fix), level: wordOf(position.fix) === 'none' ? 'warn' : 'ok' }
}

function matchingChip({ matching, officer }: TerminalState, t: Words): Chip {
  const { faces, plates } = matching
  const value = t(faces && plates ? 'matching.both' : faces ? 'matching.faces' : plates ? 'matching.plates' : 'matching.off')
  const why = t.code('why.', matching.code)
  const base = { id: 'matching', section: 'matching', icon: 'match', label: t('bar.matching') } as const
  return faces && plates ? { ...base, value, level: 'ok' } : { ...base, value, ...(why ? { more: why } : {}), level: faces || plates || !officer ? 'warn' : 'bad' }
}

function stagesChip(s: TerminalState, t: Words): Chip {
  const { stages, disk } = s
  if (disk) return { id: 'stages', section: 'stages', icon: 'stages', label: t('bar.stages'), value: t('disk.full'), level: 'bad' }
  const fine = stages.filter((s) => s.state === 'ok').length
  const stopped = stages.some((s) => s.state === 'stopped')
  const [trouble] = troublesOf(s)
  if (trouble && !stopped) return { id: 'stages', section: 'stages', icon: 'stages', label: t('bar.stages'), value: t.code('trouble.', trouble), level: trouble === 'low_voltage' || trouble === 'disk_failing' ? 'bad' : 'warn' }
  const value = fine === stages.length ? t('stages.allOk', { n: fine }) : t('stages.some', { ok: fine, n: stages.length })
  return { id: 'stages', section: 'stages', icon: 'stages', label: t('bar.stages'), value, level: fine === stages.length ? 'ok' : stopped ? 'bad' : 'warn' }
}

/** In place of the position while that matters more: the car is in a privacy place, or nobody knows. */
function privacyChip({ privacy }: TerminalState, t: Words): Chip | null {
  const base = { id: 'privacy', section: 'position', icon: 'eye', level: 'warn' } as const
  const first = privacy?.places[0]
  if (!first) return privacy?.unchecked ? { ...base, label: t('bar.position'), value: t('privacy.unchecked') } : null
  const others = privacy.places.length - 1
  return { ...base, label: t('bar.privacy'), value: t.pick(first.nameZh, first.nameEn), ...(others > 0 ? { more: t('privacy.others', { n: others }) } : {}) }
}
