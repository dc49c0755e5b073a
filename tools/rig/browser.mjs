// Debian's Chromium, the same way for the tests and the screenshots (playwright-core) and the scripted officer (puppeteer-core).
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'

const executablePath = '/usr/bin/chromium'

export const chromiumIsInstalled = () => existsSync(executablePath)

const options = {
  executablePath,
  headless: true,
  // Whoever starts it decides what a signal means.
  handleSIGINT: false,
  handleSIGTERM: false,
  handleSIGHUP: false,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-unsafe-swiftshader',
    '--autoplay-policy=no-user-gesture-required',
  ],
}

/** A headless Chromium with a fresh profile. Root needs --no-sandbox; WebGL runs in software. */
export const launch = () => chromium.launch(options)

/** The same with a microphone that beeps, which every page may use. */
export const launchWithMicrophone = () =>
  chromium.launch({ ...options, args: [...options.args, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] })

/**
 * The same, driven without a copy of every byte that the page receives: Playwright has each WebSocket frame sent to itself, which
 * on the bench took half a core from what is measured.
 */
export const launchUnwatched = () => puppeteer.launch({ ...options, networkEnabled: false, pipe: true })

/** Signs an officer in through the page, by its own buttons. */
export async function signInOfficer(page, officerId, pin) {
  await page.click(`[data-officer="${officerId}"]`)
  for (const digit of pin) await page.click(`[data-digit="${digit}"]`)
  await page.click('[data-action=sign-in]')
  await page.waitForSelector('.mosaic, .desk')
  // Offered once on a new profile; not what anybody came for here.
  await page.evaluate(() => document.querySelector('[data-action=tour-no]')?.click())
}

/** Opens `url`, trying again while nothing answers there. */
export async function open(page, url, withinMs = 60_000) {
  const end = Date.now() + withinMs
  for (;;) {
    try {
      const answer = await page.goto(url, { timeout: 10_000 })
      // Unwatched, it is not told what was answered.
      if (!answer || answer.ok()) return
      throw new Error(`${url} answers ${answer.status()}`)
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** Text of every console error and uncaught exception of `page`, as they come. */
export function pageErrors(page) {
  const errors = []
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location()?.url ?? ''}`.trim())
  })
  return errors
}

/** `--name value` and bare `--name` arguments; anything else is refused by name. */
export function readArguments(argv, known) {
  const values = {}
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].startsWith('--') ? argv[i].slice(2) : ''
    if (!known.includes(name)) throw new Error(`unknown argument: ${argv[i]} (known: ${known.map((k) => `--${k}`).join(' ')})`)
    values[name] = i + 1 < argv.length && !argv[i + 1].startsWith('--') ? argv[++i] : 'true'
  }
  return values
}
