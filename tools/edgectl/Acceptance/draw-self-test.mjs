// Draws self-test.svg to self-test.jpg, the picture that every box must recognise. `node tools/edgectl/Acceptance/draw-self-test.mjs`
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.setContent(`<body style="margin:0">${readFileSync(join(here, 'self-test.svg'), 'utf8')}</body>`)
  await page.screenshot({ path: join(here, 'self-test.jpg'), type: 'jpeg', quality: 85 })
} finally {
  await browser.close()
}
