#!/usr/bin/env node
// Pictures of both pages for the documentation, taken from the running bench. People are blurred: no face is committed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, open, readArguments, signInOfficer } from './browser.mjs'
import { camerasWithPeople, decideCard, readTruth } from './truth.mjs'

const usage =
  'usage: node tools/rig/screenshots.mjs --terminal URL --console URL --officer ID --pin PIN --user NAME --password WORDS --out DIR [--truth FILE] [--blur cam5,cam6]'
const mostBytes = 400_000
const alertWithinMs = 90_000

const given = readArguments(process.argv.slice(2), ['terminal', 'console', 'officer', 'pin', 'user', 'password', 'truth', 'out', 'blur'])
for (const name of ['terminal', 'console', 'officer', 'pin', 'user', 'password', 'out']) if (!given[name]) throw new Error(`--${name} is missing. ${usage}`)
mkdirSync(given.out, { recursive: true })

const truth = readTruth(given.truth)
const people = [...(given.blur?.split(',') ?? []), ...(truth ? camerasWithPeople(truth) : [])]
const cells = truth || given.blur ? people.map((id) => `[data-camera="${id}"] canvas`) : ['.preview canvas']
const blurred = ['.picture-person img', '.assist-faces img', ...cells]

/** Pages full of camera pictures become JPEG, as good as fits; the others PNG. A name keeps its kind, since documents link to it. */
const photographic = /-(main|watched|instruction)/

async function take(page, name) {
  const style = `${blurred.join(', ')} { filter: blur(14px) !important }`
  if (!photographic.test(name)) return keep(`${name}.png`, await page.screenshot({ style }))
  for (let quality = 88; ; quality -= 8) {
    const jpeg = await page.screenshot({ style, type: 'jpeg', quality })
    if (jpeg.length <= mostBytes || quality < 40) return keep(`${name}.jpg`, jpeg)
  }
}

function keep(file, bytes) {
  writeFileSync(join(given.out, file), bytes)
  process.stderr.write(`${file}: ${Math.round(bytes.length / 1024)} KiB\n`)
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A picture of the cameras with no alert before them, and no word of the last one. */
async function takeMosaic(page, name) {
  for (let tries = 0; tries < 60; tries++) {
    if (await page.locator('.card[data-ready=true]').count()) await decideCard(page, truth)
    else if (await page.locator('.notice button').count()) await page.locator('.notice button').first().click({ timeout: 1000 }).catch(() => undefined)
    else if ((await page.locator('.desk').count()) === 0) {
      await take(page, name)
      // An alert may have come while the picture was taken.
      if ((await page.locator('.desk').count()) === 0) return
    }
    await pause(100)
  }
  throw new Error('alerts came without a pause: no picture of the mosaic could be taken')
}

const language = async (page, wanted) => {
  if ((await page.evaluate(() => document.documentElement.lang.slice(0, 2))) !== wanted) await page.click('[data-action=language]')
}
const theme = async (page, wanted) => {
  if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== wanted) await page.click('[data-action=theme]')
}

async function terminalPictures(browser) {
  // The style that blurs people is not the page's own, which its security policy would not let in.
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true })
  page.setDefaultTimeout(20_000)
  await open(page, given.terminal)
  await page.waitForSelector('[data-officer]')
  await pause(1200)
  await take(page, 'terminal-sign-in')
  await signInOfficer(page, given.officer, given.pin)
  await page.waitForFunction(() => document.querySelectorAll('[data-condition=live]').length >= 7, undefined, { timeout: 60_000 })
  for (const [look, lang] of [['night', 'zh'], ['night', 'en'], ['day', 'zh'], ['day', 'en']]) {
    while (await page.locator('.card').count()) await decideCard(page, truth)
    await theme(page, look)
    await language(page, lang)
    await takeMosaic(page, `terminal-main-${look}-${lang}`)
  }
  await theme(page, 'night')
  await language(page, 'zh')
  await plateCard(page)
  await overCameras(page, 'look-up', '.look-up', 'terminal-look-up-zh', async () => {
    for (const key of '京A12') await page.click(`[data-key="${key}"]`)
  })
  await overCameras(page, 'assist', '.assist', 'terminal-assist-zh', async () => {
    if (await page.locator('[data-assist=ill]').count()) await page.click('[data-assist=ill]')
    await page.waitForSelector('[data-view]', { timeout: 20_000 })
    await pause(500)
  })
  await page.click('[data-action=assist]')
  await page.click('[data-action=end-assist]').catch(() => undefined)
  await page.click('[data-action=close-assist]')
  return page
}

