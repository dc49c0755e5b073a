#!/usr/bin/env node
// A wall of live views and what becomes of it, through the real console and the real terminal of the running bench: all cameras of the
// car for one reason, seen in the car with their end, one renewed, a moment kept and asked of the car, its clip redacted and exported,
// the rest ended by itself; then the officer and the dispatcher speak to each other, and the officer calls for help. Fails where any of
// it does not happen; its pictures are blurred, since no face is committed.
import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchWithMicrophone, open, signInOfficer } from './browser.mjs'
import { blurredPicture, endHelp, givenBy, pause, signInAtConsole, until } from './play.mjs'
import { camerasWithPeople, decideCard, readTruth } from './truth.mjs'

const given = givenBy('wall.mjs')
const minute = 60_000
const cameras = 7
const truth = readTruth(given.truth)
const people = camerasWithPeople(truth)
const figures = {}
const blurred = [...people.flatMap((id) => [`[data-camera="${id}"] video`, `[data-camera="${id}"] canvas`]), '.picture-person img', '.evidence-media', '.evidence-thumbnail', '.redaction-frame video']

async function take(page, name) {
  const jpeg = await blurredPicture(page, blurred, 80)
  writeFileSync(join(given.out, `${name}.jpg`), jpeg)
  process.stderr.write(`${name}.jpg: ${Math.round(jpeg.length / 1024)} KiB\n`)
}

/** Alerts come meanwhile, as on any shift: the officer decides them, so that the cameras are seen. A finger that holds a button does nothing else. */
const over = { is: false, holds: false, decides: false }
async function onDuty(terminal) {
  while (!over.is) {
    over.decides = !over.holds
    if (over.decides && (await terminal.locator('.card[data-ready=true]').count().catch(() => 0))) await decideCard(terminal, truth).catch(() => undefined)
    over.decides = false
    await pause(200)
  }
}

/** A button held down for as long as something takes. */
async function hold(page, button, work) {
  over.holds = true
  await until('the other finger is done', () => !over.decides, 90_000)
  try {
    await page.locator(button).hover()
    await page.mouse.down()
    await work()
    await page.mouse.up()
  } finally {
    over.holds = false
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
    // Done, or refused with words that say why.
    await tile.locator(`[data-done=${name}], .tile-ask .error-line`).first().waitFor()
    const refused = await tile.locator('.tile-ask .error-line').allTextContents()
    assert.deepEqual(refused, [], `${name} is refused`)
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
  figures.foundMs = await until('faces and plates were looked for', async () => (await page.locator('[data-redaction=ready]').count()) === 1, 600_000)
  figures.tracks = await page.locator('[data-track]').count()
  await page.waitForFunction("document.querySelector('.redaction video').readyState >= 2")
  const middle = Math.floor(Number(await page.getAttribute('[name=frame]', 'max')) / 2)
  await page.fill('[name=frame]', String(middle))
  if (figures.tracks > 0) await page.locator('.redaction-track').first().click()
  await pause(800)
  await take(page, 'redaction-zh')
  await page.click('[data-action=redact-render]')
  figures.renderedMs = await until('the copy is made', async () => (await page.locator('[data-redaction=done]').count()) === 1, 600_000)
  await page.click('[data-action=open-copy]')
  await page.waitForSelector('[data-opened] [data-action=export]')
  await page.fill('[name=act-reason]', '移送法制部门')
  const downloading = page.waitForEvent('download')
  await page.click('[data-action=export]')
  figures.packageBytes = statSync(await (await downloading).path()).size
}

/** The officer speaks and the dispatcher hears it; then the other way round. The microphones beep: what comes out is looked at as sound. */
async function voice(page, terminal) {
  const unit = await terminal.locator('.bar-unit b').textContent()
  const speak = (from, ms) =>
    hold(from, '[data-action=talk] >> nth=0', async () => {
      await from.waitForSelector('[data-action=talk][data-talk=talk]')
      await pause(ms)
    })
  const began = Date.now()
  const speaking = speak(terminal, 1500)
  await page.waitForSelector(`[data-hearing="${unit}"]`)
  figures.heardAtCentreMs = Date.now() - began
  await speaking
  await page.click('[data-action=voice-heard]')
  await page.waitForSelector(`[data-heard="${unit}"] [data-action=voice-answer]`)
  await page.click(`[data-heard="${unit}"] [data-action=voice-answer]`)
  await page.click('[data-action=voice-heard]')
  const answering = speak(page, 1500)
  await terminal.waitForSelector('[data-hearing]')
  await answering
  await terminal.click('[data-page=voice]')
  await terminal.waitForSelector('[data-heard] [data-action=again]')
  await take(terminal, 'terminal-voice-zh')
}

/** One second on the button: the centre hears of it above everything, takes it, sees all cameras and hears the car; and it ends. */
async function help(page, terminal) {
  let began = 0
  await hold(terminal, '[data-action=sos]', async () => {
    began = Date.now()
    await page.waitForSelector('[data-sos][data-taken=false]')
    figures.sosAtCentreMs = Date.now() - began
  })
  await terminal.waitForSelector('[data-sos=sent]')
  await page.waitForSelector('.voice-hearing.is-emergency')
  figures.sosHeardMs = Date.now() - began
  await page.click('[data-action=sos-take]')
  await until('the car is told that it is taken, and is heard', async () => {
    figures.sosSays = await terminal.locator('.sos-banner').textContent()
    return (await terminal.locator('[data-sos=taken][data-heard=true]').count()) === 1
  }, 60_000)
  figures.sosSeenMs = await until('the centre sees the cameras of who called', async () => (await page.locator('[data-tile] [data-live=live]').count()) >= cameras - 1, 40_000)
  await take(terminal, 'terminal-sos-zh')
  await take(page, 'sos-live-zh')
  await endHelp(page, terminal)
  await page.waitForSelector('.voice-hearing.is-emergency', { state: 'detached' })
}

const browser = await launchWithMicrophone()
try {
  const terminal = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true })
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, bypassCSP: true })
  for (const p of [terminal, page]) p.setDefaultTimeout(90_000)
  await open(terminal, given.terminal)
  await terminal.waitForSelector('.mosaic, [data-officer]')
  if (await terminal.locator('[data-officer]').count()) await signInOfficer(terminal, given.officer, given.pin)
  const deciding = onDuty(terminal)
  await signInAtConsole(page, given)
  await begin(page, terminal)
  // One that shows people too, where all do: its picture is blurred, and the redaction has something to find.
  const camera = await page.locator('[data-tile]').evaluateAll((tiles, who) => tiles.map((t) => t.dataset.camera).sort((a, b) => Number(who.includes(a)) - Number(who.includes(b)))[0], people)
  await keep(page, terminal, camera)
  await take(page, 'live-grid-zh')
  await take(terminal, 'terminal-watched-by-all-zh')
  figures.endedByThemselvesMs = await until('the others end by themselves', async () => (await page.locator('[data-over=true] >> text=时间到').count()) === cameras - 1, 2 * minute)
  await until('the car shows one view, the renewed one', async () => (await terminal.locator('[data-watched]').count()) === 1, 15_000)
  assert.equal(await terminal.locator('[data-watched]').getAttribute('data-watched'), camera)
  await voice(page, terminal)
  await evidence(page)
  await help(page, terminal)
  over.is = true
  await deciding
  console.log(JSON.stringify(figures))
} catch (error) {
  process.stderr.write(`${JSON.stringify(figures)}\n`)
  throw error
} finally {
  over.is = true
  await browser.close()
}
