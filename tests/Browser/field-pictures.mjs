// node tests/Browser/field-pictures.mjs DIR: pictures of the field pages in Chinese, over the invented shift of the page tests.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'
import { login, startConsole } from './console-fixture.mjs'
import { postsBecome, someOperation } from './field-fixture.mjs'

const [folder] = process.argv.slice(2)
if (!folder) {
  console.error('usage: node tests/Browser/field-pictures.mjs DIR')
  process.exit(64)
}
mkdirSync(folder, { recursive: true })
const browser = await launch()
const fixture = await startConsole()
fixture.role = 'supervisor'
const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' })).newPage()
// Until nothing is drawn any more: the map's first fit and the last answer.
const keep = async (name) => {
  await page.waitForSelector('.map-canvas[data-ready=true]')
  await page.waitForTimeout(3000)
  await page.screenshot({ path: join(folder, `${name}-zh.png`) })
  console.log(join(folder, `${name}-zh.png`))
}
try {
  await page.goto(fixture.url)
  await page.fill('[name=user]', login.user)
  await page.fill('[name=password]', login.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-unit]')
  await page.click('[data-tab=patrol]')
  await page.click('[data-item=gate] button')
  await keep('patrol')
  await page.click('[data-mode=visibility]')
  await page.waitForSelector('[name=beat] option[value="east-day/beat-1"]', { state: 'attached' })
  await page.selectOption('[name=beat]', 'east-day/beat-1')
  await page.waitForSelector('[data-cell]')
  await keep('visibility')
  fixture.field.operations = [someOperation()]
  postsBecome(fixture.field, fixture.broadcast, ['open', 'held', 'held', 'open'])
  await page.click('[data-tab=containment]')
  await page.waitForSelector('[data-post=p2][data-state=held]')
  await keep('containment')
} finally {
  await browser.close()
  await fixture.stop()
}
