import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyLanguage } from '@shared/i18n.ts'
import '@shared/tokens.css'
import '@shared/base.css'
import './console.css'
import { App } from './App.tsx'
import { loadAccount } from './centre.ts'

applyLanguage()
void loadAccount()

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
