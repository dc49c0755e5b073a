#!/usr/bin/env node
// A scripted officer: signs in on the real terminal page and decides every alert by its real buttons, by what the bench
// knows to be true. One JSON line a decision, a summary as the last line.
import { launchUnwatched, open, pageErrors, readArguments, signInOfficer } from './browser.mjs'
import { isTrueHit, readTruth } from './truth.mjs'

const usage = 'usage: node tools/rig/officer.mjs --url URL --officer ID --pin-env NAME --truth FILE --seconds S [--reject-every N] [--live CAMERA] [--assist-every S]'
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

function settings() {
  const given = readArguments(process.argv.slice(2), ['url', 'officer', 'pin-env', 'truth', 'seconds', 'reject-every', 'live', 'assist-every'])
  const pin = process.env[given['pin-env'] ?? '']
  const seconds = Number(given.seconds)
  if (!given.url || !given.officer || !given.truth || !(seconds > 0)) throw new Error(usage)
  if (!/^\d+$/.test(pin ?? '')) throw new Error(`--pin-env names an environment variable that holds the PIN, digits only; '${given['pin-env'] ?? ''}' does not`)
  return { ...given, pin, seconds, rejectEvery: Number(given['reject-every'] ?? 0), assistEvery: Number(given['assist-every'] ?? 0) * 1000 }
}

const summary = { decisions: 0, confirmed: 0, rejected: 0, assists: 0, compared: 0, liveFragments: 0, errors: [] }
let stopping = false

async function main() {
  const s = settings()
  const end = Date.now() + s.seconds * 1000
  const over = () => stopping || Date.now() > end
  const browser = await launchUnwatched()
  try {
    const [page] = await browser.pages()
    await page.setViewport({ width: 1280, height: 800 })
    page.setDefaultTimeout(15_000)
    const errors = pageErrors(page)
    await open(page, s.url)
    while (!over()) {
      await turn(page, s, over).catch((error) => {
        if (!stopping) summary.errors.push(String(error.message).split('\n')[0])
      })
    }
    if (s.live) summary.liveFragments = await page.evaluate(() => globalThis.benchFragments ?? 0)
    // Being told that nobody is signed in yet is how the page learns it; Chromium calls that an error.
    summary.errors.push(...errors.filter((e) => !/401 .*\/api\/session$/.test(e)))
  } finally {
    await browser.close()
  }
}

/** Waits a moment for something to do, and does it. */
async function turn(page, s, over) {
  const found = await page
    .waitForSelector('.card[data-ready=true] [data-action=confirm]:enabled, .sign-in [data-officer]', { timeout: 500, visible: true })
    .catch(() => null)
  if (!found) return s.assistEvery > 0 ? assist(page, s) : undefined
  if (await page.$('.sign-in')) {
    await page.waitForSelector(`[data-officer="${s.officer}"]`)
    await signInOfficer(page, s.officer, s.pin)
    if (s.live) await openLive(page, s.live)
    return
  }
  const card = await page.evaluate(() => ({ ...document.querySelector('.card')?.dataset }))
  if (card.alertId) await decide(page, s, { alertId: card.alertId, kind: card.kind, tone: card.tone, cameraId: card.cameraId, listedText: card.listedText, readText: card.readText }, over)
}

let assistedAt = -Infinity

/** One step of an Assist: opens it, gives a reason, points out whoever has not been compared; it ends by itself. An alert may cover the page at any moment, so nothing is waited for. */
async function assist(page, s) {
  const due = Date.now() - assistedAt > s.assistEvery
  const did = await page.evaluate((begin) => {
    const press = (what) => {
      const button = document.querySelector(`${what}:enabled`)
      button?.click()
      return button ? what : ''
    }
    if (document.querySelector('.card')) return ''
    if (document.querySelector('.assist-going')) return press('[data-view]:not([data-unlike=true])')
    if (!begin) return ''
    return document.querySelector('.assist') ? press('[data-assist=ill]') : press('[data-action=assist]')
  }, due)
  if (did === '[data-assist=ill]') {
    assistedAt = Date.now()
    summary.assists++
  } else if (did.startsWith('[data-view]')) summary.compared++
}

/** Holds a live view of the main stream open beside the page, as a second window would; nothing is decoded. */
async function openLive(page, camera) {
  await page.evaluate((id) => {
    globalThis.benchFragments = 0
    const open = () => {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/live/${id}?quality=main`)
      socket.binaryType = 'arraybuffer'
      socket.onmessage = () => globalThis.benchFragments++
      socket.onclose = () => setTimeout(open, 500)
    }
    open()
  }, camera)
}

async function decide(page, s, alert, over) {
  const truth = await waitForTruth(s.truth, over)
  if (!truth) return
  const inTruth = isTrueHit(truth, alert)
  const contrary = inTruth && s.rejectEvery > 0 && (summary.decisions + 1) % s.rejectEvery === 0
  const reason = contrary ? 'already_handled' : inTruth ? '' : alert.kind === 'face' ? 'not_same_person' : 'not_same_plate'
  const card = `.card[data-alert-id="${alert.alertId}"]`
  const press = async (button) => {
    await page.waitForSelector(`${card} ${button}:enabled`, { visible: true })
    await page.click(`${card} ${button}`)
  }
  if (reason) {
    await press('[data-action=reject]')
    await press(`[data-reason=${reason}]`)
  } else {
    await press('[data-action=confirm]')
  }
  await page.waitForSelector(card, { hidden: true })
  const verdict = reason ? 'rejected' : 'confirmed'
  summary.decisions++
  summary[verdict]++
  say({ verdict, reason, inTruth, ...alert })
}

async function waitForTruth(path, over) {
  for (;;) {
    const truth = readTruth(path)
    if (truth || over()) return truth
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (stopping = true))
try {
  await main()
} catch (error) {
  summary.errors.push(String(error.message))
  process.exitCode = 1
}
say(summary)
