// The calls of the terminal: how many touches each thing takes, what comes first, and what is said while nothing reaches the centre.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { busyHour, call, startCalls } from './calls-terminal-fixture.mjs'
import { everyLook } from './every-look.mjs'
import { previewJpegs } from './media.mjs'
import { inCar, pageTest, signInOfficer, until } from './support.mjs'
import { plateAlert } from './terminal-fixture.mjs'

// Each shows eight previews and waits for clocks: two at once leave the machine to the others.
const atOnce = 2

let jpegs
const start = () => startCalls({ jpegs: (jpegs ??= previewJpegs(8)) })

/** Signs in, then counts what the finger does. */
const callsTest = (name, body) =>
  pageTest(name, inCar, start, async (page, fixture) => {
    await signInOfficer(page, fixture)
    let count = 0
    const tap = async (what) => {
      count++
      await page.click(what)
    }
    await body(page, fixture, tap, () => count)
  })

const quiet = (change = {}) => call(2, { own: 'handling', state: 'handling', ...change })
const stand = (fixture) => (fixture.state.position = { ...fixture.state.position, speedMps: 0 })
const acts = (fixture) => fixture.sent('/steps').map((b) => b.act)
const showCalls = async (page) => {
  await page.click('[data-page=calls]')
  await page.waitForSelector('[data-call-shown]')
}

