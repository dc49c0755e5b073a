import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { loadSession, openStream, touched } from './desk.ts'
import { applyLanguage } from './shared/i18n.ts'
import './shared/tokens.css'
import './shared/base.css'
import './terminal.css'
import './shell/shell.css'
import './voice/voice.css'
import './sos/sos.css'
import './box/box.css'
import './calls/calls.css'
import './map/map.css'
import './login/login.css'
import { applyTheme } from './shared/theme.ts'
import { unlockSound } from './sound.ts'
import { followSos } from './sos/sos.ts'
import { startVoice } from './voice/voice.ts'

applyTheme()
applyLanguage()
openStream()
void loadSession()
startVoice()
followSos()
document.addEventListener('pointerdown', touched, { capture: true })
document.addEventListener('keydown', touched, { capture: true })
document.addEventListener('pointerdown', unlockSound, { capture: true })
document.addEventListener('keydown', unlockSound, { capture: true })

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
