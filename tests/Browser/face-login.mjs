#!/usr/bin/env node
// A login by face on the real terminal page, with `chaos sitter` before the cab camera: what the page asks for is told to whoever sits
// there. As a program: one JSON line of what happened; exit code 0 when somebody is signed in by face.
import { fileURLToPath } from 'node:url'
import { launch, open, pageErrors, readArguments } from '../../tools/rig/browser.mjs'

const usage = 'usage: node tests/Browser/face-login.mjs --url TERMINAL --sitter CONTROL --pin-env NAME [--attempts 3] [--picture FILE] [--sign-out]'
const lookEveryMs = 60

/**
 * Presses the page's face login until an officer is recognised, at most so many times, and gives the PIN where the page asks for it.
 * @param {string} sitterControlUrl of `chaos sitter`
 * @returns {Promise<{ signedIn: boolean, pinAsked: boolean, officer: string, attempts: { code: string, asked: string[], seconds: number }[] }>}
 */
export async function signInByFace(page, sitterControlUrl, { pin, attempts = 3, begun = async () => {} }) {
  const report = { signedIn: false, pinAsked: false, officer: '', attempts: [] }
  while (report.attempts.length < attempts && !report.attempts.some((a) => a.code === '')) {
    const attempt = await tryOnce(page, sitterControlUrl, begun)
    report.attempts.push(attempt)
    if (attempt.locked) break
  }
  if (report.attempts.at(-1).code !== '') return report
  const recognised = await page.waitForSelector('.pin h2, .mosaic, .desk')
  report.pinAsked = await recognised.evaluate((e) => e.matches('.pin h2'))
  if (report.pinAsked) {
    report.officer = (await recognised.textContent()).trim()
    for (const digit of pin) await page.click(`[data-digit="${digit}"]`)
    await page.click('[data-action=sign-in]')
  }
  await page.waitForSelector('.mosaic, .desk', { timeout: 20_000 })
  return { ...report, signedIn: true }
}

/** One attempt: reads the page as the officer does, until it says how it ended. */
async function tryOnce(page, sitter, begun) {
  const began = Date.now()
  const asked = []
  let told = 'none'
  await page.click('[data-action=face-login]')
  await page.waitForSelector('.face-login, [data-face-result]')
  for (;;) {
    const seen = await page.evaluate(() => ({
      asked: document.querySelector('.face-login [data-arrow]')?.dataset.arrow ?? 'none',
      result: document.querySelector('[data-face-result]')?.dataset.faceResult ?? '',
      isIn: document.querySelector('.mosaic, .desk') !== null,
    }))
    if (seen.asked !== told) {
      told = seen.asked
      if (told !== 'none') asked.push(told)
      await tell(sitter, `asked/${told}`)
      if (told !== 'none') await begun(told)
    }
    if (seen.result || seen.isIn) {
      await tell(sitter, 'asked/none')
      const code = seen.isIn || seen.result === 'ok' ? '' : seen.result
      const locked = code === 'face_locked'
      return { code, asked, seconds: (Date.now() - began) / 1000, ...(locked && { locked }) }
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

async function tell(sitter, what) {
  const answer = await fetch(`${sitter}/${what}`, { method: 'POST' })
  if (!answer.ok) throw new Error(`the sitter answers ${answer.status} to ${what}`)
}

async function main() {
  const given = readArguments(process.argv.slice(2), ['url', 'sitter', 'pin-env', 'attempts', 'picture', 'sign-out'])
  const pin = process.env[given['pin-env'] ?? '']
  if (!given.url || !given.sitter || !/^\d+$/.test(pin ?? '')) throw new Error(usage)
  const browser = await launch()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(30_000)
    const errors = pageErrors(page)
    await open(page, given.url)
    await page.waitForSelector('[data-action=face-login]', { timeout: 60_000 })
    const begun = async () => given.picture && page.screenshot({ path: given.picture })
    const report = await signInByFace(page, given.sitter, { pin, attempts: Number(given.attempts ?? 3), begun })
    if (report.signedIn && given['sign-out']) {
      await page.evaluate(() => document.querySelector('[data-action=tour-no]')?.click())
      await page.click('[data-action=sign-out]')
      await page.waitForSelector('.sign-in')
    }
    report.pageErrors = errors.filter((e) => !e.startsWith('Failed to load resource'))
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (!report.signedIn || report.pageErrors.length > 0) process.exitCode = 1
  } finally {
    await browser.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