describe('calls', { concurrency: atOnce }, () => {
  callsTest('a new call stands above any page and is acknowledged in one touch', async (page, fixture, tap, count) => {
    for (const [n, where] of [[1, 'cameras'], [2, 'map'], [3, 'look-up']]) {
      if (where === 'look-up') await page.click('[data-page=cameras]').then(() => page.click('[data-action=look-up]'))
      else await page.click(`[data-page=${where}]`)
      const before = count()
      fixture.arrive(call(n, { urgent: n === 2 }))
      await page.waitForSelector(`[data-call-banner="${call(n).id}"]`)
      assert.equal(await page.locator('.call-banner.is-urgent').count(), n === 2 ? 1 : 0)
      assert.match(await page.textContent('[data-call-banner]'), /望江路 18 号.*东北 980 米/)
      const box = await page.locator('[data-call-banner] [data-action=acknowledge]').boundingBox()
      assert.ok(box.height >= 100 && box.width >= 200, `${box.width}×${box.height}`)
      await tap('[data-call-banner] [data-action=acknowledge]')
      await page.waitForSelector('[data-call-banner]', { state: 'detached' })
      assert.equal(count() - before, 1)
    }
    assert.deepEqual(acts(fixture), ['acknowledge', 'acknowledge', 'acknowledge'])
    // What was under it is still there, none of it covered.
    assert.ok(await page.isVisible('.look-up'))
  })

  callsTest('an alert comes before a call, and the call is there when it is decided', async (page, fixture) => {
    fixture.arrive(call(1))
    await page.waitForSelector('[data-call-banner]')
    const alert = plateAlert()
    fixture.raise(alert)
    await page.waitForSelector('.card')
    assert.equal(await page.locator('[data-call-banner]').count(), 0)
    fixture.close(alert.id, 'lapsed')
    await page.waitForSelector('[data-call-banner]')
  })

  callsTest('one button leads from acknowledgement to report, a touch each; a second tap of the same finger does nothing', async (page, fixture, tap, count) => {
    fixture.arrive(call(1))
    await showCalls(page)
    assert.equal(await page.locator('[data-call-banner]').count(), 0, 'the page itself shows it')
    for (const [act, words] of [['acknowledge', '签收'], ['en_route', '出发'], ['arrive', '到场'], ['handle', '开始处置']]) {
      await page.waitForSelector(`[data-next=${act}]:enabled`)
      assert.match(await page.textContent('[data-next]'), new RegExp(words))
      assert.ok((await page.locator('[data-next]').boundingBox()).height >= 90)
      const box = await page.locator('[data-next]').boundingBox()
      await page.mouse.dblclick(box.x + 200, box.y + 40)
    }
    assert.deepEqual(acts(fixture), ['acknowledge', 'en_route', 'arrive', 'handle'])
    stand(fixture)
    const before = count()
    await page.waitForSelector('[data-next=report]:enabled')
    await tap('[data-next=report]')
    await tap('[data-template=mediated]')
    await tap('[data-action=send-report]')
    await page.waitForSelector('[data-call-state=reported]')
    assert.equal(count() - before, 3)
    assert.equal(fixture.sent('/steps').at(-1).text, '双方经调解达成谅解，已离开。')
    assert.equal(await page.locator('[data-next]').count(), 0)
    assert.match(await page.textContent('.call-do'), /等待指挥中心结案/)
  })

  callsTest('arrival is offered near the place and never presses itself', async (page, fixture) => {
    fixture.arrive(call(1, { own: 'acknowledged', state: 'acknowledged' }))
    await showCalls(page)
    await page.waitForSelector('[data-next=en_route]')
    fixture.call(1).arriveOffered = true
    await page.waitForSelector('[data-next=arrive] [data-offered]')
    assert.match(await page.textContent('[data-next]'), /请确认到场/)
    await page.waitForTimeout(1200)
    assert.deepEqual(acts(fixture), [])
    await page.click('[data-next=arrive]')
    await page.waitForSelector('[data-next=handle]')
    assert.deepEqual(acts(fixture), ['arrive'])
  })

  callsTest('without a link every step is taken and says that it waits; once the link is back nothing waits', async (page, fixture) => {
    fixture.linked = false
    fixture.arrive(call(1))
    await page.click('[data-call-banner] [data-action=acknowledge]')
    await showCalls(page)
    await page.waitForSelector('[data-step=acknowledge][data-sent=waiting]')
    assert.match(await page.textContent('[data-step=acknowledge]'), /签收.*待发送/)
    assert.match(await page.textContent('[data-call-row]'), /1 项待发送/)
    await page.click('[data-more=hand_over]')
    await page.click('[data-hand-to="京A-0744"]')
    await page.waitForSelector('[data-hand-over=waiting]')
    for (const s of fixture.call(1).steps) s.sent = 'sent'
    await page.waitForSelector('[data-hand-over=asked]')
    assert.equal(await page.locator('[data-sent=waiting]').count(), 0)
    Object.assign(fixture.call(1).steps[0], { sent: 'refused' })
    await page.waitForSelector('[data-step=acknowledge][data-sent=refused]')
  })

  callsTest('a call is offered to the nearest car in two touches and the centre decides', async (page, fixture, tap, count) => {
    fixture.arrive(quiet())
    await showCalls(page)
    await tap('[data-more=hand_over]')
    assert.deepEqual(await page.locator('[data-car]').evaluateAll((all) => all.map((e) => e.dataset.car)), ['京A-0744', '京A-0752', '京A-0760'])
    assert.match(await page.textContent('[data-car="京A-0744"]'), /180 米.*可派.*1 秒/)
    assert.equal(await page.getAttribute('[data-car="京A-0760"]', 'data-stale'), 'true')
    await tap('[data-hand-to="京A-0744"]')
    await page.waitForSelector('[data-hand-over=asked]')
    assert.equal(count(), 2)
    assert.deepEqual(fixture.sent('/steps'), [{ act: 'hand_over', text: '', toUnitId: '京A-0744' }])
    fixture.call(2).handOver.state = 'refused'
    await page.waitForSelector('[data-hand-over=refused]')
    assert.ok(await page.isVisible('[data-next=report]'), 'still this car’s')
    Object.assign(fixture.call(2), { part: 'former_owner', handOver: { ...fixture.call(2).handOver, state: 'accepted' } })
    await page.waitForSelector('[data-hand-over=accepted]')
    assert.equal(await page.locator('[data-next], [data-more]').count(), 0)
  })

  callsTest('back-up is asked for in two touches, with its reason', async (page, fixture, tap, count) => {
    fixture.arrive(quiet())
    await showCalls(page)
    await tap('[data-more=back_up]')
    assert.match(await page.textContent('.call-near'), /京A-0744 180 米/)
    await tap('[data-why=weapon]')
    await page.waitForSelector('[data-step=back_up]')
    assert.equal(count(), 2)
    assert.deepEqual(fixture.sent('/steps'), [{ act: 'back_up', text: '对方持械', toUnitId: '' }])
    fixture.call(2).backUpUnitIds = ['京A-0752']
    await page.waitForSelector('[data-back-ups]')
  })

  callsTest('what is typed waits until the car stands; what is said every day does not', async (page, fixture) => {
    fixture.arrive(quiet())
    await showCalls(page)
    await page.click('[data-more=note]')
    await page.waitForSelector('[data-waits]')
    assert.ok(!(await page.isVisible('[name=note]')))
    stand(fixture)
    await page.fill('[name=note]', '  已联系物业  ')
    fixture.state.position = { ...fixture.state.position, speedMps: 9 }
    await page.waitForSelector('[data-waits]')
    stand(fixture)
    await page.waitForSelector('[name=note]')
    await page.click('[data-action=add-note]')
    await page.waitForSelector('[data-step=note]')
    await page.click('[data-more=note]')
    await page.click('[data-phrase=ambulance]')
    await until('both notes', () => acts(fixture).length === 2)
    assert.deepEqual(fixture.sent('/steps').map((b) => b.text), ['已联系物业', '已叫救护车'])
  })

  callsTest('pictures and the last minute of a camera are taken for the report and say when they cannot be', async (page, fixture, tap, count) => {
    fixture.arrive(quiet())
    await showCalls(page)
    await tap('[data-next=report]')
    assert.equal(await page.locator('[data-picture]').count(), 7, 'the cab camera takes no evidence')
    assert.ok(await page.getAttribute('[name=report]', 'readonly') !== null, 'no typing while the car moves')
    await tap('[data-picture=cam3]')
    await page.waitForSelector('[data-evidence-said=done]')
    assert.equal(count(), 2)
    assert.deepEqual(fixture.sent('/pictures'), [{ cameraId: 'cam3', text: '照片：正前' }])
    await page.click('[data-clip=cam6]')
    await until('the clip', () => fixture.sent('/clips').length === 1)
    for (const [code, words] of [['no_picture', /没有画面/], ['privacy_place', /隐私区域/], ['too_many_clips', /过多/]]) {
      fixture.refuse = code
      await page.click('[data-picture=cam1]')
      await page.waitForFunction((w) => new RegExp(w).test(document.querySelector('[data-evidence-said=failed]')?.textContent ?? ''), words.source)
    }
    fixture.refuse = 'not_now'
    await page.click('[data-template=taken_in]')
    await page.click('[data-action=send-report]')
    await page.waitForSelector('[data-refused]')
    assert.match(await page.textContent('[data-refused]'), /警情状态已改变/)
    assert.match(await page.inputValue('[name=report]'), /带回派出所/)
  })

  callsTest('the caller is heard in one touch, from any place, at three speeds; what is not here says why', async (page, fixture, tap, count) => {
    const recording = { state: 'coming', why: '', sizeBytes: 1000, heldBytes: 420, mediaType: 'audio/wav' }
    fixture.arrive(quiet({ recording }))
    await showCalls(page)
    assert.match(await page.textContent('[data-recording=coming]'), /42%/)
    fixture.state.link = { ...fixture.state.link, phase: 'down' }
    await page.waitForFunction(() => /恢复连接/.test(document.querySelector('[data-recording=coming]').textContent))
    for (const [why, words] of [['not_here', /指挥中心没有/], ['wrong_hash', /不符/]]) {
      Object.assign(fixture.call(2), { recording: { ...recording, state: 'none', why } })
      await page.waitForFunction((w) => new RegExp(w).test(document.querySelector('[data-recording=none]')?.textContent ?? ''), words.source)
    }
    fixture.call(2).recording = { ...recording, state: 'here' }
    await page.waitForSelector('[data-recording=here]')
    await page.waitForFunction(() => document.querySelector('audio').duration > 11)
    await tap('[data-action=play]')
    await page.waitForFunction(() => document.querySelector('audio').currentTime > 0.3)
    assert.equal(count(), 1)
    assert.equal(await page.getAttribute('[data-recording=here]', 'data-playing'), 'true')
    await page.locator('.recording input').fill('9')
    await page.waitForFunction(() => document.querySelector('audio').currentTime >= 9)
    await page.click('[data-action=speed]')
    assert.equal(await page.evaluate(() => document.querySelector('audio').playbackRate), 1.5)
    await page.click('[data-action=play]')
    await page.waitForSelector('[data-playing=false]')
  })

  callsTest('a recording that cannot be played says so and can be tried again', async (page, fixture) => {
    fixture.sound = Buffer.from('no sound at all')
    fixture.arrive(quiet({ recording: { state: 'here', why: '', sizeBytes: 15, heldBytes: 15, mediaType: 'audio/wav' } }))
    await showCalls(page)
    await page.waitForSelector('[data-recording-failed]')
    await page.click('[data-action=play]')
    await page.waitForSelector('[data-recording-failed]')
    assert.ok(await page.isEnabled('[data-action=play]'))
  })

  callsTest('a call of another car has nothing to press, and says whose it is', async (page, fixture) => {
    fixture.arrive(...busyHour().slice(3, 6))
    await showCalls(page)
    assert.equal(await page.locator('[data-call-banner]').count(), 0)
    for (const [n, words] of [[4, /不由本车处置/], [5, /转给其他车/], [6, /无需操作/]]) {
      await page.click(`[data-call-row="${call(n).id}"]`)
      await page.waitForSelector(`[data-call-shown="${call(n).id}"]`)
      assert.match(await page.textContent('.call-do'), words)
      assert.equal(await page.locator('[data-next], [data-more]').count(), 0)
    }
  })

  callsTest('the list shows what is new and urgent first, with age and distance', async (page, fixture) => {
    fixture.arrive(...busyHour())
    await showCalls(page)
    assert.deepEqual(await page.locator('[data-call-row]').evaluateAll((all) => all.map((e) => Number(e.dataset.callRow))), [1, 3, 2, 4, 5, 6])
    assert.match(await page.textContent(`[data-call-row="${call(3).id}"]`), /增援.*已签收.*10 分钟.*1.4 公里/)
    assert.equal(await page.textContent('[data-page=calls] .rail-waiting'), '1')
    await page.click('[data-mini-map]')
    await page.waitForSelector('[data-map]')
  })
})

