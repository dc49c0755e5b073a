// A dispatcher's day, against the real centre and cars that speak the real contract: from the caller to the closed call.
// SCREENSHOTS=docs/centre node --test tests/Browser/dispatcher.test.mjs writes the pictures of the documentation.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromiumIsInstalled, launch, pageErrors } from '../../tools/rig/browser.mjs'
import { centreIsBuilt, enrolCar, password, startCentre, waveFile } from './real-centre.mjs'
import { inControlRoom, until } from './support.mjs'

const missing = !chromiumIsInstalled() ? '/usr/bin/chromium is not installed' : !centreIsBuilt() ? 'the centre is not built: ./dev build' : false
const pictures = process.env['SCREENSHOTS']
const places = [
  { name: '第三小学', aliases: '三小', at: [116.4074, 39.9042] },
  { name: '望江路菜市场', aliases: '', at: [116.4174, 39.9092] },
]

let centre, browser
const cars = {}
const opened = []

before(async () => {
  if (missing) return
  centre = await startCentre({
    accounts: [['li', 'dispatcher', 'east'], ['wu', 'dispatcher', 'west'], ['boss', 'supervisor'], ['root', 'admin']],
    options: ['--escalate-after', '4,8,16'],
  })
  const file = join(centre.folder, 'places.geojson')
  const features = places.map(({ name, aliases, at }) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: { name, aliases } }))
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features }))
  await centre.cli(['places', 'import', '--file', file, '--district', 'east'])
  cars.one = await enrolCar(centre, 'PB-1', '东城一组', 'east')
  cars.two = await enrolCar(centre, 'PB-2', '东城二组', 'east')
  cars.traffic = await enrolCar(centre, 'PB-3', '交警三中队', 'east', 'traffic')
  cars.west = await enrolCar(centre, 'PB-W', '西城一组', 'west')
  for (const car of Object.values(cars)) car.connect()
  cars.one.at(39.9142, 116.4074, 180, 9)
  cars.two.at(39.9042, 116.4274, 90, 9)
  cars.traffic.at(39.9002, 116.4044)
  cars.west.at(39.9043, 116.4075)
  browser = await launch()
}, { timeout: 90_000 })

after(async () => {
  for (const car of Object.values(cars)) car.close()
  await browser?.close()
  await centre?.stop()
}, { timeout: 30_000 })

async function signedIn(user, language = 'zh') {
  const context = await browser.newContext({ viewport: inControlRoom, locale: 'zh-CN' })
  context.setDefaultTimeout(20_000)
  await context.addInitScript((l) => localStorage.setItem('language', l), language)
  const page = await context.newPage()
  opened.push({ user, errors: pageErrors(page) })
  await page.goto(centre.http)
  await page.fill('[name=user]', user)
  await page.fill('[name=password]', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-connection=up]')
  return page
}

/** By the keyboard alone, as it is taken down on the telephone. */
async function takeByKeyboard(page, title, address, { urgent = false, details = '' } = {}) {
  await page.keyboard.press('Alt+n')
  await page.waitForSelector('.intake [name=title]:focus')
  await page.keyboard.type(title)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  if (urgent) await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.type(address)
  await page.waitForSelector('[data-place-found]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-place=set]')
  await page.keyboard.press('Tab')
  await page.keyboard.type(details)
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector(`.call-head h2:has-text("${title}")`)
  return page.getAttribute('[data-call-open]', 'data-call-open')
}

async function picture(page, name) {
  if (!pictures) return
  mkdirSync(pictures, { recursive: true })
  await page.mouse.move(960, 4)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: join(pictures, name), type: 'jpeg', quality: 82 })
}

const stateIs = (page, number, state) => page.waitForSelector(`.calls-list [data-call="${number}"][data-state=${state}]`)
const has = (car, number, probe, what) => until(what, () => car.calls.has(number) && probe(car.calls.get(number)), 20_000)

