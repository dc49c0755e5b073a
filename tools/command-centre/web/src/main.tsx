import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyLanguage } from '@shared/i18n.ts'
import '@shared/tokens.css'
import '@shared/base.css'
import './console.css'
import { App } from './App.tsx'
import { loadAccount, touched } from './centre.ts'
import { followVoice } from './voice/voice.ts'

applyLanguage()
followVoice()
void loadAccount()
for (const act of ['pointerdown', 'keydown'] as const) window.addEventListener(act, touched, { passive: true })

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
