#!/usr/bin/env node
// Pictures of the live wall, evidence and redaction for the documentation, out of the page tests' own centre: test patterns and drawn
// people only, so that nobody is in them. `./dev wall` takes the same screens from the whole running chain.
// usage: node tests/Browser/pictures.mjs [FOLDER, docs/centre by default]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'
import { startConsole } from './console-fixture.mjs'
import { fragmentedClip } from './media.mjs'
import { inControlRoom, signInDispatcher, until } from './support.mjs'

const out = process.argv[2] ?? 'docs/centre'
mkdirSync(out, { recursive: true })
const fixture = await startConsole({ clip: fragmentedClip(120) })
fixture.role = 'supervisor'
fixture.units[0].cameras = Array.from({ length: 9 }, (_, i) => ({ id: `cam${i + 1}`, labelZh: `摄像机 ${i + 1}`, labelEn: `Camera ${i + 1}`, ptz: i === 0 }))
const browser = await launch()
const take = (page, name) => page.screenshot({ path: join(out, `${name}.jpg`), type: 'jpeg', quality: 80 })
try {
  const page = await (await browser.newContext({ viewport: inControlRoom, locale: 'zh-CN' })).newPage()
  page.setDefaultTimeout(60_000)
  await signInDispatcher(page, fixture)
  // A car that needs somebody, as its row says it and as it is when it is looked at.
  await page.click('[data-unit="京A-0744"]')
  await page.waitForSelector('[data-health="京A-0744"]')
  for (const lang of ['zh', 'en']) {
    await page.waitForTimeout(700)
    await take(page, `unit-health-${lang}`)
    await page.click('[data-action=language]')
  }
  // Nobody is followed any more: the wall takes the first car.
  await page.click('[data-unit="京A-0744"]')
  await page.click('[data-tab=live]')
  await page.click('[data-action=wall-open]')
  await page.locator('[name=camera] option >> text=9').first().waitFor({ state: 'attached' })
  await page.click('[data-quick=scene]')
  await page.click('[data-action=wall-start]')
  await page.locator('[data-tile] [data-live=live] >> nth=8').waitFor()
  fixture.leases.get('lease-5').stop()
  fixture.hands = [{ unitId: '京A-0731', cameraId: 'cam1', leaseId: 'x', account: 'wang', freeAtUnixMs: Date.now() + 14_000 }]
  fixture.endLease('lease-9', 'privacy_place')
  await page.waitForSelector('[data-tile=lease-5] [data-live=stale]')
  await page.click('[data-tile=lease-4] [data-action=tile-mark]')
  await take(page, 'live-grid-zh')
  await page.click('[data-tab=evidence]')
  await page.click('[data-action=search-evidence]')
  await page.click('[data-evidence="0191-a001"] [data-action=thumbnail]')
  await page.click('[data-evidence="0191-a001"] .evidence-row')
  await page.click('[data-action=show-file]')
  await page.click('[data-action=custody]')
  await page.waitForSelector('[data-custody]')
  await until('a picture in the player', () => page.locator('[data-opened] video').evaluate((video) => video.readyState >= 2))
  await take(page, 'evidence-zh')
  await page.fill('[name=act-reason]', '移送法制部门')
  await page.click('[data-action=redact]')
  await page.click('[data-track=face-1] .redaction-track')
  await page.click('[data-track=plate-2] [data-action=keep]')
  await until('a picture in the player', () => page.locator('.redaction video').evaluate((video) => video.readyState >= 2))
  await take(page, 'redaction-zh')
} finally {
  await browser.close()
  await fixture.stop()
}
