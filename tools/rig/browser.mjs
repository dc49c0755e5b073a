// Debian's Chromium under playwright-core, the same way for the tests, the scripted officer and the screenshots.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

export const chromiumIsInstalled = () => existsSync(executablePath)

/** A headless Chromium with a fresh profile. Root needs --no-sandbox; WebGL runs in software. */
export function launch() {
  return chromium.launch({
    executablePath,
    headless: true,
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
  })
}

/** Text of every console error and uncaught exception of `page`, as they come. */
export function pageErrors(page) {
  const errors = []
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url ?? ''}`.trim())
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