/** A picture of what a button opens over the cameras. Alerts cover it: they are decided, and it is tried again. */
async function overCameras(page, button, screen, name, prepare) {
  for (let tries = 0; tries < 20; tries++) {
    try {
      while (await page.locator('.card').count()) await decideCard(page, truth)
      if ((await page.locator(screen).count()) === 0) await page.click(`[data-action=${button}]`, { timeout: 2000 })
      await prepare()
      if (await page.locator('.card').count()) continue
      await take(page, name)
      if (await page.locator('.card').count()) continue
      return await page.click(`[data-action=close-${button}]`, { timeout: 2000 })
    } catch {
      await pause(200)
    }
  }
  throw new Error(`${name}: alerts came without a pause`)
}

async function plateCard(page) {
  const end = Date.now() + alertWithinMs
  while (Date.now() < end) {
    const kind = await page.getAttribute('.card', 'data-kind', { timeout: 1000 }).catch(() => null)
    if (kind === 'plate') {
      await page.waitForSelector('.card[data-ready=true]')
      await take(page, 'terminal-alert-plate-zh')
      await language(page, 'en')
      await take(page, 'terminal-alert-plate-en')
      await language(page, 'zh')
      return decideCard(page, truth)
    }
    if (kind) await decideCard(page, truth)
  }
  throw new Error(`no plate alert within ${alertWithinMs / 1000} s`)
}

async function consolePictures(browser, terminal) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, bypassCSP: true })
  page.setDefaultTimeout(30_000)
  await open(page, given.console)
  await page.fill('[name=user]', given.user)
  await page.fill('[name=password]', given.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-car-marker][data-current=true]')
  await page.waitForSelector('[data-incident]')
  await page.click('[data-unit][data-online=true]')
  await page.click('[data-action=live-open]')
  const cameras = await page.locator('[name=camera] option').evaluateAll((options) => options.map((o) => o.value))
  const watched = truth || given.blur ? cameras.find((c) => !people.includes(c)) : undefined
  if (!watched) blurred.push('.live video')
  await page.selectOption('[name=camera]', watched ?? cameras[0])
  await page.click('[data-quick=scene]')
  await page.click('[data-action=live-start]')
  await page.waitForSelector('[data-live=live]')
  await pause(2500)
  for (const lang of ['zh', 'en']) {
    await language(page, lang)
    await pause(400)
    await take(page, `console-main-${lang}`)
  }
  if (terminal) await takeMosaic(terminal, 'terminal-watched-zh')
  await page.click('[data-action=live-end]')
  if (terminal) await instruction(page, terminal)
}

/** The dispatcher says something; it stands over the cameras until the officer has read it. */
async function instruction(page, terminal) {
  const unit = await page.getAttribute('[data-unit][data-online=true]', 'data-unit')
  const said = { unitIds: [unit], text: '望江隧道北口追尾，请先到场疏导，消防五分钟后到。', urgent: true }
  const status = await page.evaluate(
    async (body) => (await fetch('/api/instructions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).status,
    said,
  )
  if (status !== 200) throw new Error(`the centre answered ${status} to an instruction`)
  for (let tries = 0; (await terminal.locator('.instruction').count()) === 0; tries++) {
    if (tries === 200) throw new Error('the instruction did not come to the terminal')
    if (await terminal.locator('.card[data-ready=true]').count()) await decideCard(terminal, truth)
    await pause(100)
  }
  await take(terminal, 'terminal-instruction-zh')
  await terminal.locator('.instruction button').click()
  await terminal.locator('.instruction').waitFor({ state: 'detached' })
}

const browser = await launch()
try {
  const terminal = await terminalPictures(browser)
  await consolePictures(browser, terminal)
} finally {
  await browser.close()
}
