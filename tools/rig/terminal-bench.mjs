#!/usr/bin/env node
// The page's half of `./dev bench terminal`: loads it afresh a few times, signs in, and confirms by the key every alert that it is shown
// until standard input ends. Says {ready} once it is signed in, and the figures as the last line.
import { createInterface } from 'node:readline'
import { launchUnwatched, open, readArguments, signInOfficer } from './browser.mjs'

const given = readArguments(process.argv.slice(2), ['url', 'officer', 'pin-env', 'loads'])
const pin = process.env[given['pin-env'] ?? '']
const loads = Number(given.loads ?? 10)
if (!given.url || !given.officer || !pin) throw new Error('usage: node tools/rig/terminal-bench.mjs --url URL --officer ID --pin-env NAME [--loads N]')
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

/** From the address to the first screen with a button to press, milliseconds, with nothing cached. */
async function load(browser) {
  const context = await browser.createBrowserContext()
  try {
    const page = await context.newPage()
    await page.setViewport({ width: 1280, height: 800 })
    const began = performance.now()
    await page.goto(given.url, { waitUntil: 'commit' }).catch(() => page.goto(given.url))
    await page.waitForSelector('[data-officer]', { visible: true })
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    return performance.now() - began
  } finally {
    await context.close()
  }
}

let over = false
createInterface({ input: process.stdin }).on('close', () => (over = true))

const browser = await launchUnwatched()
try {
  const loadMs = []
  for (let n = 0; n < loads; n++) loadMs.push(await load(browser))
  const [page] = await browser.pages()
  await page.setViewport({ width: 1280, height: 800 })
  await open(page, given.url)
  await page.waitForSelector(`[data-officer="${given.officer}"]`)
  await signInOfficer(page, given.officer, pin)
  const cdp = await page.createCDPSession()
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage')
    const { metrics } = await cdp.send('Performance.getMetrics')
    const of = (name) => metrics.find((m) => m.name === name)?.value ?? 0
    return { heapBytes: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') }
  }
  await cdp.send('Performance.enable')
  const samples = [{ decisions: 0, ...(await heap()) }]
  say({ ready: true })
  let decisions = 0
  for (;;) {
    const id = await page.evaluate(() => document.querySelector('.card[data-ready=true] [data-action=confirm]:enabled') && document.querySelector('.card').dataset.alertId)
    if (id) {
      await page.keyboard.press('y')
      await page.waitForFunction((was) => document.querySelector('.card')?.dataset.alertId !== was, { timeout: 10_000, polling: 'raf' }, id)
      decisions++
      if (decisions % 100 === 0) samples.push({ decisions, ...(await heap()) })
    } else if (over) break
    else await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await new Promise((resolve) => setTimeout(resolve, 5000))
  samples.push({ decisions, ...(await heap()) })
  say({ loadMs, decisions, samples })
} finally {
  await browser.close()
}
