#!/usr/bin/env node
// Pictures of the terminal's pages and states, Chinese by night and English by day, out of the page tests' own shift: test patterns and
// drawn people only, so that nobody is in them.
// usage: node tests/Browser/terminal-pictures.mjs [FOLDER, docs/terminal by default]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'
import { busyHour, call, patrolItems, startCalls } from './calls-terminal-fixture.mjs'
import { ownHazards, withDuty } from './duty-fixture.mjs'
import { fragmentedClip, previewJpegs } from './media.mjs'
import { fullFields, withRecords } from './records-fixture.mjs'
import { inCar, signInOfficer } from './support.mjs'
import { faceAlert, plateAlert, startTerminal } from './terminal-fixture.mjs'

const out = process.argv[2] ?? 'docs/terminal'
mkdirSync(out, { recursive: true })
const media = { jpegs: previewJpegs(8), clip: fragmentedClip(20) }

/** A shift's fixture, what is done with it, and what is kept under which name. */
const shifts = [
  [() => startTerminal(media), async (page, fixture, keep) => {
    fixture.face = (socket) => {
      socket.say('look', { phase: 'asked', asked: 'turn_left', done: 1, of: 3, code: '' })
      socket.send(media.jpegs[0])
    }
    await page.goto(fixture.url)
    await page.waitForSelector('[data-action=face-login]')
    await keep('sign-in')
    await page.click('[data-action=face-login]')
    await page.waitForSelector('[data-arrow=turn_left]')
    await keep('sign-in-face')
    fixture.face = null
    await signInOfficer(page, fixture)
    await page.waitForSelector('[data-condition=live]')
    await keep('cameras')
    await page.click('[data-camera=cam1]')
    await page.waitForSelector('[data-live=live]')
    await keep('camera')
    await page.keyboard.press('Escape')
    Object.assign(fixture.state.cameras[2], { state: 'lost', detail: 'connection timed out' })
    fixture.state.link = { ...fixture.state.link, phase: 'down', sinceUnixMs: Date.now() - 140_000, rttMs: null, backlogEvents: 12, oldestUnackedMs: 133_000 }
    fixture.state.cameras[3].black = true
    await page.waitForSelector('[data-condition=black]')
    await keep('cameras-faults')
    await page.click('[data-action=help]')
    await page.waitForSelector('[data-problem=black]')
    await keep('help-faults')
    await page.click('[data-action=tour]')
    await page.waitForSelector('.tour-spot')
    await keep('tour')
    await page.click('[data-action=tour-leave]')
    const power = { ignitionOn: false, onBattery: true, supplyVolts: 11.4, batteryVolts: 11.4, batteryPercent: 41, fault: '' }
    const modem = { condition: 'connected', signalPercent: 67, technology: 'lte', operator: '中国移动', detail: '' }
    const box = { troubles: ['power_going', 'hot', 'disk_worn'], power, off: { leftMs: 41_200, reason: 'ignition_off', mayPostpone: true }, modem, heat: { celsius: 93.2, sensor: 'soc', share: 0.6 }, disk: { model: 'NVMe 512', isFailing: false, wearPercent: 91, celsius: 61, fault: '' } }
    fixture.state.areas = { ...fixture.state.areas, box }
    await page.waitForSelector('[data-power-off]')
    await keep('power-off')
    await page.click('[data-chip=stages]')
    await page.waitForSelector('.panel [data-section=box]')
    await page.locator('.panel [data-section=box]').scrollIntoViewIfNeeded()
    await keep('box')
    await page.keyboard.press('Escape')
    fixture.state.areas = { ...fixture.state.areas, box: null }
    await page.click('[data-page=voice]')
    fixture.voice.send(JSON.stringify({ begin: { talkId: '0199aaaa-0000-7000-8000-000000000001', channel: 'district:east', unitId: '京A-0745', speaker: '赵雨薇', emergency: false, beganAtUnixMs: Date.now() } }))
    await page.waitForSelector('[data-hearing]')
    await keep('voice')
    fixture.state.areas = { ...fixture.state.areas, sos: { id: 's', officerId: '041207', sinceUnixMs: Date.now() - 12_000, sent: true, takenBy: 'wang' } }
    await page.waitForSelector('[data-sos=taken]')
    await keep('sos')
    fixture.state.areas = { ...fixture.state.areas, sos: null }
    fixture.raise(plateAlert())
    fixture.raise(faceAlert())
    await page.waitForSelector('.card[data-ready=true]')
    await keep('alert')
  }],
  [() => startCalls(media), async (page, fixture, keep) => {
    await signInOfficer(page, fixture)
    fixture.arrive(call(1, { urgent: true }))
    await page.waitForSelector('[data-call-banner]')
    await keep('call-arrives')
    fixture.arrive(...busyHour().slice(1))
    await page.click('[data-page=calls]')
    await page.click(`[data-call-row="${call(2).id}"]`)
    await page.waitForSelector('[data-recording=here]')
    await keep('calls')
    await page.click('[data-more=hand_over]')
    await keep('call-hand-over')
    await page.click('[data-action=panel-back]')
    fixture.state.position = { ...fixture.state.position, speedMps: 0 }
    await page.click('[data-next=report]')
    await page.click('[data-template=mediated]')
    await keep('call-report')
    fixture.state.areas = { ...fixture.state.areas, duty: { routes: [], rings: [], items: patrolItems() } }
    await page.click('[data-page=map]')
    await page.waitForSelector('[data-map-item=p1]')
    await keep('map')
  }],
  [async () => withDuty(await startTerminal(media), { hazards: ownHazards() }), async (page, fixture, keep) => {
    fixture.state.position.speedMps = 0.3
    await signInOfficer(page, fixture)
    await page.click('[data-page=duty]')
    await page.waitForSelector('[data-progress]')
    await keep('duty')
    await page.click('.duty-now [data-action=hazard]')
    await page.waitForSelector('[data-shot=taken]')
    await keep('hazard')
  }],
  [async () => withRecords(await startTerminal(media)), async (page, fixture, keep) => {
    const record = fixture.addRecord({ fields: fullFields() })
    await signInOfficer(page, fixture)
    await page.click('[data-page=records]')
    await page.waitForSelector('[data-record]')
    await keep('records')
    await page.click(`[data-record="${record.id}"]`)
    for (const step of ['people', 'signatures', 'finish']) {
      await page.click(`[data-step=${step}]`)
      await page.waitForSelector(`[data-shown=${step}]`)
      await keep(`record-${step}`)
    }
    fixture.state.position.speedMps = 12
    await page.waitForSelector('[data-waits]')
    await keep('driving')
    fixture.state.position.speedMps = 0.2
    await page.click('[data-page=service]')
    for (const tab of ['found', 'guides']) {
      await page.click(`[data-service=${tab}]`)
      await keep(`service-${tab}`)
    }
  }],
]

const browser = await launch()
try {
  for (const [lang, theme] of [['zh', 'night'], ['en', 'day']])
    for (const [start, walk] of shifts) {
      const fixture = await start()
      const context = await browser.newContext({ viewport: inCar, locale: 'zh-CN' })
      try {
        const page = await context.newPage()
        page.setDefaultTimeout(60_000)
        await page.addInitScript(([l, t]) => {
          localStorage.setItem('language', l)
          localStorage.setItem('theme', t)
        }, [lang, theme])
        await walk(page, fixture, async (name) => {
          await page.waitForTimeout(700) // what slides or fades has come to rest
          await page.screenshot({ path: join(out, `${name}-${lang}.jpg`), type: 'jpeg', quality: 72 })
          process.stderr.write(`${name}-${lang}\n`)
        })
      } finally {
        await context.close()
        await fixture.stop()
      }
    }
} finally {
  await browser.close()
}
