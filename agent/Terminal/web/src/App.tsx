import { useEffect, useState } from 'react'
import { AlertDesk } from './AlertDesk.tsx'
import { Assist } from './Assist.tsx'
import { assistOpen, forgetAssist, useAssist } from './assist.ts'
import { alerts, connection, session, state } from './desk.ts'
import { PowerBanner } from './box/PowerBanner.tsx'
import { CallBanner } from './calls/CallBanner.tsx'
import { hazardOpen } from './duty/duty.ts'
import { HazardSheet, HazardUndo } from './duty/HazardSheet.tsx'
import { Instructions } from './Instructions.tsx'
import { LookUp } from './LookUp.tsx'
import { forgetLookUps, lookUpOpen } from './lookUps.ts'
import { Notices } from './Notices.tsx'
import { Previews } from './previews.ts'
import { Help } from './shell/Help.tsx'
import { page, pages } from './shell/pages.tsx'
import { Tour } from './shell/Tour.tsx'
import { Rail } from './shell/Rail.tsx'
import { span } from './shared/format.ts'
import { useTranslator } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import { SignIn } from './SignIn.tsx'
import { SosBanner } from './sos/SosBanner.tsx'
import { StateBar, type ChipId, type Section } from './StateBar.tsx'
import { StatusPanel } from './StatusPanel.tsx'
import { text } from './text.ts'

const hostSilentMs = 3000

export function App() {
  const t = useTranslator(text)
  const who = useStore(session)
  const [panel, setPanel] = useState<{ chip: ChipId; section: Section } | null>(null)
  const openAlerts = useStore(alerts).length
  useEffect(() => {
    document.title = t('app.title')
  }, [t])
  return (
    <div className="app">
      <StateBar open={panel?.chip ?? null} onOpen={(chip, section) => setPanel(chip === panel?.chip ? null : { chip, section })} />
      <Rail />
      <div className="banners">
        <SosBanner />
        <PowerBanner />
      </div>
      <main className="stage">
        {who === undefined ? <div className="empty">{t('app.wait')}</div> : who === null ? <SignIn /> : <Duty />}
        {panel && <StatusPanel section={panel.section} onClose={() => setPanel(null)} />}
        {openAlerts === 0 && <Notices />}
        <Help />
        <HostLost />
      </main>
      <Tour />
    </div>
  )
}

/** What an officer on duty sees: the page that the rail names, and above it whatever waits for a decision. */
function Duty() {
  const [previews, setPreviews] = useState<Previews | null>(null)
  const shown = useStore(page)
  const open = useStore(alerts)
  const lookingUp = useStore(lookUpOpen)
  const assisting = useStore(assistOpen)
  const reporting = useStore(hazardOpen)
  useAssist()
  useEffect(() => {
    const started = new Previews()
    setPreviews(started)
    return () => {
      started.stop()
      forgetLookUps()
      forgetAssist()
      hazardOpen.set(false)
    }
  }, [])
  if (!previews) return null
  return (
    <div className="at-work">
      <CallBanner hidden={open.length > 0} />
      <div className="at-work-page">
        {pages.find((p) => p.id === shown)?.view(previews)}
        {lookingUp && <LookUp hidden={open.length > 0} />}
        {assisting && <Assist hidden={open.length > 0} />}
        {reporting && <HazardSheet previews={previews} hidden={open.length > 0} />}
        {open.length === 0 && <HazardUndo />}
        {open.length === 0 && <Instructions />}
        {open.length > 0 && <AlertDesk previews={previews} />}
      </div>
    </div>
  )
}

/** Covers the page, below the state bar, when the host is silent: what is behind it is the past. */
function HostLost() {
  const t = useTranslator(text)
  useNow(500)
  const socket = useStore(connection)
  const last = useStore(state)
  const [openedAt] = useState(() => performance.now())
  const silentMs = performance.now() - (socket.lastMessageAt || openedAt)
  if (silentMs < hostSilentMs) return null
  return (
    <div className="host-lost" role="alert">
      <div className="host-lost-words">
        <Icon name="warning" size={56} />
        <h1>{t('lost.title')}</h1>
        <p>{last ? t('lost.body', { age: span(t, silentMs) }) : t('lost.never')}</p>
      </div>
    </div>
  )
}
