// Push to talk and calls for help: the pages by themselves, and the console against the real centre with a car that speaks the contract.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { launchWithMicrophone, pageErrors } from '../../tools/rig/browser.mjs'
import { services } from '../EdgeAgent.Tests/contract-js/contract.mjs'
import { centreIsBuilt, enrolCar, password, startCentre } from './real-centre.mjs'
import { inCar, inControlRoom, pageTest, signInOfficer, until } from './support.mjs'
import { startTerminal } from './terminal-fixture.mjs'

const terminalTest = (name, body) => pageTest(name, inCar, () => startTerminal({}), body)
const talkOf = (change = {}) => ({ talkId: '0199aaaa-0000-7000-8000-000000000001', channel: 'district:east', unitId: '京A-0745', speaker: '赵雨薇', emergency: false, beganAtUnixMs: Date.now(), ...change })

describe('voice and SOS at the terminal', { concurrency: 2 }, () => {
  terminalTest('who speaks is shown on every page and can be heard again; who calls for help stands out', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await until('voice is connected', () => fixture.voice?.open)
    fixture.voice.send(JSON.stringify({ begin: talkOf() }))
    await page.waitForSelector('[data-hearing] >> text=京A-0745')
    fixture.voice.send(JSON.stringify({ begin: talkOf({ talkId: '0199aaaa-0000-7000-8000-000000000002', unitId: '京A-0788', emergency: true }) }))
    await page.waitForSelector('.hearing.is-emergency >> text=京A-0788')
    for (const n of [1, 2]) fixture.voice.send(JSON.stringify({ over: { talkId: `0199aaaa-0000-7000-8000-00000000000${n}`, code: '' } }))
    await page.waitForSelector('[data-hearing]', { state: 'detached' })
    await page.click('[data-page=voice]')
    assert.equal(await page.locator('[data-heard]').count(), 2)
    await page.click('[data-heard] >> nth=1 >> [data-action=again]')
  })

  terminalTest('a channel that is busy says in whose words; another car is chosen by one touch', async (page, fixture) => {
    fixture.state.areas = { fleet: [{ unitId: '京A-0745', label: '二号车' }] }
    await signInOfficer(page, fixture)
    await page.click('[data-page=voice]')
    await page.click('[data-channel="unit:京A-0745"]')
    assert.equal(await page.getAttribute('[data-channel="unit:京A-0745"]', 'aria-checked'), 'true')
    // No microphone here: the page says so, and where there is one it says why nobody hears.
    await page.locator('.talk.is-large').dispatchEvent('pointerdown', { pointerId: 1 })
    await page.waitForSelector('[data-refused]')
    assert.ok(['no_microphone', 'no_link'].includes(await page.getAttribute('[data-refused]', 'data-refused')))
  })

  terminalTest('SOS: a touch does nothing, a second calls, before anybody is signed in too; it is taken back by two touches', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.waitForSelector('[data-officer]')
    const sos = page.locator('[data-action=sos]')
    await sos.click()
    await page.waitForTimeout(1300)
    assert.equal(fixture.requests.filter((r) => r.path === '/api/sos').length, 0)
    await sos.hover()
    await page.mouse.down()
    await page.waitForSelector('[data-sos=waits]')
    await page.mouse.up()
    assert.equal(fixture.requests.filter((r) => r.path === '/api/sos').length, 1)
    assert.equal(await page.locator('[data-action=sos-end]').count(), 0, 'nobody is signed in who could take it back')
    await signInThroughFixture(page)
    fixture.state.areas.sos = { ...fixture.state.areas.sos, sent: true }
    await page.waitForSelector('[data-sos=sent]')
    fixture.state.areas.sos = { ...fixture.state.areas.sos, takenBy: 'wang' }
    await page.waitForSelector('[data-sos=taken] >> text=wang 已接应')
    await page.click('[data-action=sos-end]')
    await page.click('[data-action=sos-end-now]')
    await page.waitForSelector('.sos-banner', { state: 'detached' })
  })
})

async function signInThroughFixture(page) {
  const { signInOfficer: through } = await import('../../tools/rig/browser.mjs')
  const { pin, roster } = await import('./terminal-fixture.mjs')
  await through(page, roster[0].officerId, pin)
}

test('a dispatcher speaks to a car and hears its answer, as sound, through the real centre', { skip: !centreIsBuilt() && 'the centre is not built', timeout: 60_000 }, async () => {
  const centre = await startCentre({ accounts: [['wang', 'dispatcher']] })
  const browser = await launchWithMicrophone()
  let car, talk
  try {
    car = await enrolCar(centre, 'PB-1', 'Beat 1', 'east')
    car.connect()
    const client = new services.Voice(centre.grpc, car.credentials)
    talk = client.Talk()
    talk.on('error', () => undefined)
    const heard = []
    talk.on('data', (word) => heard.push(word))
    const page = await browser.newPage({ viewport: inControlRoom, locale: 'zh-CN' })
    const errors = pageErrors(page)
    await page.goto(centre.http)
    await page.fill('[name=user]', 'wang')
    await page.fill('[name=password]', password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-unit="PB-1"][data-online=true]')
    await page.selectOption('[name=voice-channel]', 'unit:PB-1')
    await page.locator('[data-action=talk]').hover()
    await page.mouse.down()
    await page.waitForSelector('[data-action=talk][data-talk=talk]')
    await until('a second of words has come to the car', () => heard.filter((w) => w.frame).length > 50, 10_000)
    await page.mouse.up()
    await until('the car hears the end', () => heard.some((w) => w.over), 5000)
    assert.equal(heard.find((w) => w.begin).begin.speaker, 'wang')
    const frames = heard.filter((w) => w.frame).map((w) => w.frame.opus)
    assert.ok(frames.every((f) => f.length > 0 && f.length <= 400))
    assert.ok((await loudness(page, frames)) > 0.01, 'what came out of the car is sound')

    // The car answers with the same words.
    const id = Buffer.from('0199aaaa000070008000000000000009', 'hex')
    talk.write({ ask: { talk_id: id, channel: 'unit:PB-1', officer_id: '010001', speaker: '李警官' } })
    await until('the car may speak', () => heard.some((w) => w.answer && w.answer.code === ''), 5000)
    for (const [at, opus] of frames.entries()) {
      talk.write({ frame: { talk_id: id, sequence: at + 1, opus } })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await page.waitForSelector('[data-hearing="PB-1"] >> text=李警官')
    talk.write({ over: { talk_id: id } })
    await page.click('[data-action=voice-heard]')
    await page.waitForSelector('[data-heard="PB-1"] [data-action=voice-answer]')
    assert.deepEqual(errors.filter((e) => !e.startsWith('Failed to load resource')), [])
  } finally {
    talk?.cancel()
    car?.close()
    await browser.close()
    await centre.stop()
  }
})

/** How loud these packets are once decoded, root mean square. */
function loudness(page, frames) {
  return page.evaluate(async (packets) => {
    let [sum, count] = [0, 0]
    const decoder = new AudioDecoder({
      output: (heard) => {
        const samples = new Float32Array(heard.numberOfFrames)
        heard.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
        for (const s of samples) sum += s * s
        count += samples.length
        heard.close()
      },
      error: () => undefined,
    })
    decoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1 })
    packets.forEach((data, at) => decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: at * 20_000, data: Uint8Array.from(data) })))
    await decoder.flush()
    return Math.sqrt(sum / count)
  }, frames.map((f) => [...f]))
}