test('a call from the telephone to its end, with one that nobody acknowledges beside it', { skip: missing, timeout: 400_000 }, async () => {
  const page = await signedIn('li')
  const boss = await signedIn('boss', 'en')

  // Taken by keyboard, and the cars ranked with reasons.
  const first = await takeByKeyboard(page, '商铺被盗', '三小', { urgent: true, details: '店主报称夜间被撬门，嫌疑人已离开。' })
  await page.waitForSelector('[data-candidate="PB-1"]')
  const ranked = await page.$$eval('[data-candidate]', (rows) => rows.map((r) => [r.dataset.candidate, r.textContent]))
  assert.equal(ranked[0][0], 'PB-1')
  assert.match(ranked[0][1], /1\.1 公里.*3 分钟圈内.*正驶向现场.*无在办警情/)
  assert.match(ranked.find(([id]) => id === 'PB-3')[1], /警种不同/)
  assert.ok(!ranked.some(([id]) => id === 'PB-W'), 'another district’s car is no candidate')
  await has(cars.traffic, first, (call) => call.part === 'CALL_PART_NEARBY' && call.details === '', 'an urgent call is shown to cars nearby, without what the caller said')

  // Dispatched, acknowledged.
  await page.click('[data-candidate="PB-1"] [data-action=dispatch]')
  await has(cars.one, first, (call) => call.part === 'CALL_PART_OWNER' && call.details !== '', 'the owner has it whole')
  cars.one.step(first, 'ACKNOWLEDGE')
  await stateIs(page, first, 'acknowledged')

  // The caller's voice: sent in, fetched by the owner, played from the middle.
  const file = join(centre.folder, 'caller.wav')
  const sound = waveFile(file, 5)
  await page.setInputFiles('[data-recording-file]', file)
  await page.waitForSelector('[data-recording]')
  await has(cars.one, first, (call) => call.recording?.size_bytes === sound.length, 'the owner is told of the recording')
  assert.deepEqual(await cars.one.download(cars.one.calls.get(first).recording.sha256), sound)
  await assert.rejects(cars.two.download(cars.one.calls.get(first).recording.sha256), { code: 5 })
  const sought = await page.$eval('[data-recording]', async (audio) => {
    if (audio.readyState < 1) await new Promise((ready) => audio.addEventListener('loadedmetadata', ready, { once: true }))
    const there = new Promise((seeked) => audio.addEventListener('seeked', seeked, { once: true }))
    audio.currentTime = 3
    await there
    return [Math.round(audio.duration), audio.currentTime]
  })
  assert.deepEqual(sought, [5, 3])

  // A second call that nobody acknowledges: the dispatcher hears of it, then the supervisor.
  const second = await takeByKeyboard(page, '菜市场纠纷', '菜市场')
  await page.waitForSelector('[data-candidate="PB-2"]')
  await page.click('[data-candidate="PB-2"] [data-action=dispatch]')
  await page.waitForSelector(`[data-call-alarm="${second}"]`)
  assert.equal(await page.locator('[data-action=sound-on]').count(), 0, 'the page was touched: its sound is on')
  await boss.waitForSelector(`[data-call-alarm="${second}"]:not([data-level="1"])`)
  await page.waitForSelector('[data-proposed=true]')
  await picture(page, 'call-escalated-zh.jpg')
  const proposed = await page.getAttribute('[data-proposed=true]', 'data-candidate')
  assert.notEqual(proposed, 'PB-2')
  await page.click('[data-proposed=true] [data-action=dispatch]')
  const taker = Object.values(cars).find((car) => car.unitId === proposed)
  await has(taker, second, (call) => call.owner_unit_id === proposed, 'the proposed car has it')
  await has(cars.two, second, (call) => call.part === 'CALL_PART_FORMER_OWNER' && call.owner_unit_id === proposed, 'the former owner learns that it is not his')
  // Too late: the former owner says that he is there. It is noted and moves nothing.
  cars.two.step(second, 'ARRIVE', { seen_revision: 2 })
  await page.waitForSelector('[data-story=arrive][data-effect=presence]')
  taker.step(second, 'ACKNOWLEDGE')
  await stateIs(page, second, 'acknowledged')
  await page.waitForSelector(`[data-call-alarm="${second}"]`, { state: 'detached' })

  // Handed over by the car: to another kind of police a dispatcher decides, among equals it takes effect by itself.
  taker.step(second, 'HAND_OVER', { to_unit_id: 'PB-3', text: '车辆阻塞道路' })
  await page.waitForSelector('[data-action=accept-hand-over]')
  assert.equal(taker.calls.get(second).owner_unit_id, proposed)
  await page.click('[data-action=accept-hand-over]')
  await has(cars.traffic, second, (call) => call.part === 'CALL_PART_OWNER', 'the receiver owns it')
  cars.traffic.step(second, 'ACKNOWLEDGE')
  await stateIs(page, second, 'acknowledged')
  await page.click(`.calls-list [data-call="${first}"]`)
  cars.one.step(first, 'HAND_OVER', { to_unit_id: 'PB-2' })
  await has(cars.two, first, (call) => call.part === 'CALL_PART_OWNER', 'among equals the hand-over takes effect')
  cars.two.step(first, 'ACKNOWLEDGE')
  cars.two.step(first, 'BACK_UP', { text: '多名嫌疑人' })
  await page.waitForSelector('[data-back-up]')
  await page.click('[data-candidate="PB-1"] [data-action=send-back-up]')
  await has(cars.one, first, (call) => call.part === 'CALL_PART_BACK_UP', 'the back-up has it')
  await page.waitForSelector('[data-back-up]', { state: 'detached' })

  await picture(page, 'calls-zh.jpg')
  await boss.click('[data-tab=calls]')
  await boss.click(`.calls-list [data-call="${first}"]`)
  await boss.waitForSelector('[data-candidate]')
  await picture(boss, 'calls-en.jpg')
  assert.deepEqual(await boss.evaluate(chineseWords), [], 'no Chinese in the English page but what people wrote')

  // On the scene, handled, reported, closed.
  for (const [act, state] of [['ARRIVE', 'arrived'], ['HANDLE', 'handling'], ['REPORT', 'reported']]) {
    cars.two.step(first, act, { text: act === 'REPORT' ? '已抓获一人，移交派出所' : '' })
    await stateIs(page, first, state)
  }
  await page.waitForSelector('[data-story=report]:has-text("已抓获一人")')
  await page.click('[data-action=close-call]')
  await page.waitForSelector('.call-acts [role=alert]')
  await page.selectOption('[name=result]', 'handled')
  await page.fill('[name=remark]', '嫌疑人已移交')
  await page.click('[data-action=close-call]')
  await page.waitForSelector(`.calls-list [data-call="${first}"]`, { state: 'detached' })
  await has(cars.two, first, (call) => call.state === 'CALL_STATE_CLOSED', 'the owner learns that it is closed')
  await has(cars.one, first, (call) => call.state === 'CALL_STATE_CLOSED', 'so does the back-up')
  await page.click('[data-action=history]')
  await page.fill('.calls-search [name=number]', first)
  await page.click('[data-action=search-calls]')
  await page.click(`[data-past="${first}"]`)
  await page.waitForSelector('[data-call-open][data-state=closed]')
  assert.match(await page.textContent('.call .drawer-facts'), /已处置/)
})

