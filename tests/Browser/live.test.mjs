import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startConsole } from './console-fixture.mjs'
import { fragmentedClip } from './media.mjs'
import { inControlRoom, pageTest, signInDispatcher, until } from './support.mjs'

let clip
const start = () => startConsole({ clip: (clip ??= fragmentedClip(20)) })
const wallTest = (name, body) => pageTest(name, inControlRoom, start, body)

async function openWall(page, fixture, count = 3) {
  await signInDispatcher(page, fixture)
  await askForAll(page, fixture, count)
}

async function askForAll(page, fixture, count) {
  const unit = fixture.units.find((u) => u.unitId === '京A-0731')
  unit.cameras = Array.from({ length: count }, (_, i) => ({ id: `cam${i + 1}`, labelZh: `摄像机 ${i + 1}`, labelEn: `Camera ${i + 1}`, ptz: i === 0 }))
  await new Promise((resolve) => setTimeout(resolve, 1200)) // units are told each second
  await page.click('[data-tab=live]')
  await page.click('[data-action=wall-open]')
  await page.selectOption('[name=unit]', '京A-0731')
  await page.click('[data-quick=scene]')
  await page.click('[data-action=wall-start]')
  await page.waitForSelector(`[data-tiles="${count}"]`)
}

describe('live page', { concurrency: 2 }, () => {
  wallTest('an empty wall says what to do; nine tiles play at once, each with its viewer, its age and the time that is left', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=live]')
    await page.waitForSelector('text=没有正在调看的画面')
    await askForAll(page, fixture, 9)
    await until('nine live pictures', async () => (await page.locator('[data-tile] [data-live=live]').count()) === 9, 20_000)
    assert.deepEqual(fixture.requests.filter((r) => r.path === '/api/live').map((r) => r.body), [{ unitId: '京A-0731', allCameras: true, reason: '核实现场情况', minutes: 15, quality: 'sub' }])
    const tiles = await page.locator('[data-tile]').evaluateAll((all) => all.map((tile) => ({ mark: tile.querySelector('.watermark').textContent, age: tile.querySelector('.live-stamp .tag')?.textContent, left: Number(tile.querySelector('[data-left]').dataset.left), box: tile.getBoundingClientRect().toJSON() })))
    for (const tile of tiles) {
      assert.match(tile.mark, /chenlei · 京A-0731/)
      assert.match(tile.age, /延迟 \d+\.\d 秒/)
      assert.ok(tile.left > 880 && tile.left <= 900)
      assert.ok(tile.box.width > 500 && tile.box.bottom <= 1080, JSON.stringify(tile.box))
    }
    assert.equal(await page.locator('[data-action=wall-open]').count(), 1)
    fixture.liveStatus = 409
    fixture.liveCode = 'too_many_live_views'
    await page.click('[data-action=wall-open]')
    await page.click('[data-quick=hit]')
    await page.click('[data-action=wall-start]')
    await page.waitForSelector('.wall-ask >> text=同时调看的画面已达上限')
  })

  wallTest('a tile without new pictures turns grey and says so while the others go on', async (page, fixture) => {
    await openWall(page, fixture)
    await until('all live', async () => (await page.locator('[data-tile] [data-live=live]').count()) === 3, 15_000)
    fixture.leases.get('lease-2').stop()
    await page.waitForSelector('[data-tile=lease-2] [data-live=stale]')
    assert.match(await page.getAttribute('[data-tile=lease-2] video', 'class'), /is-grey/)
    assert.match(await page.textContent('[data-tile=lease-2] .live-words'), /不是实时画面/)
    assert.equal(await page.locator('[data-live=live]').count(), 2)
  })

  wallTest('a view is renewed with a reason given anew, ends by itself with its reason, and is removed', async (page, fixture) => {
    await openWall(page, fixture)
    await page.waitForSelector('[data-tile=lease-1] [data-live=live]')
    fixture.leases.get('lease-1').endsAtUnixMs = Date.now() + 40_000
    fixture.tellLive()
    await page.waitForSelector('[data-tile=lease-1] .tile-left.is-warn')
    await page.click('[data-tile=lease-1] [data-action=tile-renew]')
    await page.click('[data-ask=renew] [data-action=tile-do]')
    await page.waitForSelector('[data-ask=renew] >> text=请填写原因')
    await page.fill('[data-ask=renew] [name=reason]', '嫌疑人仍在现场')
    await page.fill('[data-ask=renew] [name=minutes]', '30')
    await page.click('[data-ask=renew] [data-action=tile-do]')
    await page.waitForSelector('[data-tile=lease-1] [data-done=renew]')
    await until('the new end', async () => Number(await page.getAttribute('[data-tile=lease-1] [data-left]', 'data-left')) > 1700)
    assert.match(await page.textContent('[data-tile=lease-1] .tile-reason'), /嫌疑人仍在现场/)
    assert.deepEqual(fixture.requests.find((r) => r.path === '/api/live/lease-1/renew').body, { reason: '嫌疑人仍在现场', minutes: 30 })

    fixture.endLease('lease-1', 'time is up')
    await page.waitForSelector('[data-tile=lease-1][data-over=true] [data-live=ended]')
    assert.match(await page.textContent('[data-tile=lease-1] .tile-left'), /已结束：时间到/)
    assert.match(await page.getAttribute('[data-tile=lease-1] video', 'class'), /is-grey/)
    assert.equal(await page.locator('[data-tile=lease-1] [data-action=tile-snapshot]').count(), 0)
    await page.click('[data-tile=lease-1] [data-action=tile-remove]')
    await page.waitForSelector('[data-tiles="2"]')
    await page.click('[data-tile=lease-2] [data-action=tile-end]')
    await page.waitForSelector('[data-tile=lease-2][data-over=true] >> text=由您结束')
  })

  wallTest('a still is kept of the picture that was shown, a moment is asked of the car, each with a reason; nothing is saved to this machine', async (page, fixture) => {
    await openWall(page, fixture)
    await page.waitForSelector('[data-tile=lease-1] [data-live=live]')
    const downloads = []
    page.on('download', (d) => downloads.push(d))
    const pressed = Date.now()
    await page.click('[data-tile=lease-1] [data-action=tile-snapshot]')
    await page.click('[data-ask=snapshot] [data-quick=hit]')
    await page.fill('[data-ask=snapshot] [name=call]', 'J-0417')
    await new Promise((resolve) => setTimeout(resolve, 700))
    await page.click('[data-ask=snapshot] [data-action=tile-do]')
    await page.waitForSelector('[data-tile=lease-1] [data-done=snapshot] >> text=加密存入证据')
    await page.click('[data-tile=lease-1] [data-action=tile-mark]')
    await page.fill('[data-ask=mark] [name=reason]', '丢下一个包')
    await page.fill('[data-ask=mark] [name=before]', '15')
    await page.click('[data-ask=mark] [data-action=tile-do]')
    await page.waitForSelector('[data-tile=lease-1] [data-done=mark]')
    const [snapshot, mark] = fixture.kept
    assert.deepEqual({ leaseId: snapshot.leaseId, reason: snapshot.reason, callNumber: snapshot.callNumber }, { leaseId: 'lease-1', reason: '核实命中', callNumber: 'J-0417' })
    assert.ok(Math.abs(snapshot.capturedAtUnixMs - pressed) < 1500, `${snapshot.capturedAtUnixMs - pressed} ms`)
    assert.deepEqual(mark, { leaseId: 'lease-1', what: 'mark', reason: '丢下一个包', secondsBefore: 15, secondsAfter: 10 })
    assert.equal(downloads.length, 0)
  })

  wallTest('who steers is told to the others, a refusal says why, a supervisor takes over, places are offered', async (page, fixture) => {
    fixture.role = 'supervisor'
    await openWall(page, fixture)
    await page.waitForSelector('[data-tile=lease-1] [data-live=live]')
    const { socket } = fixture.leases.get('lease-1')
    socket.send(JSON.stringify({ mime: clip.mime, width: 640, height: 360, steerable: true, presets: [{ token: '1', name: 'Gate' }] }))
    fixture.hands = [{ unitId: '京A-0731', cameraId: 'cam1', leaseId: 'other', account: 'wang', freeAtUnixMs: Date.now() + 12_000 }]
    fixture.tellLive()
    await page.waitForSelector('[data-hand=wang]')
    assert.match(await page.textContent('[data-hand=wang]'), /wang 正在操控云台，1[0-3] 秒/)
    await page.click('[data-tile=lease-1] [data-action=tile-full]')
    await page.waitForSelector('.tile-head .ptz')
    fixture.ptzStatus = { status: 409, body: { code: 'steered_by_other', by: 'wang', freeInS: 12 } }
    await page.focus('.ptz')
    await page.keyboard.press('ArrowRight')
    await page.waitForSelector('.ptz >> text=他人正在操控云台')
    fixture.ptzStatus = undefined
    await page.click('[data-action=take-over]')
    await page.waitForSelector('[data-hand=chenlei] >> text=由您操控')
    await page.click('[data-preset="1"]')
    await until('the place is asked for', () => fixture.requests.some((r) => r.path === '/api/ptz' && r.body.preset === '1'))
    await page.click('[data-tile=lease-1] [data-action=tile-full]')
    await until('the wall again', async () => (await page.locator('[data-tile]:visible').count()) === 3)
  })

  wallTest('a supervisor sees all that is being watched and ends any of it; a dispatcher has no such list; a page loaded anew goes on with its own', async (page, fixture) => {
    fixture.role = 'supervisor'
    fixture.othersWatched = [{ leaseId: 'other-1', unitId: '京A-0744', cameraId: 'cam2', account: 'wang', reason: '增援前了解现场', quality: 'sub', startedAtUnixMs: Date.now(), endsAtUnixMs: Date.now() + 600_000, screens: 2 }]
    await openWall(page, fixture, 2)
    await page.waitForSelector('[data-watched=other-1]')
    assert.match(await page.textContent('[data-watched=other-1]'), /京A-0744 左前.*wang · 至 \d\d:\d\d · 2 个屏幕.*增援前了解现场/)
    assert.equal(await page.locator('[data-watched]').count(), 3)
    await page.click('[data-watched=other-1] [data-action=watched-end]')
    await page.waitForSelector('[data-watched=other-1]', { state: 'detached' })
    fixture.role = 'dispatcher'
    await page.reload()
    await page.waitForSelector('[data-unit]')
    await page.click('[data-tab=live]')
    await page.waitForSelector('[data-tiles="2"] [data-live=live]')
    assert.equal(await page.locator('.watched').count(), 0)
  })
})
