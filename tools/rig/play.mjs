// What the scripts share that play officer and dispatcher through both pages of the running bench.
import { mkdirSync } from 'node:fs'
import { open, readArguments } from './browser.mjs'

const needed = ['terminal', 'console', 'officer', 'pin', 'user', 'password', 'truth', 'out']

/** The arguments that the bench gives, all of them needed; the folder of pictures is there. */
export function givenBy(script, more = []) {
  const names = [...needed, ...more]
  const given = readArguments(process.argv.slice(2), names)
  for (const name of names) if (!given[name]) throw new Error(`--${name} is missing. usage: node tools/rig/${script} ${names.map((n) => `--${n} …`).join(' ')}`)
  mkdirSync(given.out, { recursive: true })
  return given
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @returns how long it took, in ms */
export async function until(what, probe, withinMs = 60_000) {
  const began = Date.now()
  while (!(await probe())) {
    if (Date.now() - began > withinMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await pause(100)
  }
  return Date.now() - began
}

/** A picture in which nobody can be recognised. */
export const blurredPicture = (page, selectors, quality) =>
  page.screenshot({ style: `${selectors.join(', ')} { filter: blur(12px) !important }`, type: 'jpeg', quality })

export async function signInAtConsole(page, given) {
  await open(page, given.console)
  await page.fill('[name=user]', given.user)
  await page.fill('[name=password]', given.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-unit][data-online=true]')
}

/** Whoever took a call for help ends it, and the car's page shows it no more. */
export async function endHelp(page, terminal) {
  await page.click('[data-action=sos-close]')
  await page.fill('[name=result]', '演练，民警平安')
  await page.click('[data-action=sos-close-now]')
  await terminal.waitForSelector('.sos-banner', { state: 'detached' })
}
