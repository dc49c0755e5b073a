import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { loadSession, openStream } from './desk.ts'
import { applyLanguage } from './shared/i18n.ts'
import './shared/tokens.css'
import './shared/base.css'
import './terminal.css'
import { applyTheme } from './shared/theme.ts'
import { unlockSound } from './sound.ts'

applyTheme()
applyLanguage()
openStream()
void loadSession()
document.addEventListener('pointerdown', unlockSound, { capture: true })
document.addEventListener('keydown', unlockSound, { capture: true })

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
