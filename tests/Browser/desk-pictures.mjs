// node tests/Browser/desk-pictures.mjs DIR: pictures of calls for help, hazards, instructions and the hand-over, over the page tests' shift.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'
import { startConsole } from './console-fixture.mjs'
import { sosOf } from './desk-fixture.mjs'
import { inControlRoom, signInDispatcher } from './support.mjs'

const [folder = 'docs/centre'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await launch()
const fixture = await startConsole()
try {
  const page = await (await browser.newContext({ viewport: inControlRoom, locale: 'zh-CN' })).newPage()
  const keep = (name) => page.screenshot({ path: join(folder, `${name}.png`) })
  await signInDispatcher(page, fixture)
  await page.waitForSelector('[data-mark="h-1"]')
  await page.click('[data-action=counts]')
  fixture.tell('sos', [sosOf('京A-0731')])
  await page.waitForSelector('[data-car-marker="京A-0731"] em:not(:empty)')
  await page.waitForSelector('[data-sos]')
  await keep('sos-zh')
  fixture.tell('sos', [])
  for (const [tab, choose, shown, name] of [
    ['hazards', '[data-hazard="h-1"]', '.hazard-pictures img', 'hazards-zh'],
    ['instructions', '[data-to=public_order]', '[data-instruction]', 'instructions-zh'],
    ['shifts', '[data-shift="s-1"]', '[data-sheet]', 'hand-over-zh'],
  ]) {
    await page.click(`[data-tab=${tab}]`)
    await page.click(choose)
    await page.waitForSelector(shown)
    await keep(name)
  }
} finally {
  await fixture.stop()
  await browser.close()
}
