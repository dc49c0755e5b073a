// Power, modem, heat and disk at the terminal and at the console: said in words, with what to do, and one tap that keeps the box on.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startConsole } from './console-fixture.mjs'
import { inCar, inControlRoom, pageTest, signInDispatcher, signInOfficer, until } from './support.mjs'
import { startTerminal } from './terminal-fixture.mjs'

const terminalTest = (name, body) => pageTest(name, inCar, () => startTerminal({}), body)
const consoleTest = (name, body) => pageTest(name, inControlRoom, () => startConsole({}), body)

const nothing = { troubles: [], power: null, off: null, modem: null, heat: null, disk: null }
const tell = (fixture, box) => {
  fixture.state.areas = { ...fixture.state.areas, box: { ...nothing, ...box } }
}

describe('vehicle and box', { concurrency: 2 }, () => {
  terminalTest('a box that is going counts down over every page, signed in or not, and one tap keeps it on', async (page, fixture) => {
    tell(fixture, { troubles: ['power_going'], off: { leftMs: 41_200, reason: 'ignition_off', mayPostpone: true } })
    await page.goto(fixture.url)
    await page.waitForSelector('[data-power-off=ignition_off] >> text=42 秒后自动关机')
    assert.match(await page.textContent('[data-chip=stages]'), /即将关机/)
    await page.click('[data-action=postpone-off]')
    await page.waitForSelector('[data-power-off]', { state: 'detached' })
    assert.equal(fixture.requests.filter((r) => r.path === '/api/power/postpone' && r.method === 'POST').length, 1)
    await signInOfficer(page, fixture)
    tell(fixture, { troubles: ['power_going', 'low_voltage'], off: { leftMs: 20_000, reason: 'low_voltage', mayPostpone: false } })
    await page.waitForSelector('[data-power-off=low_voltage] >> text=发动车辆即可取消')
    assert.equal(await page.locator('[data-action=postpone-off]').count(), 0)
  })

  terminalTest('each trouble has its words and what to do, in both languages', async (page, fixture) => {
    await signInOfficer(page, fixture)
    const all = ['low_voltage', 'hot', 'disk_failing', 'disk_worn', 'no_sim', 'sim_locked', 'modem_failed', 'clock_jumped']
    tell(fixture, { troubles: [...all, 'no_network', 'from_a_newer_host'] })
    await page.click('[data-action=help]')
    await page.waitForSelector('[data-problem=clock_jumped]')
    for (const id of all) assert.match(await page.textContent(`[data-problem=${id}]`), /[\u4e00-\u9fff]。/, id)
    // The link stands, so a modem without a network is nobody's concern.
    assert.equal(await page.locator('[data-problem=no_network]').count(), 0)
    await page.click('[data-action=language]')
    for (const id of all) assert.doesNotMatch(await page.textContent(`[data-problem=${id}]`), /[\u4e00-\u9fff]/, id)
  })

  terminalTest('the status panel says how vehicle and box are, and what is not fitted', async (page, fixture) => {
    await signInOfficer(page, fixture)
    tell(fixture, {
      power: { ignitionOn: true, onBattery: false, supplyVolts: 13.84, batteryVolts: 13.6, batteryPercent: 97, fault: '' },
      modem: { condition: 'connected', signalPercent: 67, technology: 'lte', operator: '中国移动', detail: '' },
      heat: { celsius: 93.2, sensor: 'soc', share: 0.6 },
    })
    await page.click('[data-chip=stages]')
    const words = await page.textContent('.panel [data-section=box]')
    for (const part of [/点火开/, /车辆供电 · 13.8 伏 · 97%/, /已连接 · 中国移动 · lte · 67%/, /93°C · soc · 分析 60% 的画面/, /磁盘寿命未装/]) assert.match(words, part)
  })

  consoleTest('the car that needs somebody says so in its row, and how it is when it is looked at', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.waitForSelector('[data-troubles="京A-0744"] >> text=电压过低')
    assert.equal(await page.locator('[data-troubles]').count(), 1)
    assert.equal(await page.locator('[data-health]').count(), 0)
    await page.click('[data-unit="京A-0744"]')
    const words = await page.textContent('[data-health="京A-0744"]')
    for (const part of [/已熄火/, /电池供电/, /11.4 伏/, /中国移动 lte 62%/, /93°C/, /分析 60% 的画面/, /磁盘已用 12%/, /前上报/]) assert.match(words, part)
    fixture.units.find((u) => u.unitId === '京A-0744').health = null
    await until('its words are gone', async () => (await page.locator('[data-troubles]').count()) === 0)
  })
})