describe('speech', { concurrency: atOnce }, () => {
  callsTest('a call is read aloud by the host where the browser has no voice, and by nobody when sound is off', async (page, fixture) => {
    fixture.speech = 200
    fixture.arrive(call(1, { urgent: true, title: '持械斗殴' }))
    await until('it is spoken', () => fixture.spoken.length === 1)
    assert.equal(fixture.spoken[0], '紧急警情，治安，持械斗殴，望江路 18 号 3 单元，距离980 米')
    await page.click('[data-action=sound]')
    fixture.arrive(call(2))
    await page.waitForSelector('[data-call-banner]')
    await page.waitForTimeout(1800)
    assert.equal(fixture.spoken.length, 1)
  })

  callsTest('a host without a voice is asked once', async (page, fixture) => {
    fixture.arrive(call(1))
    await until('it is asked', () => fixture.spoken.length === 1)
    await page.click('[data-call-banner] [data-action=acknowledge]')
    fixture.arrive(call(2))
    await page.waitForSelector('[data-call-banner]')
    await page.waitForTimeout(1800)
    assert.equal(fixture.spoken.length, 1)
  })
})

const ownWords = ['林晓峰', '京', '邻里', '楼上', '望江路', '持械', '东门', '重型', '三环', '商铺', '走失', '白色货车', '已电话', '照片', '中文']

everyLook('calls', start, ownWords, async (page, fixture, look) => {
  await signInOfficer(page, fixture)
  await page.click('[data-page=calls]')
  await look('none')
  fixture.arrive(...busyHour())
  await page.waitForSelector('[data-next=acknowledge]')
  await look('new')
  await page.click(`[data-call-row="${call(2).id}"]`)
  await page.waitForSelector('[data-recording=here]')
  await look('handling, with a banner')
  for (const panel of ['hand_over', 'back_up', 'note']) {
    await page.click(`[data-more=${panel}]`)
    await look(panel)
    await page.click('[data-action=panel-back]')
  }
  await page.click('[data-next=report]')
  await page.click('[data-template=mediated]')
  await look('report, driving')
  stand(fixture)
  await page.waitForSelector('[data-typing-waits]', { state: 'detached' })
  await page.click('[data-picture=cam1]')
  await page.waitForSelector('[data-evidence-said]')
  await look('report')
  await page.click('[data-action=panel-back]')
  for (const n of [3, 4, 5, 6]) {
    await page.click(`[data-call-row="${call(n).id}"]`)
    await look(`call ${n}`)
  }
})