test('a district sees nothing of another’s calls, and an administrator looks on', { skip: missing, timeout: 120_000 }, async () => {
  const li = await signedIn('li', 'en')
  const number = await takeByKeyboard(li, '走失老人', '第三小学')
  const callId = await li.evaluate(async (n) => (await (await fetch('/api/calls/history', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ number: n }) })).json()).calls[0].callId, number)
  const wu = await signedIn('wu')
  await wu.click('[data-tab=calls]')
  await wu.waitForSelector('.calls-list .empty')
  const answer = (page, path, body) =>
    page.evaluate(async ([p, b]) => {
      const told = await fetch(p, b ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: b } : {})
      return [told.status, (await told.json()).code]
    }, [path, body])
  assert.deepEqual(await answer(wu, `/api/calls/${callId}`), [404, 'unknown_call'])
  assert.deepEqual(await answer(wu, `/api/calls/${callId}/dispatch`, '{"unitId":"PB-W"}'), [404, 'unknown_call'])
  assert.deepEqual(await answer(li, `/api/calls/${callId}/dispatch`, '{"unitId":"PB-W"}'), [400, 'unknown_unit'])
  const root = await signedIn('root')
  await root.click('[data-tab=calls]')
  await root.click(`[data-call="${number}"]`)
  await root.waitForSelector('[data-call-open]')
  assert.equal(await root.locator('[data-action=new-call], [data-action=dispatch], [data-action=close-call]').count(), 0)
  assert.deepEqual(await answer(root, `/api/calls/${callId}/note`, '{"text":"abc"}'), [403, 'not_allowed'])
})

test('a centre that is killed forgets no call and no clock', { skip: missing, timeout: 120_000 }, async () => {
  const page = await signedIn('li')
  const number = await takeByKeyboard(page, '噪音扰民', '菜市场')
  await centre.halt('SIGKILL')
  await page.waitForSelector('.server-lost')
  await centre.start(centre.grpc, new URL(centre.http).host)
  await page.waitForSelector('.server-lost', { state: 'detached' })
  await page.waitForSelector(`[data-call-alarm="${number}"]`)
  await page.waitForSelector(`.calls-list [data-call="${number}"][data-state=open]`)
})

test('no page said anything wrong', { skip: missing }, () => {
  const wrong = opened.flatMap(({ user, errors }) => errors.filter((e) => !e.startsWith('Failed to load resource') && !/WebSocket|ERR_CONNECTION/.test(e)).map((e) => `${user}: ${e}`))
  assert.deepEqual(wrong, [])
})

/** Runs in the page: Chinese outside of what people wrote and of the language switch. */
function chineseWords() {
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode()); ) {
    const e = node.parentElement
    if (/[\u3400-\u9fff]/.test(node.nodeValue) && e.checkVisibility() && !e.closest('[data-own-words], .car-label, option, [data-action=language], .alarm') && node.nodeValue !== '中文') found.push(node.nodeValue)
  }
  return found
}
