// What every suite needs: a browser for the file, a fresh page for the test, and its errors at the end.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { chromiumIsInstalled, launch, pageErrors, signInOfficer as signInThroughPage } from '../../tools/rig/browser.mjs'
import { ffmpegIsInstalled } from './media.mjs'
import { pin, roster } from './terminal-fixture.mjs'
import { login } from './console-fixture.mjs'

const missing = !chromiumIsInstalled() ? '/usr/bin/chromium is not installed' : !ffmpegIsInstalled() ? '/usr/bin/ffmpeg is not installed' : ''

// Most of a test is waiting for clocks on the page.
export const pagesAtOnce = 4

let browser
after(async () => (await browser)?.close())

/**
 * A test with a page of its own on `start()`'s server. Fails on any page error but a refused request, which Chromium
 * writes to the console whatever the page does about it; a break of the content security policy is such an error.
 */
export function pageTest(name, viewport, start, body) {
  test(name, { skip: missing || false, timeout: 120_000 }, async () => {
    browser ??= launch()
    const fixture = await start()
    const context = await (await browser).newContext({ viewport, locale: 'zh-CN' })
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    const errors = pageErrors(page)
    try {
      await body(page, fixture)
      assert.deepEqual(errors.filter((e) => !e.startsWith('Failed to load resource')), [])
    } finally {
      await context.close()
      await fixture.stop()
    }
  })
}

export const inCar = { width: 1280, height: 800 }
export const inControlRoom = { width: 1920, height: 1080 }

export async function signInOfficer(page, fixture, officer = roster[0]) {
  await page.goto(fixture.url)
  await signInThroughPage(page, officer.officerId, pin)
  await page.waitForSelector('.mosaic')
}

export async function signInDispatcher(page, fixture) {
  await page.goto(fixture.url)
  await page.fill('[name=user]', login.user)
  await page.fill('[name=password]', login.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-unit]')
}

/** Waits until `probe()` is true, or fails naming `what`. */
export async function until(what, probe, withinMs = 6000) {
  const end = Date.now() + withinMs
  while (!(await probe())) {
    if (Date.now() > end) assert.fail(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}
