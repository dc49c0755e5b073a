#!/usr/bin/env node
// An officer's whole shift through the real pages of the running bench, in Chinese by night, signed in by face and PIN, and again in
// English by day, by PIN alone: an alert confirmed and one rejected, a call from the dispatcher to the report with the link cut in the middle, the PTZ turned, a point
// ticked off, a hazard reported, help called, signing out. Touches are counted, axe-core looks at every page, the centre is seen to know
// all of it. One JSON line: what it took.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seriousFaults } from '../../tests/Browser/axe.mjs'
import { launchWithMicrophone, open, pageErrors, signInOfficer } from './browser.mjs'
import { signInByFace } from '../../tests/Browser/face-login.mjs'
import { holdLink } from './heldLink.mjs'
import { blurredPicture, endHelp, givenBy, pause, signInAtConsole, until } from './play.mjs'
import { camerasWithPeople, readTruth } from './truth.mjs'

const given = givenBy('shift.mjs', ['link-listen', 'link-to', 'rig', 'unit', 'sitter'])
const people = camerasWithPeople(readTruth(given.truth) ?? [])
const blurred = [...people.flatMap((id) => [`[data-camera="${id}"] :is(video, canvas, img)`, `.full[data-camera="${id}"] :is(video, canvas)`]), '.picture-person img', '[data-camera=cab] :is(canvas, video)']
const rig = async (path, method = 'POST') => {
  const answer = await fetch(`${given.rig}/${path}`, { method })
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  return method === 'GET' ? answer.json() : undefined
}

/** The dispatcher, by the console's own requests and buttons. */
class Centre {
  constructor(page) {
    this.page = page
  }

  signIn() {
    return signInAtConsole(this.page, given)
  }

