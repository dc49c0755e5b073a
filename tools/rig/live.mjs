#!/usr/bin/env node
// A dispatcher at the console: signs in, opens a live view with a reason, and reads the clock in the picture that is shown.
// One JSON line a second: shown = [[unixMs, latencyMs], …] of every picture, arrived = latencies at the page's WebSocket by the
// stamp of the car, unreadable = pictures whose clock could not be read, live and level = what the view says of itself. The last line
// is a summary.
import { launchUnwatched, open, pageErrors, readArguments } from './browser.mjs'

const usage = 'usage: node tools/rig/live.mjs --console URL --user NAME --password-env NAME --unit ID --camera ID --quality sub|main --minutes N'
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const given = readArguments(process.argv.slice(2), ['console', 'user', 'password-env', 'unit', 'camera', 'quality', 'minutes'])
for (const name of ['console', 'user', 'password-env', 'unit', 'camera', 'quality', 'minutes']) if (!given[name]) throw new Error(usage)
const password = process.env[given['password-env']]
if (!password) throw new Error(`--password-env names an environment variable that holds the password; '${given['password-env']}' does not`)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (stopping = true))

/** Runs in the page before its own scripts: notes when each fragment reaches the page, by the car's own stamp on it. */
function tapSockets() {
  globalThis.benchArrived = []
  const Real = globalThis.WebSocket
  globalThis.WebSocket = class extends Real {
    constructor(url, protocols) {
      super(url, protocols)
      if (!/\/api\/live\/.+\/video/.test(String(url))) return
      this.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer) || data.byteLength < 10) return
        const view = new DataView(data)
        if (view.getUint8(0) > 0) globalThis.benchArrived.push(Date.now() - Number(view.getBigInt64(1, true)))
      })
    }
  }
}

/** Runs in the page: reads every picture that the video shows, by the strip of PictureClock. */
function readPictures() {
  const blocks = 32
  const stripShare = 8
  const period = 2 ** 24
  const perBlock = 5
  const canvas = new OffscreenCanvas(blocks * perBlock, 3)
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  globalThis.benchShown = []
  globalThis.benchUnreadable = 0

  const checksum = (time) => {
    let crc = 0x5a
    for (const shift of [16, 8, 0]) {
      crc ^= (time >> shift) & 0xff
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1
    }
    return crc
  }
  const read = (video) => {
    pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / stripShare, 0, 0, canvas.width, canvas.height)
    const { data } = pen.getImageData(0, 1, canvas.width, 1)
    let bits = 0n
    for (let i = 0; i < blocks; i++) {
      const green = data[(i * perBlock + 2) * 4 + 1]
      if (green > 90 && green < 165) return null
      bits = (bits << 1n) | (green > 127 ? 1n : 0n)
    }
    const time = Number(bits >> 8n)
    return checksum(time) === Number(bits & 0xffn) ? time : null
  }
  const watch = (video) =>
    video.requestVideoFrameCallback((now, frame) => {
      const time = read(video)
      // The picture drawn here is on the screen at this moment at the earliest; the browser says when it expects it to be.
      const at = Date.now() + Math.max(0, frame.expectedDisplayTime - performance.now())
      if (time === null) globalThis.benchUnreadable++
      else globalThis.benchShown.push([Math.round(at), Math.round((((at - time) % period) + period) % period)])
      watch(video)
    })
  const video = document.querySelector('.watching video')
  watch(video)
}

const take = () => {
  const taken = { shown: globalThis.benchShown, arrived: globalThis.benchArrived, unreadable: globalThis.benchUnreadable }
  globalThis.benchShown = []
  globalThis.benchArrived = []
  globalThis.benchUnreadable = 0
  return { ...taken, live: document.querySelector('.live')?.dataset.live ?? '', level: document.querySelector('.live')?.dataset.level ?? '' }
}

async function watch(page) {
  await page.waitForSelector('[name=user]')
  await page.type('[name=user]', given.user)
  await page.type('[name=password]', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector(`[data-unit="${given.unit}"][data-online=true]`)
  await page.click(`[data-unit="${given.unit}"]`)
  await page.click('[data-action=live-open]')
  await page.waitForSelector(`[name=camera] option[value="${given.camera}"]`)
  await page.select('[name=camera]', given.camera)
  await page.select('[name=quality]', given.quality)
  await page.click('[name=minutes]', { count: 3 })
  await page.type('[name=minutes]', given.minutes)
  await page.click('[data-quick=scene]')
  await page.click('[data-action=live-start]')
  await page.waitForSelector('[data-live=live]')
  await page.evaluate(readPictures)
  while (!stopping) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    say(await page.evaluate(take))
  }
  await page.click('[data-action=live-end]')
}

const summary = { errors: [] }
const browser = await launchUnwatched()
try {
  const [page] = await browser.pages()
  await page.setViewport({ width: 1280, height: 800 })
  page.setDefaultTimeout(60_000)
  const errors = pageErrors(page)
  await page.evaluateOnNewDocument(tapSockets)
  await open(page, given.console)
  await watch(page)
  summary.errors.push(...errors.filter((e) => !/401 /.test(e)))
} catch (error) {
  summary.errors.push(String(error.message).split('\n')[0])
  process.exitCode = 1
} finally {
  await browser.close()
}
say(summary)
