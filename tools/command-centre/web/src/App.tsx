import { useEffect, useState } from 'react'
import { clockTime, span } from '@shared/format.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { LanguageSwitch } from '@shared/Switches.tsx'
import { useNow } from '@shared/ticker.ts'
import { Restricted } from './admin/Restricted.tsx'
import { Alarms } from './Alarms.tsx'
import { CallAlarms } from './calls/CallAlarms.tsx'
import { account, connection, openPage, signOut } from './centre.ts'
import { Emergencies } from './emergencies/Emergencies.tsx'
import { IncidentDrawer } from './IncidentDrawer.tsx'
import { Incidents } from './Incidents.tsx'
import { LivePanel } from './LivePanel.tsx'
import { MapPanel } from './MapPanel.tsx'
import { pages } from './pages.tsx'
import { SignIn } from './SignIn.tsx'
import { text } from './text.ts'
import { Units } from './Units.tsx'
import { VoiceDock } from './voice/VoiceDock.tsx'

const silentMs = 3500

export function App() {
  const t = useTranslator(text)
  const who = useStore(account)
  const tab = useStore(openPage)
  useEffect(() => {
    document.title = t('app.title')
  }, [t])
  // An auditor and a technician have no part in the shift: their page opens at the administration.
  const shift = who?.permissions?.includes('operate') ?? true
  const shown = shift ? tab : 'admin'
  const page = pages.find((p) => p.id === shown)
  if (who === undefined) return <div className="empty full-page">{t('app.wait')}</div>
  if (who === null) return <SignIn />
  if (who.restricted) return <Restricted why={who.restricted} />
  return (
    <div className="console">
      <TopBar shift={shift} />
      <Tabs tab={shown} shift={shift} />
      <div>
        <Emergencies />
        <Alarms />
        <CallAlarms />
      </div>
      <main className="body">
        <div className="columns" hidden={shown !== 'map'}>
          <Units />
          <div className="middle">
            <div className="upper">
              <MapPanel />
              <IncidentDrawer />
            </div>
            <LivePanel />
          </div>
          <Incidents />
        </div>
        {page && <page.Body />}
        <ServerLost />
      </main>
    </div>
  )
}

function Tabs({ tab, shift }: { tab: string; shift: boolean }) {
  const t = useTranslator(text)
  const who = useStore(account)
  const own = pages.filter((p) => (shift || p.id === 'admin') && (!p.roles || p.roles.includes(who?.role ?? '')))
  return (
    <nav className="rail" aria-label={t('top.pages')}>
      {[...(shift ? [{ id: 'map', title: 'tab.map' as const, icon: 'map' as const }] : []), ...own].map(({ id, title, icon }) => (
        <button key={id} type="button" data-tab={id} aria-current={tab === id ? 'page' : undefined} onClick={() => openPage.set(id)}>
          <Icon name={icon} size={26} />
          {t(title)}
        </button>
      ))}
    </nav>
  )
}

function TopBar({ shift }: { shift: boolean }) {
  const t = useTranslator(text)
  const now = useNow(1000)
  const who = useStore(account)
  const socket = useStore(connection)
  const silence = performance.now() - socket.lastMessageAt
  const silent = socket.lastMessageAt > 0 && silence > silentMs
  const [failed, setFailed] = useState(false)
  return (
    <header className="top">
      <Icon name="shield" size={26} />
      <h1>{t('app.title')}</h1>
      <span className="grow" />
      {shift && <VoiceDock />}
      <span className={silent || !socket.open ? 'tag tag-bad' : 'tag tag-ok'} role="status" data-connection={silent || !socket.open ? 'lost' : 'up'}>
        <Icon name={silent || !socket.open ? 'warning' : 'link'} size={17} />
        {silent || !socket.open ? t('top.silent', { age: span(t, silence) }) : t('top.connected')}
      </span>
      <b className="top-clock">{clockTime(now, t.lang)}</b>
      {who && (
        <span className="top-who">
          <Icon name="officer" size={20} />
          {t('top.role', { user: who.user, role: t.code('role.', who.role) })}
        </span>
      )}
      <button type="button" className="tool" data-action="sign-out" aria-label={t('action.signOut')} title={t('action.signOut')} onClick={() => signOut().catch(() => setFailed(true))}>
        <Icon name="exit" />
        {failed && t('action.retry')}
      </button>
      <LanguageSwitch />
    </header>
  )
}

function ServerLost() {
  const t = useTranslator(text)
  useNow(500)
  const socket = useStore(connection)
  const [openedAt] = useState(() => performance.now())
  const silence = performance.now() - (socket.lastMessageAt || openedAt)
  if (silence < silentMs) return null
  return (
    <div className="server-lost" role="alert">
      <div>
        <Icon name="warning" size={36} />
        <h2>{t('stale.title')}</h2>
        <p>{t('stale.body', { age: span(t, silence) })}</p>
      </div>
    </div>
  )
}