  async post(path, body) {
    const [status, text] = await this.page.evaluate(async ([p, b]) => {
      const told = await fetch(p, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(b) })
      return [told.status, await told.text()]
    }, [path, body])
    assert.ok(status < 300, `${path}: ${status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  /** Taken down, then sent to the car by the dispatcher's own button. */
  async dispatch(title, at) {
    await this.post('/api/calls', { kind: 'public_order', urgent: true, title, details: '报警人称两人推搡，无伤。', address: '望江路 18 号', contact: '13800000000', ...at })
    await this.page.click('[data-tab=calls]')
    await this.page.click(`.calls-list [data-call]:has-text("${title}")`)
    await this.page.click(`[data-candidate="${given.unit}"] [data-action=dispatch]`)
    return this.page.getAttribute('[data-call-open]', 'data-call-open')
  }

  async callIs(number, state) {
    await this.page.click('[data-tab=calls]')
    await this.page.waitForSelector(`.calls-list [data-call="${number}"][data-state=${state}]`)
  }

  async close(number) {
    await this.page.click(`.calls-list [data-call="${number}"]`)
    await this.page.selectOption('[name=result]', 'handled')
    await this.page.fill('[name=remark]', '双方和解')
    await this.page.click('[data-action=close-call]')
    await this.page.waitForSelector(`.calls-list [data-call="${number}"]`, { state: 'detached' })
  }

  /** A plan whose one point is where the car stands. */
  plan(lang, { latitude, longitude }) {
    return this.post('/api/patrol/plans', {
      type: 'FeatureCollection',
      patrolPlan: { id: `drill-${lang}`, name: '演练班', units: [given.unit], utcOffsetMinutes: 480, hours: [{ from: '00:00', to: '12:00' }, { from: '12:00', to: '24:00' }] },
      features: [{ type: 'Feature', id: `gate-${lang}`, properties: { name: '第三小学门口', kind: 'point', toleranceMetres: 60, dwellSeconds: 10 }, geometry: { type: 'Point', coordinates: [longitude, latitude] } }],
    })
  }
}

/** The officer at the terminal: looks at each page and counts their touches. */
class Officer {
  constructor(page, lang, theme) {
    Object.assign(this, { page, lang, theme, touches: {}, faults: [] })
  }

  /** Every page once: what axe finds, and its picture. */
  async look(name) {
    if (!name.startsWith('alert')) await this.clear()
    await this.page.mouse.move(640, 4)
    await pause(400)
    this.faults.push(...(await seriousFaults(this.page)).map((f) => `${this.lang} ${name}: ${f}`))
    writeFileSync(join(given.out, `shift-${name}-${this.lang}.jpg`), await blurredPicture(this.page, blurred, 72))
    process.stderr.write(`${this.lang} ${name}\n`)
  }

  /** @returns what `work` gives; its touches are kept under `what`. */
  async counted(what, work) {
    const count = () => this.page.evaluate(() => globalThis.touches)
    const before = await count()
    const got = await work()
    this.touches[what] = (await count()) - before
    return got
  }

  /** @returns how it went by face; nothing: it was by PIN alone. */
  async signIn({ byFace }) {
    await open(this.page, given.terminal)
    await this.page.waitForSelector('[data-officer]')
    await this.look('sign-in')
    const said = byFace ? await this.signInByFace() : await signInOfficer(this.page, given.officer, given.pin)
    await this.page.evaluate(() => {
      globalThis.touches = 0
      document.addEventListener('click', () => globalThis.touches++, true)
    })
    return said
  }

  async signInByFace() {
    await this.page.waitForSelector('[data-action=face-login]')
    const said = await signInByFace(this.page, given.sitter, { pin: given.pin, attempts: 5 })
    assert.ok(said.signedIn, `nobody was signed in by face: ${JSON.stringify(said.attempts)}`)
    return said
  }

  /** The next card: both pictures are on the screen, then one touch, or two. */
  async decide(verdict) {
    const card = this.page.locator('.card[data-ready=true]')
    await card.waitFor({ timeout: 120_000 })
    const id = await card.getAttribute('data-alert-id')
    const shown = await card.locator('img').evaluateAll((all) => all.map((img) => img.complete && img.naturalWidth > 0))
    assert.ok(shown.length > 0 && shown.every(Boolean), 'the pictures are on the screen')
    await this.look(`alert-${verdict}`)
    const at = this.page.locator(`.card[data-alert-id="${id}"]`)
    await this.counted(verdict, async () => {
      if (verdict === 'confirm') return at.locator('[data-action=confirm]').click()
      await at.locator('[data-action=reject]').click()
      await at.locator(`[data-reason=${(await at.getAttribute('data-kind')) === 'face' ? 'not_same_person' : 'not_same_plate'}]`).click()
    })
    await at.waitFor({ state: 'detached' })
  }

  /** Alerts that come while something else is done are decided, and not counted as its touches. */
  async clear() {
    for (let card; (card = this.page.locator('.card')) && (await card.count()) > 0; ) {
      const before = await this.page.evaluate(() => globalThis.touches)
      await this.page.locator('.card[data-ready=true] [data-action=confirm]').click({ timeout: 20_000 }).catch(() => undefined)
      await pause(300)
      await this.page.evaluate((n) => void (globalThis.touches = n), before)
    }
  }

  /** Pressed when nothing covers it: an alert may come at any moment, comes first, and is decided first. */
  async press(selector, { hold = 0 } = {}) {
    const end = Date.now() + 60_000
    for (;;) {
      await this.clear()
      try {
        const at = this.page.locator(selector).first()
        if (hold === 0) return await at.click({ timeout: 4000 })
        await at.hover({ timeout: 4000 })
        await this.page.mouse.down()
        await pause(hold)
        return await this.page.mouse.up()
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  }

  async goTo(id) {
    await this.press(`.rail [data-page=${id}]`)
  }

  async sees(selector, withinMs = 60_000) {
    return until(`the terminal shows ${selector}`, async () => {
      await this.clear()
      return this.page.locator(selector).first().isVisible()
    }, withinMs)
  }
}

/** From sign-in to sign-out. What the officer does is seen at the centre before the next step. */
async function shift(officer, centre, link, figures) {
  const { lang } = officer
  await rig('gnss/stand')
  figures.signIn = (await officer.signIn({ byFace: lang === 'zh' })) ?? { by: 'pin' }
  await officer.sees('[data-chip=link][data-level=ok]')
  await officer.look('cameras')
  await officer.decide('confirm')
  await officer.decide('reject')

  // A point of today's plan, where the car stands.
  const { gnss } = await rig('status', 'GET')
  await centre.plan(lang, gnss)
  await officer.goTo('duty')
  await officer.sees(`[data-item=gate-${lang}]`)
  figures.pointDoneMs = await officer.sees(`[data-item=gate-${lang}][data-state=done]`, 90_000)
  await officer.look('duty')

  // A call: one touch acknowledges it, wherever the officer is.
  const place = { latitude: gnss.latitude + 0.002, longitude: gnss.longitude + 0.001 }
  const number = await centre.dispatch(lang === 'zh' ? '路口纠纷' : '路口纠纷（二）', place)
  await officer.sees('[data-call-banner]')
  await officer.look('call-banner')
  await officer.counted('acknowledge', () => officer.press('[data-call-banner] [data-action=acknowledge]'))
  await centre.callIs(number, 'acknowledged')
  await officer.goTo('calls')
  await officer.press('[data-next=en_route]:enabled')
  await centre.callIs(number, 'en_route')
  link.cut()
  await officer.sees('[data-chip=link]:not([data-level=ok])')
  await officer.press('[data-next=arrive]:enabled')
  await officer.press('[data-next=handle]:enabled')
  await officer.sees('[data-step=handle][data-sent=waiting]')
  await officer.look('call-without-link')
  await officer.press('[data-next=report]:enabled')
  await officer.press('[data-template=mediated]')
  await officer.look('call-report')
  await officer.press('[data-action=send-report]')
  await officer.sees('[data-call-state=reported]')

  // A hazard without a link: two touches and the picture, which the first takes.
  await officer.goTo('cameras')
  await officer.counted('hazard', async () => {
    await officer.press('[data-action=hazard]')
    await officer.press('[data-kind=road_damage]')
  })
  await officer.sees('[data-undo]')
  link.mend()
  figures.mendedMs = await officer.sees('[data-chip=link][data-level=ok]', 90_000)
  await centre.callIs(number, 'reported')
  await centre.page.click(`.calls-list [data-call="${number}"]`)
  await centre.page.locator('[data-story=report]').filter({ hasText: /调解|reconciled/ }).waitFor()
  await centre.close(number)
  await centre.page.click('[data-tab=hazards]')
  await centre.page.waitForSelector('[data-hazard]')
  await officer.goTo('calls')
  await officer.look('calls')

  // The PTZ turns while the key is held, and stops.
  const before = (await rig('status', 'GET')).ptz
  await officer.goTo('cameras')
  await officer.press('[data-camera=cam1]')
  await officer.sees('.ptz-left')
  await officer.press('.ptz-left', { hold: 900 })
  const panOf = async () => (await rig('status', 'GET')).ptz.pan
  let pan = before.pan
  await until('the PTZ stands', async () => {
    pan = await panOf()
    await pause(700)
    return pan === (await panOf())
  }, 8000)
  assert.ok(pan < before.pan, `the PTZ turned to the left: ${before.pan} to ${pan}`)
  await officer.look('ptz')
  await officer.page.keyboard.press('Escape')

  for (const page of ['map', 'records', 'service', 'voice']) {
    await officer.goTo(page)
    await officer.clear()
    await officer.look(page)
  }

  // Help: one touch that lasts a second; the centre takes it and ends it.
  await officer.clear()
  await officer.counted('sos', () => officer.press('.rail [data-action=sos]', { hold: 1500 }))
  await centre.page.click('[data-action=sos-take]')
  await officer.page.waitForSelector('[data-sos=taken]')
  await officer.look('sos')
  await endHelp(centre.page, officer.page)

  await officer.press('[data-action=sign-out]')
  await officer.page.waitForSelector('[data-officer]')
  figures.touches = officer.touches
}

const wanted = { confirm: 1, reject: 2, acknowledge: 1, hazard: 2, sos: 1 }
const link = await holdLink(Number(given['link-listen']), Number(given['link-to']))
const browser = await launchWithMicrophone()
try {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' })
  const centre = new Centre(await context.newPage())
  centre.page.setDefaultTimeout(60_000)
  await centre.signIn()
  const figures = {}
  for (const [lang, theme] of [['zh', 'night'], ['en', 'day']]) {
    const own = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN', bypassCSP: true })
    await own.addInitScript(([l, t]) => {
      localStorage.setItem('language', l)
      localStorage.setItem('theme', t)
    }, [lang, theme])
    const page = await own.newPage()
    page.setDefaultTimeout(60_000)
    const errors = pageErrors(page)
    const officer = new Officer(page, lang, theme)
    const began = Date.now()
    figures[lang] = {}
    await shift(officer, centre, link, figures[lang])
    figures[lang].seconds = Math.round((Date.now() - began) / 1000)
    assert.deepEqual(officer.touches, wanted, 'touches that each thing takes')
    assert.deepEqual(officer.faults, [], 'what axe-core finds')
    assert.deepEqual(errors.filter((e) => !/Failed to load resource|WebSocket/.test(e)), [], 'errors of the page')
    await own.close()
  }
  // What was decided arrived: both verdicts, signed.
  await centre.page.click('[data-tab=map]')
  for (const verdict of ['confirmed', 'rejected']) await centre.page.waitForSelector(`[data-verdict=${verdict}]`)
  console.log(JSON.stringify(figures))
} finally {
  await browser.close()
  await link.stop()
}
