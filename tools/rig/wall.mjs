#!/usr/bin/env node
// A wall of live views and what becomes of it, through the real console and the real terminal of the running bench: all cameras of the
// car for one reason, seen in the car with their end, one renewed, a moment kept and asked of the car, its clip redacted and exported,
// the rest ended by itself. Fails where any of it does not happen; its pictures are blurred, since no face is committed.
import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, open, readArguments, signInOfficer } from './browser.mjs'
import { camerasWithPeople, decideCard, readTruth } from './truth.mjs'

const usage = 'usage: node tools/rig/wall.mjs --terminal URL --console URL --officer ID --pin PIN --user NAME --password WORDS --out DIR --truth FILE'
const names = ['terminal', 'console', 'officer', 'pin', 'user', 'password', 'out', 'truth']
const given = readArguments(process.argv.slice(2), names)
for (const name of names) if (!given[name]) throw new Error(`--${name} is missing. ${usage}`)
mkdirSync(given.out, { recursive: true })

const minute = 60_000
const cameras = 7
const truth = readTruth(given.truth)
const people = camerasWithPeople(truth)
const figures = {}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const blurred = [...people.flatMap((id) => [`[data-camera="${id}"] video`, `[data-camera="${id}"] canvas`]), '.picture-person img', '.evidence-media', '.evidence-thumbnail', '.redaction-frame video']

async function take(page, name) {
  const jpeg = await page.screenshot({ style: `${blurred.join(', ')} { filter: blur(12px) !important }`, type: 'jpeg', quality: 80 })
  writeFileSync(join(given.out, `${name}.jpg`), jpeg)
  process.stderr.write(`${name}.jpg: ${Math.round(jpeg.length / 1024)} KiB\n`)
}

async function until(what, probe, withinMs) {
  const began = Date.now()
  while (!(await probe())) {
    if (Date.now() - began > withinMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await pause(100)
  }
  return Date.now() - began
}

/** Alerts come meanwhile, as on any shift: the officer decides them, so that the cameras are seen. */
async function onDuty(terminal, over) {
  while (!over.is) {
    if (await terminal.locator('.card[data-ready=true]').count()) await decideCard(terminal, truth).catch(() => undefined)
    await pause(200)
  }
}

/** The wall stands, the car shows who watches until when, and each tile is live. */
async function begin(page, terminal) {
  await page.click('[data-tab=live]')
  await page.click('[data-action=wall-open]')
  await page.click('[data-quick=scene]')
  await page.fill('[name=minutes]', '1')
  await page.click('[data-action=wall-start]')
  await page.waitForSelector(`[data-tiles="${cameras}"]`)
  figures.shownInCarMs = await until('the car shows who watches', async () => (await terminal.locator('[data-watched]').count()) === cameras, 10_000)
  assert.match(await terminal.locator('[data-watched] >> nth=0').textContent(), /正在调看，至 \d\d:\d\d.*原因：核实现场情况/)
  figures.allLiveMs = await until('all tiles are live', async () => (await page.locator('[data-tile] [data-live=live]').count()) === cameras, 40_000)
}

/** One tile is renewed, a still is kept of it, and its moment is asked of the car, which shows that. */
async function keep(page, terminal, camera) {
  const tile = page.locator(`[data-tile][data-camera="${camera}"]`)
  const act = async (name, fill) => {
    await tile.locator(`[data-action=tile-${name}]`).click()
    await tile.locator('[name=reason]').fill('可疑车辆停在路口')
    await fill?.()
    await tile.locator('[data-action=tile-do]').click()
    await tile.locator(`[data-done=${name}]`).waitFor()
  }
  await act('renew', () => tile.locator('[name=minutes]').fill('5'))
  await until('the car shows the new reason', async () => /可疑车辆/.test(await terminal.locator(`[data-watched="${camera}"]`).textContent()), 10_000)
  await act('snapshot', () => tile.locator('[name=call]').fill('J-2026-0417'))
  await act('mark')
  figures.clipShownInCarMs = await until('the car shows that a clip was asked for', async () => (await terminal.locator(`[data-clip-asked="${camera}"]`).count()) === 1, 10_000)
}

/** The clip comes, is redacted by our own detectors, and leaves as a signed package. */
async function evidence(page) {
  await page.click('[data-tab=evidence]')
  figures.clipHereMs = await until('the clip is here', async () => {
    await page.click('[data-action=search-evidence]')
    await page.waitForTimeout(700)
    return (await page.locator('[data-kind=clip] >> text=已存入').count()) > 0
  }, 90_000)
  await page.locator('[data-kind=clip] .evidence-row').first().click()
  await page.click('[data-action=show-file]')
  await page.click('[data-action=custody]')
  await page.waitForSelector('[data-custody]')
  await pause(1500)
  await take(page, 'evidence-zh')
  await page.fill('[name=act-reason]', '移送法制部门')
  await page.click('[data-action=redact]')
  figures.foundMs = await until('faces and plates were looked for', async () => (await page.locator('[data-redaction=ready]').count()) === 1, 240_000)
  figures.tracks = await page.locator('[data-track]').count()
  await page.waitForFunction("document.querySelector('.redaction video').readyState >= 2")
  const middle = Math.floor(Number(await page.getAttribute('[name=frame]', 'max')) / 2)
  await page.fill('[name=frame]', String(middle))
  if (figures.tracks > 0) await page.locator('.redaction-track').first().click()
  await pause(800)
  await take(page, 'redaction-zh')
  await page.click('[data-action=redact-render]')
  figures.renderedMs = await until('the copy is made', async () => (await page.locator('[data-redaction=done]').count()) === 1, 240_000)
  await page.click('[data-action=open-copy]')
  await page.waitForSelector('[data-opened] [data-action=export]')
  await page.fill('[name=act-reason]', '移送法制部门')
  const downloading = page.waitForEvent('download')
  await page.click('[data-action=export]')
  figures.packageBytes = statSync(await (await downloading).path()).size
}

const browser = await launch()
const over = { is: false }
try {
  const terminal = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true })
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, bypassCSP: true })
  for (const p of [terminal, page]) p.setDefaultTimeout(30_000)
  await open(terminal, given.terminal)
  await terminal.waitForSelector('.mosaic, [data-officer]')
  if (await terminal.locator('[data-officer]').count()) await signInOfficer(terminal, given.officer, given.pin)
  const deciding = onDuty(terminal, over)
  await open(page, given.console)
  await page.fill('[name=user]', given.user)
  await page.fill('[name=password]', given.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-unit][data-online=true]')
  await begin(page, terminal)
  const camera = await page.locator('[data-tile]').evaluateAll((tiles, who) => tiles.map((t) => t.dataset.camera).find((c) => !who.includes(c)), people)
  await keep(page, terminal, camera)
  await take(page, 'live-grid-zh')
  await take(terminal, 'terminal-watched-by-all-zh')
  figures.endedByThemselvesMs = await until('the others end by themselves', async () => (await page.locator('[data-over=true] >> text=时间到').count()) === cameras - 1, 2 * minute)
  await until('the car shows one view, the renewed one', async () => (await terminal.locator('[data-watched]').count()) === 1, 15_000)
  assert.equal(await terminal.locator('[data-watched]').getAttribute('data-watched'), camera)
  await evidence(page)
  over.is = true
  await deciding
  console.log(JSON.stringify(figures))
} finally {
  over.is = true
  await browser.close()
}
