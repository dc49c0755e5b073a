import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { faceIncident, login, plateIncident, startConsole } from './console-fixture.mjs'
import { fragmentedClip } from './media.mjs'
import { inControlRoom, pageTest, signInDispatcher, until } from './support.mjs'

let clip
const start = () => startConsole({ clip: (clip ??= fragmentedClip(20)) })
const consoleTest = (name, body) => pageTest(name, inControlRoom, start, body)

async function startLive(page) {
  await page.click('[data-unit="京A-0731"]')
  await page.click('[data-action=live-open]')
  await page.click('[data-quick=scene]')
  await page.click('[data-action=live-start]')
  await page.waitForSelector('[data-lease]')
}

describe('console page', { concurrency: 2 }, () => {
  consoleTest('wrong words do not open it, right ones do, and signing out closes it', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.fill('[name=user]', login.user)
    await page.fill('[name=password]', 'wrong')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=用户名或密码不正确')
    await page.fill('[name=password]', login.password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-unit]')
    await page.click('[data-action=sign-out]')
    await page.waitForSelector('[name=user]')
  })

  consoleTest('the cars stand in the list and on the map, greyed when what is known of them is old', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.waitForSelector('[data-car-marker="京A-0731"][data-current=true]')
    await page.waitForSelector('[data-car-marker="京A-0752"][data-current=false]')
    assert.equal(await page.locator('[data-car-marker]').count(), 3)
    assert.match(await page.textContent('[data-car-marker="京A-0752"]'), /位置已过时 25 分钟/)
    assert.match(await page.textContent('[data-unit="京A-0752"]'), /离线 25 分钟/)
    assert.match(await page.textContent('[data-unit="京A-0760"]'), /没有位置/)
    const turned = await page.evaluate(() => document.querySelector('[data-car-marker="京A-0731"] svg').style.transform)
    assert.equal(turned, 'rotate(74deg)')
  })

  consoleTest('a click on a car follows it', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.waitForSelector('[data-car-marker="京A-0744"]')
    await page.click('[data-unit="京A-0744"]')
    const centred = async () => {
      const [map, car] = await Promise.all(['.map-canvas', '[data-car-marker="京A-0744"] svg'].map((s) => page.locator(s).boundingBox()))
      return Math.abs(map.x + map.width / 2 - car.x - 20) < 30 && Math.abs(map.y + map.height / 2 - car.y - 20) < 40
    }
    await until('the car in the middle', centred)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    assert.ok(await centred(), 'still in the middle after it has driven on')
  })

  consoleTest('a decided hit arrives with its pictures, verdict, officer and signature, and opens with all of it', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    const [plate, face] = [plateIncident({ contradictions: ['rival_reading'] }), faceIncident()]
    fixture.report(plate)
    fixture.report(face)
    await page.waitForSelector(`[data-incident="${face.eventId}"]`)
    assert.equal(await page.getAttribute('[data-incident] >> nth=0', 'data-incident'), face.eventId)
    assert.equal(await page.locator(`[data-incident="${face.eventId}"] img`).count(), 2)
    assert.equal(await page.locator('[data-signature=false]').count(), 1)
    assert.match(await page.textContent('[data-verdict=rejected]'), /已否定: 不是同一号牌/)
    await page.click(`[data-incident="${plate.eventId}"]`)
    const drawer = await page.textContent('[data-drawer]')
    for (const words of ['已确认', '签名有效', '041207', '正前', '39.90890° N', '市公安局刑侦支队', '刑侦布控〔2026〕118 号', '另一种读法', plate.eventId]) assert.ok(drawer.includes(words), words)
    await page.waitForSelector('.hit-pin')
    await page.keyboard.press('Escape')
    await page.waitForSelector('[data-drawer]', { state: 'detached' })
  })

  consoleTest('a hit whose details the car no longer held is shown without them', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    const bare = plateIncident({ kind: '', listedText: '', category: 'unspecified', verdict: 'rejected', reason: 'other', plate: null, seenUrl: null, latitude: null, longitude: null, authority: '', cameraId: '' })
    fixture.report(bare)
    await page.click(`[data-incident="${bare.eventId}"]`)
    assert.match(await page.textContent('[data-drawer]'), /照片未上传或已按期删除/)
  })

  consoleTest('the clip of a confirmed hit is told of, comes, plays, jumps, and can be kept', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    const hit = plateIncident({ listedText: '京B55555' })
    fixture.report(hit)
    await page.click(`[data-incident="${hit.eventId}"]`)
    await page.waitForSelector('[data-clip=expected] >> text=车辆尚未上报录像片段')
    const told = { cameraId: 'cam1', fromUnixMs: hit.capturedAtUnixMs - 5000, toUnixMs: hit.capturedAtUnixMs + 5000, reason: '' }
    fixture.clips.set(hit.eventId, { ...told, state: 'coming', sizeBytes: null, url: null })
    await page.waitForSelector('[data-clip=coming] >> text=正在上传')
    fixture.clips.set(hit.eventId, { ...told, state: 'here', sizeBytes: fixture.video.length, url: `/api/incidents/${hit.eventId}/clip.mp4` })
    await page.waitForSelector('[data-clip=here] video')
    assert.match(await page.textContent('.clip-foot'), /10 秒/)
    const video = (body) => page.evaluate(`(() => { const v = document.querySelector('.clip video'); ${body} })()`)
    await until('the first picture is there', () => video('return v.readyState >= 2'))
    await video('v.play()')
    await until('it plays', () => video('return v.currentTime > 0.3'))
    await video('v.currentTime = 8')
    await until('it plays on from there', () => video('return v.currentTime > 8.2 && !v.error'))
    assert.ok(fixture.requests.some((r) => r.path.endsWith('/clip.mp4') && r.range?.startsWith('bytes=')))
    assert.match(await page.getAttribute('[data-action=keep-clip]', 'href'), /clip\.mp4\?keep$/)
  })

  consoleTest('a clip that will not come says why, in both languages, and a rejected hit has none', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    const hit = plateIncident({ listedText: '京B66666' })
    fixture.clips.set(hit.eventId, { state: 'none', cameraId: 'cam1', fromUnixMs: 0, toUnixMs: 0, reason: 'car_restarted', sizeBytes: null, url: null })
    fixture.report(hit)
    await page.click(`[data-incident="${hit.eventId}"]`)
    await page.waitForSelector('[data-clip=none] >> text=没有录像片段：车载程序在此期间重新启动')
    await page.click('[data-action=language]')
    await page.waitForSelector('[data-clip=none] >> text=No clip: the car')
    const rejected = plateIncident({ listedText: '京B77777', verdict: 'rejected', reason: 'not_same_vehicle' })
    fixture.report(rejected)
    await page.click(`[data-incident="${rejected.eventId}"]`)
    await page.waitForSelector(`[data-drawer="${rejected.eventId}"]`)
    assert.equal(await page.locator('[data-clip]').count(), 0)
  })

  consoleTest('a live view needs a reason, plays with its viewer written over it, counts down, and ends by hand', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-unit="京A-0731"]')
    await page.click('[data-action=live-open]')
    await page.click('[data-action=live-start]')
    await page.waitForSelector('text=请填写原因')
    assert.equal(fixture.leases.size, 0)
    await page.selectOption('[name=camera]', 'cam3')
    await page.fill('[name=reason]', '核实事故现场')
    await page.fill('[name=minutes]', '5')
    await page.click('[data-action=live-start]')
    await page.waitForSelector('[data-live=live]')
    const { unitId, cameraId, reason, minutes } = fixture.leases.get('lease-1')
    assert.deepEqual({ unitId, cameraId, reason, minutes }, { unitId: '京A-0731', cameraId: 'cam3', reason: '核实事故现场', minutes: 5 })
    const time = () => page.evaluate(() => document.querySelector('video').currentTime)
    const first = await time()
    await until('time goes on', async () => (await time()) > first + 0.5)
    assert.match(await page.textContent('.watermark'), /chenlei · 京A-0731/)
    assert.match(await page.textContent('[data-left]'), /剩余 (5:00|4:[0-5]\d)/)
    await page.click('[data-action=live-end]')
    await page.waitForSelector('[data-live=ended]')
    assert.match(await page.textContent('[data-left]'), /由您结束/)
    assert.ok(fixture.requests.some((r) => r.method === 'DELETE' && r.path === '/api/live/lease-1'))
  })

  consoleTest('a live view without fragments is grey within seconds, and a refused one says why', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await startLive(page)
    await page.waitForSelector('[data-live=live]')
    fixture.leases.get('lease-1').stop()
    await page.waitForSelector('[data-live=stale]')
    assert.match(await page.getAttribute('video', 'class'), /is-grey/)
    await page.click('[data-action=live-end]')
    await page.click('[data-action=live-close]')
    fixture.liveStatus = 409
    await page.click('[data-action=live-open]')
    await page.click('[data-quick=hit]')
    await page.click('[data-action=live-start]')
    await page.waitForSelector('.live-form >> text=该车不在线')
  })

  consoleTest('a narrow link is told beside the age of the picture, and told no longer once it is wide', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await startLive(page)
    await page.waitForSelector('[data-live=live]')
    const { socket } = fixture.leases.get('lease-1')
    socket.send(JSON.stringify({ level: 'keys', linkKbitS: 240 }))
    await page.waitForSelector('[data-level=keys] >> text=链路很窄（240 kbit/s）：只传关键帧')
    // The sub-stream is what was asked for: nothing is missing.
    socket.send(JSON.stringify({ level: 'sub', linkKbitS: 600 }))
    await page.waitForSelector('[data-level=sub]')
    assert.equal(await page.locator('.live-stamp .tag-warn').count(), 0)
  })

  consoleTest('the PTZ of a watched camera moves under the lease; a fixed camera has none', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await startLive(page)
    const moves = () => fixture.requests.filter((r) => r.path === '/api/ptz').map((r) => r.body)
    await page.focus('.ptz')
    await page.keyboard.down('ArrowRight')
    await until('a move', () => moves().length > 0)
    await page.keyboard.up('ArrowRight')
    await until('a stop', () => moves().at(-1).pan === 0)
    assert.ok(moves()[0].pan > 0 && moves().every((m) => m.leaseId === 'lease-1'))
    await page.click('[data-action=live-end]')
    await page.waitForSelector('.ptz', { state: 'detached' })
    await page.click('[data-action=live-close]')
    await page.click('[data-action=live-open]')
    await page.selectOption('[name=camera]', 'cam2')
    await page.click('[data-quick=scene]')
    await page.click('[data-action=live-start]')
    await page.waitForSelector('[data-lease=lease-2]')
    assert.equal(await page.locator('.ptz').count(), 0)
  })

  consoleTest('the lists tab tells valid, ending, ended and revoked lists apart; a live view goes on behind it', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await startLive(page)
    await page.click('[data-tab=lists]')
    const states = await page.locator('[data-list]').evaluateAll((rows) => rows.map((r) => r.dataset.state))
    assert.deepEqual(states, ['valid', 'soon', 'expired', 'revoked'])
    await page.click('[data-tab=map]')
    await page.waitForSelector('[data-lease=lease-1] [data-live=live]')
  })

  consoleTest('a view that the car ends in a privacy place says so in both languages', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await startLive(page)
    await page.waitForSelector('[data-live=live]')
    fixture.leases.get('lease-1').socket.send(JSON.stringify({ ended: true, reason: 'privacy_place' }))
    await page.waitForSelector('[data-live=ended]')
    assert.match(await page.textContent('[data-left]'), /隐私区域，画面不离开车辆/)
    await page.click('[data-action=language]')
    assert.match(await page.textContent('[data-left]'), /privacy place: no picture leaves it/)
  })

  consoleTest('entries are searched by keyboard for a purpose; nothing, too much and a refusal are said; a dispatcher has no such thing', async (page, fixture) => {
    fixture.role = 'supervisor'
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=lists]')
    const searches = () => fixture.requests.filter((r) => r.path.endsWith('/entries'))
    await page.focus('[name=search]')
    await page.keyboard.type('京A')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.entries >> text=请填写用途')
    await page.keyboard.press('Tab')
    await page.keyboard.type('案件 17')
    await page.fill('[name=search]', '京')
    await page.press('[name=search]', 'Enter')
    await page.waitForSelector('.entries >> text=请输入至少 2 个字')
    assert.equal(searches().length, 0)
    await page.fill('[name=search]', '京A')
    await page.press('[name=purpose]', 'Enter')
    await page.waitForSelector('[data-entry=BD-0588]')
    assert.deepEqual(searches()[0].body, { search: '京A', purpose: '案件 17' })
    assert.equal(searches()[0].path, '/api/lists/plates-stolen/entries')
    await page.waitForSelector('.entries >> text=还有更多条目')
    assert.deepEqual(await page.locator('[name=list] option').allTextContents(), ['被盗车辆布控', '走失人员'])
    await page.fill('[name=search]', '沪Z')
    await page.click('[data-action=search-entries]')
    await page.waitForSelector('.entries >> text=没有符合的条目')
    fixture.entriesStatus = { status: 429, body: { code: 'too_many_readings', retryAfterS: 240 } }
    await page.click('[data-action=search-entries]')
    await page.waitForSelector('.entries >> text=查阅次数过多，请 4 分钟后再试')
    assert.equal(await page.locator('[data-entry]').count(), 0)
    fixture.role = 'dispatcher'
    await page.reload()
    await page.waitForSelector('[data-unit]')
    await page.click('[data-tab=lists]')
    await page.waitForSelector('[data-list]')
    assert.equal(await page.locator('.entries').count(), 0)
  })

  consoleTest('an administrator hears of a touched canary at once and acknowledges it', async (page, fixture) => {
    fixture.role = 'admin'
    await signInDispatcher(page, fixture)
    assert.equal(await page.locator('[data-alarm]').count(), 0)
    fixture.alarm()
    fixture.alarm({ actor: 'PB-1/010001', way: 'look_up', titleZh: '', titleEn: '' })
    await page.waitForSelector('[data-alarm="2"]')
    assert.match(await page.textContent('[data-alarm="1"]'), /zhaomin 查阅了“被盗车辆布控”中的诱饵条目.*在控制台.*所填用途：核对线索/)
    assert.match(await page.textContent('[data-alarm="2"]'), /“plates-stolen”.*通过查询号牌/)
    await page.click('[data-alarm="1"] [data-action=acknowledge]')
    await page.waitForSelector('[data-alarm="1"]', { state: 'detached' })
    assert.equal(await page.locator('[data-alarm="2"]').count(), 1)
  })

  consoleTest('no car, no hit, no list: each says so; a silent server greys the page', async (page, fixture) => {
    Object.assign(fixture, { units: [], incidents: [], lists: [] })
    await page.goto(fixture.url)
    await page.fill('[name=user]', login.user)
    await page.fill('[name=password]', login.password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=还没有登记车辆')
    await page.waitForSelector('text=还没有警员决定的命中')
    await page.click('[data-tab=lists]')
    await page.waitForSelector('text=还没有签发名单')
    fixture.sending = false
    await page.waitForSelector('.server-lost')
    fixture.sending = true
    await page.waitForSelector('.server-lost', { state: 'detached' })
  })
})
