import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { fragmentedClip, previewJpegs } from './media.mjs'
import { inCar, pageTest, pagesAtOnce, signInOfficer, until } from './support.mjs'
import { assistViews, doubtfulPlateAlert, faceAlert, lookUpOf, pin, plateAlert, roster, startTerminal } from './terminal-fixture.mjs'

let made
const media = () => (made ??= { jpegs: previewJpegs(8), clip: fragmentedClip(20) })
const start = () => startTerminal(media())
const terminalTest = (name, body) => pageTest(name, inCar, start, body)
const decisions = (fixture) => fixture.requests.filter((r) => r.path.endsWith('/decision'))
const questions = (fixture) => fixture.requests.filter((r) => r.path === '/api/look-ups' && r.method === 'POST').map((r) => r.body)
const ready = (page) => page.waitForSelector('.card[data-ready=true]')

/**
 * Somebody who still types when a card comes: without the guard for it the card would be ready after 600 ms, and Y confirms. The page's
 * clock goes from key to key, or a busy machine would make pauses that nobody typed.
 */
async function typesOn(page, fixture, alert) {
  await page.clock.pauseAt((await page.evaluate('Date.now()')) + 1000)
  fixture.raise(alert)
  await until('the card', async () => {
    await page.clock.runFor(20)
    return page.isVisible('.card')
  })
  for (const key of 'NYYNYNYYNY') {
    await page.keyboard.press(key)
    await page.clock.runFor(120)
  }
  assert.equal(decisions(fixture).length, 0)
  await page.clock.resume()
}

describe('terminal page', { concurrency: pagesAtOnce }, () => {
  terminalTest('a wrong PIN is refused in words, three lock the pad', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.click(`[data-officer="${roster[0].officerId}"]`)
    await page.keyboard.type('1111')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-pin-message=wrong_pin]')
    assert.match(await page.textContent('.pin-message'), /PIN 不正确/)
    for (let i = 0; i < 2; i++) {
      await page.keyboard.type('1111')
      await page.keyboard.press('Enter')
      await until('the answer', () => fixture.wrongPins === i + 2)
      await until('an empty pad', async () => (await page.locator('.pin-dots .is-set').count()) === 0)
    }
    await page.waitForSelector('[data-pin-message=locked]')
    assert.match(await page.textContent('.pin-message'), /锁定/)
    assert.ok(await page.isDisabled('[data-digit="1"]'))
  })

  terminalTest('before sign-in the link, the stages and the reason why nothing is matched are shown', async (page, fixture) => {
    fixture.state.link = { ...fixture.state.link, phase: 'down', sinceUnixMs: Date.now() - 65_000, rttMs: null }
    await page.goto(fixture.url)
    await page.waitForSelector('[data-chip=link][data-level=bad]')
    assert.match(await page.textContent('[data-chip=matching]'), /未比对 无人登录/)
    const vehicle = () => page.textContent('.sign-in-vehicle')
    assert.match(await vehicle(), new RegExp(`${fixture.state.stages.length} 项正常`))
    Object.assign(fixture.state.stages.find((stage) => stage.name === 'gnss'), { state: 'degraded', detail: 'no fix' })
    await page.waitForSelector('.sign-in-vehicle >> text=卫星定位')
    assert.match(await vehicle(), new RegExp(`${fixture.state.stages.length - 1}/${fixture.state.stages.length} 正常`))
  })

  terminalTest('an officer signs in by touch and sees seven cameras and the cab', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await until('eight live pictures', async () => (await page.locator('[data-condition=live]').count()) === 8)
    assert.equal(await page.locator('button.cell').count(), 7)
    assert.equal(await page.locator('.cell-cab').count(), 1)
    // A picture counts as there when it has come; it is drawn once it is decoded.
    const drawn = () => page.evaluate(() => [...document.querySelectorAll('.preview canvas')].map((c) => c.width))
    await until('eight pictures are drawn', async () => (await drawn()).every((width) => width === 480))
    assert.equal((await drawn()).length, 8)
  })

  terminalTest('where two must confirm, nothing is sent before another officer of the car has given a PIN', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.raise({ ...plateAlert(), needsSecond: true })
    await ready(page)
    assert.match(await page.textContent('[data-action=confirm]'), /第二名警员/)
    await page.keyboard.press('y')
    await page.waitForSelector('.second')
    assert.equal(await page.locator('[data-second-officer]').count(), roster.length - 1)
    assert.equal(await page.locator(`[data-second-officer="${roster[0].officerId}"]`).count(), 0)
    assert.ok(await page.isDisabled('[data-action=second-confirm]'))
    await page.click(`[data-second-officer="${roster[1].officerId}"]`)
    await page.keyboard.type('1111')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.decide .error-line')
    assert.match(await page.textContent('.decide .error-line'), /PIN 不正确/)
    await page.click(`[data-second-officer="${roster[1].officerId}"]`)
    for (const digit of pin) await page.click(`.second [data-digit="${digit}"]`)
    await page.click('[data-action=second-confirm]')
    await page.waitForSelector('.card', { state: 'detached' })
    assert.deepEqual(decisions(fixture).map((r) => [r.body.verdict, r.body.secondOfficerId]), [['confirmed', roster[1].officerId], ['confirmed', roster[1].officerId]])
  })

  terminalTest('a privacy place is a chip with its name and words for what does not happen there; so is not knowing', async (page, fixture) => {
    const school = { id: 'school', nameZh: '第三小学', nameEn: 'No. 3 primary school', cameras: ['cam1', 'cam3'], allowViews: false, notMatched: 'all', sector: true }
    await signInOfficer(page, fixture)
    assert.equal(await page.locator('[data-chip=privacy]').count(), 0)
    fixture.state.privacy = { unchecked: false, places: [school, { ...school, id: 'clinic', nameZh: '诊所', nameEn: 'Clinic', cameras: [], notMatched: 'faces', sector: false }] }
    await page.waitForSelector('[data-chip=privacy][data-level=warn]')
    assert.match(await page.textContent('[data-chip=privacy]'), /隐私区域第三小学 另 1 处/)
    await page.click('[data-chip=privacy]')
    assert.match(await page.textContent('[data-privacy=school]'), /第三小学.*摄像机：车顶云台、正前。.*不能调看.*不比对，立即删除.*云台不得转向/)
    assert.match(await page.textContent('[data-privacy=clinic]'), /所有摄像机。.*人脸不比对/)
    await page.click('[data-action=language]')
    assert.match(await page.textContent('[data-privacy=school]'), /No\. 3 primary school.*Cameras: Roof PTZ, Front\..*The centre gets no picture/)
    fixture.state.privacy = { unchecked: true, places: [] }
    await page.waitForSelector('[data-privacy=unchecked] >> text=cannot be checked')
    assert.match(await page.textContent('[data-chip=privacy]'), /Privacy unchecked/)
    fixture.state.privacy = { unchecked: false, places: [] }
    await page.waitForSelector('[data-chip=privacy]', { state: 'detached' })
  })

  terminalTest('words of the centre stay until they are read, urgent ones first, and never cover an open alert', async (page, fixture) => {
    const said = (id, text, urgent) => ({ id, text, urgent, issuer: '李指挥', issuedAtUnixMs: Date.now() })
    fixture.state.instructions = [said('b'.repeat(32), '全体立即撤出望江隧道', true), said('a'.repeat(32), '下一班前回所加油', false)]
    await signInOfficer(page, fixture)
    await page.waitForSelector('.instruction-urgent[data-instruction^=b]')
    assert.match(await page.textContent('.instruction'), /紧急指令.*李指挥.*还有 1 条.*撤出望江隧道/s)
    await page.click('.instruction button')
    await page.waitForSelector('.instruction[data-instruction^=a]')
    assert.equal(await page.locator('.instruction-urgent').count(), 0)
    fixture.raise(plateAlert())
    await ready(page)
    assert.equal(await page.locator('.instruction').count(), 0)
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.instruction[data-instruction^=a]')
    await page.click('.instruction button')
    await until('nothing left to read', async () => (await page.locator('.instruction').count()) === 0)
    assert.equal(fixture.requests.filter((r) => r.path.endsWith('/read')).length, 2)
  })

  terminalTest('sign-in, decision and rejection by keyboard alone, with a visible focus', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.waitForSelector('.tile')
    await page.locator('.tile').nth(1).focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Tab')
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    assert.equal(outline, 'solid')
    await page.keyboard.press('Enter')
    await page.keyboard.type(pin)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.mosaic')
    assert.equal(fixture.state.officer.officerId, roster[1].officerId)
    fixture.raise(plateAlert())
    await ready(page)
    await page.keyboard.press('n')
    await page.keyboard.press('1')
    await until('the rejection', () => decisions(fixture).length === 1)
    assert.deepEqual(decisions(fixture)[0].body, { verdict: 'rejected', reason: 'not_same_plate', note: '' })
    await page.waitForSelector('.card', { state: 'detached' })
    fixture.raise(faceAlert())
    await ready(page)
    await page.keyboard.press('y')
    await until('the confirmation', () => decisions(fixture).length === 2)
    assert.equal(decisions(fixture)[1].body.verdict, 'confirmed')
  })

  terminalTest('an alert is painted, told so once, and confirmed by one tap', async (page, fixture) => {
    await signInOfficer(page, fixture)
    const alert = plateAlert()
    fixture.raise(alert)
    await page.waitForSelector(`[data-alert-id="${alert.id}"]`)
    await until('painted', () => fixture.painted.has(alert.id))
    for (const words of ['拦停', '京', '市公安局刑侦支队', '刑侦布控〔2026〕118 号', '被盗车辆布控', '5 小时前', '还有 19 小时', '未看到']) {
      assert.ok((await page.textContent('.card')).includes(words), words)
    }
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.card', { state: 'detached' })
    await page.waitForSelector('[data-notice=confirmed]')
    assert.deepEqual(decisions(fixture).map((r) => r.body), [{ verdict: 'confirmed', reason: '', note: '' }])
    assert.equal(fixture.requests.filter((r) => r.path.endsWith('/painted')).length, 1)
  })

  terminalTest('a card that has just appeared cannot be decided by a finger already on its way', async (page, fixture) => {
    await signInOfficer(page, fixture)
    // In the page, a quarter of a second after the card appears: from here a busy machine would come too late.
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('.card')) return
        observer.disconnect()
        setTimeout(() => {
          document.querySelector('[data-action=confirm]').click()
          window.dispatchEvent(new KeyboardEvent('keydown', { key: 'y' }))
          window.tapped = true
        }, 250)
      }).observe(document.body, { childList: true, subtree: true })
    })
    fixture.raise(plateAlert())
    await page.waitForFunction(() => window.tapped)
    await ready(page)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(decisions(fixture).length, 0)
  })

  terminalTest('rejecting needs a reason, and offers six', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.raise(doubtfulPlateAlert())
    await ready(page)
    await page.click('[data-action=reject]')
    assert.equal(await page.locator('[data-reason]').count(), 6)
    assert.equal(decisions(fixture).length, 0)
    await page.click('[data-action=reject-back]')
    await page.click('[data-action=reject]')
    await page.fill('.reasons input', '车型不符')
    await page.click('[data-reason=not_same_vehicle]')
    await page.waitForSelector('[data-notice=rejected]')
    assert.deepEqual(decisions(fixture)[0].body, { verdict: 'rejected', reason: 'not_same_vehicle', note: '车型不符' })
  })

  terminalTest('stop and check differ by word, icon, line and sound; mute is visible and silent', async (page, fixture) => {
    await page.addInitScript(() => {
      window.heard = []
      const start = OscillatorNode.prototype.start
      OscillatorNode.prototype.start = function (when) {
        window.heard.push(`${this.type} ${this.frequency.value}`)
        return start.call(this, when)
      }
    })
    await signInOfficer(page, fixture)
    const card = () =>
      page.evaluate(() => {
        const c = document.querySelector('.card')
        return { line: getComputedStyle(c).borderTopStyle, icon: c.querySelector('.card-head svg').innerHTML, word: c.querySelector('.card-tone strong').textContent, heard: window.heard.splice(0) }
      })
    fixture.raise(plateAlert())
    await ready(page)
    const stop = await card()
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.card', { state: 'detached' })
    fixture.raise(doubtfulPlateAlert())
    await ready(page)
    const check = await card()
    for (const part of ['line', 'icon', 'word']) assert.notEqual(stop[part], check[part], part)
    assert.ok(stop.heard.length > 0 && check.heard.length > 0)
    assert.ok(stop.heard.every((tone) => !check.heard.includes(tone)))
    await page.click('[data-action=sound]')
    assert.match(await page.textContent('[data-action=sound]'), /已静音/)
    fixture.raise(plateAlert())
    await page.waitForSelector('[data-queued]')
    assert.deepEqual((await card()).heard, [])
  })

  terminalTest('a doubtful plate shows each character’s doubt, the rivals and what speaks against it', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.raise(doubtfulPlateAlert({ contradictions: ['rival_reading', 'clock_untrusted', 'a_code_of_tomorrow'] }))
    await ready(page)
    const classes = await page.locator('.plate-read td').evaluateAll((cells) => cells.map((c) => c.className.replace('certainty-', '')))
    assert.deepEqual(classes, ['sure', 'sure', 'doubtful', 'sure', 'sure', 'weak', 'sure'])
    assert.equal(await page.locator('.plate-listed td.differs').textContent(), '0')
    assert.match(await page.textContent('.rivals'), /京B8Q20D 37%/)
    assert.match(await page.textContent('[data-contradiction=rival_reading]'), /另一种读法/)
    assert.equal(await page.textContent('[data-contradiction=a_code_of_tomorrow]'), 'a_code_of_tomorrow')
  })

  terminalTest('several alerts queue by rank, the open card stays, all are painted, the state bar stays free', async (page, fixture) => {
    await signInOfficer(page, fixture)
    const [first, face, stop] = [doubtfulPlateAlert(), faceAlert(), plateAlert()]
    for (const alert of [first, face, stop]) fixture.raise(alert)
    await page.waitForSelector(`[data-queued="${stop.id}"]`)
    assert.equal(await page.getAttribute('.card', 'data-alert-id'), first.id)
    assert.deepEqual(await page.locator('[data-queued]').evaluateAll((rows) => rows.map((r) => r.dataset.queued)), [stop.id, face.id])
    await until('all painted', () => fixture.painted.size === 3)
    const [desk, bar] = await Promise.all(['.desk', '.bar'].map((s) => page.locator(s).boundingBox()))
    assert.ok(desk.y >= bar.y + bar.height)
    await page.click(`[data-queued="${face.id}"]`)
    await page.waitForSelector(`.card[data-alert-id="${face.id}"]`)
    assert.equal(await page.locator('.faces img').count(), 2)
    fixture.close(face.id, 'lapsed')
    await page.waitForSelector('[data-notice=lapsed]')
    await page.waitForSelector(`.card[data-alert-id="${stop.id}"]`)
  })

  terminalTest('a decision that was not saved says so and stays open; one closed elsewhere goes', async (page, fixture) => {
    await signInOfficer(page, fixture)
    const alert = plateAlert()
    fixture.raise(alert)
    await ready(page)
    fixture.decisionStatus = 500
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.decide .error-line')
    assert.ok(await page.isVisible('[data-action=confirm]'))
    fixture.decisionStatus = 200
    fixture.alerts.delete(alert.id)
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.card', { state: 'detached' })
    await page.waitForSelector('[data-notice=gone]')
  })

  terminalTest('a camera that says nothing turns grey and stale; a lost one says why; a watched one by whom', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.waitForSelector('[data-camera=cam6] [data-condition=live]')
    fixture.silentCameras.add('cam6')
    fixture.state.cameras[1].watchers = [{ viewer: '陈警官', reason: '核实三环事故现场', endsAtUnixMs: Date.now() + 600_000 }]
    Object.assign(fixture.state.cameras[2], { state: 'lost', detail: 'connection timed out' })
    fixture.state.cameras[3].black = true
    await page.waitForSelector('[data-camera=cam6] [data-condition=stale]')
    await page.waitForSelector('[data-camera=cam4] [data-condition=black] >> text=画面全黑')
    assert.match(await page.getAttribute('[data-camera=cam6] canvas', 'class'), /is-grey/)
    assert.match(await page.textContent('[data-camera=cam6]'), /已停/)
    await page.waitForSelector('[data-camera=cam3] [data-condition=lost]')
    assert.match(await page.textContent('[data-camera=cam3]'), /无信号.*connection timed out/)
    assert.match(await page.textContent('[data-camera=cam2]'), /陈警官 正在调看.*核实三环事故现场/)
    fixture.silentCameras.clear()
    await page.waitForSelector('[data-camera=cam6] [data-condition=live]')
  })

  terminalTest('a camera opens full screen, plays by MSE close behind, and is not called live once it stops', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-camera=cam3]')
    await page.waitForSelector('[data-live=live]')
    const at = () => page.evaluate(() => ({ time: document.querySelector('video').currentTime, width: document.querySelector('video').videoWidth }))
    const first = await at()
    assert.equal(first.width, 640)
    await until('time goes on', async () => (await at()).time > first.time + 0.5)
    assert.match(await page.textContent('.live-stamp'), /实时 · 延迟 0\.\d 秒/)
    fixture.liveSockets.forEach((s) => s.stopStream())
    await page.waitForSelector('[data-live=stale]')
    assert.match(await page.textContent('.live-words'), /不是实时画面/)
    assert.match(await page.getAttribute('video', 'class'), /is-grey/)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.mosaic')
  })

  terminalTest('a moment is marked by one touch, driving too; what is held is said before, what was kept after, a refusal in words', async (page, fixture) => {
    fixture.state.position.speedMps = 14
    let answer = { body: { seconds: 19 } }
    fixture.extra = ({ path }) => (path === '/api/moments' ? answer : undefined)
    await signInOfficer(page, fixture)
    await page.click('[data-camera=cam3]')
    assert.match(await page.textContent('[data-mark]'), /最近 20 秒/)
    await page.click('[data-action=mark]')
    await page.waitForSelector('[data-mark=kept]')
    assert.match(await page.textContent('[data-mark]'), /已留存最近 19 秒/)
    assert.deepEqual(fixture.requests.filter((r) => r.path === '/api/moments').map((r) => r.body), [{ cameraId: 'cam3' }])
    answer = { status: 409, body: { code: 'too_many_clips' } }
    await page.click('[data-action=mark]')
    await page.waitForSelector('[data-mark=too_many_clips]')
    assert.match(await page.textContent('[data-mark]'), /正在保存的录像过多/)
    fixture.state.cameras[2].keeping = true
    await page.keyboard.press('Escape')
    await page.waitForSelector('[data-keeping=cam3] >> text=正在留存录像')
  })

  terminalTest('an H.265 camera is shown from its H.264 sub-stream', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-camera=cam4]')
    await page.waitForSelector('[data-live=live]')
    assert.deepEqual(fixture.livePaths, ['/api/live/cam4?quality=sub'])
  })

  terminalTest('the PTZ moves while held and stops when let go', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-camera=cam2]')
    await page.waitForSelector('.full')
    assert.equal(await page.locator('.ptz').count(), 0)
    await page.keyboard.press('Escape')
    await page.click('[data-camera=cam1]')
    const moves = () => fixture.requests.filter((r) => r.path === '/api/ptz').map((r) => r.body)
    const box = await page.locator('.ptz-left').boundingBox()
    await page.mouse.move(box.x + 20, box.y + 20)
    await page.mouse.down()
    await until('repeated moves', () => moves().length >= 3)
    assert.ok(moves().every((m) => m.cameraId === 'cam1' && m.pan < 0 && m.tilt === 0 && m.holdMs > 300))
    await page.mouse.up()
    await until('a stop', () => moves().at(-1).pan === 0)
    const count = moves().length
    await page.focus('.ptz')
    await page.keyboard.down('+')
    await until('zoom', () => moves().length > count && moves().at(-1).zoom > 0)
    await page.keyboard.up('+')
    await until('a stop', () => moves().at(-1).zoom === 0)
  })

  terminalTest('the details name every stage and every list, a refused one with its sentence', async (page, fixture) => {
    await signInOfficer(page, fixture)
    Object.assign(fixture.state.stages[5], { state: 'degraded', detail: 'no fix' })
    await page.waitForSelector('[data-chip=stages][data-level=warn]')
    await page.click('[data-chip=stages]')
    assert.equal(await page.locator('.panel [data-section=stages] li').count(), fixture.state.stages.length)
    assert.match(await page.textContent('.panel'), /卫星定位降级.*no fix/)
    assert.match(await page.textContent('[data-list-state=refused]'), /签名无效/)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.panel', { state: 'detached' })
  })

  terminalTest('a full disk is said in the bar and in the details', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.state.disk = { code: 'disk_full', sinceUnixMs: fixture.state.timeUnixMs, notTaken: 3, detailZh: '磁盘已满：不再记录轨迹。', detailEn: 'Disk full.' }
    await page.waitForSelector('[data-chip=stages][data-level=bad]')
    assert.match(await page.textContent('[data-chip=stages]'), /磁盘已满/)
    await page.click('[data-chip=stages]')
    assert.match(await page.textContent('[data-disk=disk_full]'), /不再记录轨迹/)
    fixture.state.disk = null
    await page.waitForSelector('[data-disk=disk_full]', { state: 'detached' })
  })

  terminalTest('a silent host greys the page in words and comes back', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.beat(false)
    await page.waitForSelector('.host-lost')
    assert.match(await page.textContent('.host-lost'), /失去联系/)
    fixture.beat(true)
    await page.waitForSelector('.host-lost', { state: 'detached' })
  })

  terminalTest('after a broken connection the open alerts come again and a closed one goes', async (page, fixture) => {
    await signInOfficer(page, fixture)
    const [kept, gone] = [plateAlert(), faceAlert()]
    fixture.raise(kept)
    fixture.raise(gone)
    await page.waitForSelector(`[data-queued="${gone.id}"]`)
    fixture.alerts.delete(gone.id)
    fixture.dropSockets()
    await page.waitForSelector(`[data-queued="${gone.id}"]`, { state: 'detached' })
    assert.equal(await page.getAttribute('.card', 'data-alert-id'), kept.id)
  })

  terminalTest('a session that ended in the host leads back to the sign-in', async (page, fixture) => {
    await signInOfficer(page, fixture)
    fixture.raise(plateAlert())
    await page.waitForSelector('.card')
    fixture.state.officer = null
    await page.waitForSelector('.sign-in')
    assert.equal(await page.locator('.card').count(), 0)
    await page.waitForSelector('[data-notice=signedOut]')
  })

  terminalTest('a plate is looked up by gloved fingers, with a purpose each time, and its answer goes on its clock', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-action=look-up]')
    await page.waitForSelector('[data-keys=provinces]')
    for (const key of '京A12345') await page.click(`[data-key="${key}"]`)
    assert.ok(await page.isDisabled('[data-action=ask]'), 'no purpose yet')
    await page.click('[data-purpose=traffic_stop]')
    await page.click('[data-action=ask]')
    await page.waitForSelector('[data-outcome=found]')
    assert.deepEqual(questions(fixture), [{ kind: 'plate', subject: '京A12345', purpose: 'traffic_stop', reason: '' }])
    assert.match(await page.textContent('.look-up-answer'), /京A·12345.*拦车检查.*蓝牌.*被盗有登记.*保险已过期.*年检有效.*30 分钟后从车上清除/s)
    assert.ok(await page.isDisabled('[data-action=ask]'))
    fixture.lookUpAnswer = (question) => ({ status: 200, body: lookUpOf(question, { outcome: 'not_found', plateClass: '', vehicle: '', statuses: [], expiresAtUnixMs: Date.now() + 2500 }) })
    await page.keyboard.type('沪a-d12345')
    await page.click('[data-purpose=accident]')
    await page.focus('[name=subject]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-outcome=not_found]')
    assert.match(await page.textContent('.look-up-answer'), /没有登记信息/)
    assert.equal(questions(fixture)[1].subject, '沪AD12345')
    assert.equal(await page.locator('[data-look-up]').count(), 2)
    await page.waitForSelector('[data-outcome=not_found]', { state: 'detached' })
    assert.equal(await page.locator('[data-look-up]').count(), 1)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.look-up', { state: 'detached' })
    await page.reload()
    await page.click('[data-action=look-up]')
    await page.click('[data-look-up]')
    await page.waitForSelector('[data-outcome]')
  })

  terminalTest('papers need a reason, a call needs a call, and a document offers help to people in distress', async (page, fixture) => {
    fixture.state.calls = [{ id: 'c'.repeat(32), number: 'J-0417', title: '望江路纠纷', state: 'arrived' }, { id: 'd'.repeat(32), number: 'J-0001', title: '已结束', state: 'closed' }]
    await signInOfficer(page, fixture)
    await page.click('[data-camera=cam3]')
    await page.click('.full [data-action=look-up]')
    assert.deepEqual(await page.locator('[data-purpose]').evaluateAll((tiles) => tiles.map((b) => b.dataset.purpose)), ['traffic_stop', 'accident', 'call'])
    await page.click('[data-look-up-kind=document]')
    for (const key of '11010519491231002X') await page.click(`[data-key="${key}"]`)
    await page.click('[data-purpose=person_in_distress]')
    assert.ok(await page.isEnabled('[data-action=ask]'))
    await page.click('[data-purpose=identity_check]')
    assert.ok(await page.isDisabled('[data-action=ask]'))
    await page.click('[data-quick=no_papers]')
    await page.click('[data-action=ask]')
    await page.waitForSelector('[data-fact=wanted][data-state=clear]')
    await page.fill('[name=subject]', '11010519491231002x')
    await page.click('[data-purpose=call]')
    assert.ok(await page.isDisabled('[data-action=ask]'))
    assert.equal(await page.locator('[data-call]').count(), 1)
    await page.click('[data-call]')
    await page.click('[data-action=ask]')
    await until('both asked', () => questions(fixture).length === 2)
    assert.equal(questions(fixture)[0].reason, '未带证件')
    assert.equal(questions(fixture)[1].callId, 'c'.repeat(32))
    await page.focus('[name=subject]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.full')
  })

  terminalTest('a look-up that is refused says why and how long to wait', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-action=look-up]')
    await page.fill('[name=subject]', '京A12345')
    await page.click('[data-purpose=traffic_stop]')
    for (const [status, code, words] of [[503, 'no_link', /没有连接，没有查询/], [503, 'no_answer', /没有回答/], [400, 'bad_plate', /没有这样的车牌号/], [403, 'officer_not_on_roster', /名册中没有您/], [507, 'disk_full', /磁盘已满/]]) {
      fixture.lookUpAnswer = () => ({ status, body: { code } })
      await page.click('[data-action=ask]')
      await page.waitForSelector(`[data-refused=${code}]`)
      assert.match(await page.textContent('[data-refused]'), words)
    }
    fixture.lookUpAnswer = () => ({ status: 429, body: { code: 'rate_limited', retryAfterS: 2 } })
    await page.click('[data-action=ask]')
    await page.waitForSelector('[data-refused=rate_limited]')
    assert.match(await page.textContent('[data-refused]'), /过于频繁.*秒后可再查/)
    assert.ok(await page.isDisabled('[data-action=ask]'))
    await page.waitForSelector('[data-refused]', { state: 'detached' })
    assert.ok(await page.isEnabled('[data-action=ask]'))
    assert.equal(await page.locator('[data-look-up]').count(), 0)
  })

  terminalTest('an alert comes before a look-up, takes no decision from its keys, and what was typed is there after it', async (page, fixture) => {
    await page.clock.install()
    await signInOfficer(page, fixture)
    await page.click('[data-action=look-up]')
    await page.fill('[name=subject]', '京A1')
    await typesOn(page, fixture, plateAlert())
    assert.ok(!(await page.isVisible('.look-up')))
    await ready(page)
    await page.keyboard.press('y')
    await page.waitForSelector('.look-up', { state: 'visible' })
    assert.equal(await page.inputValue('[name=subject]'), '京A1')
    fixture.state.officer = null
    await page.waitForSelector('.sign-in')
    assert.equal(await page.locator('.look-up').count(), 0)
  })

  terminalTest('an Assist begins with a reason, compares whom the officer points out and ends when the officer says', async (page, fixture) => {
    const asked = (path) => fixture.requests.filter((r) => r.path === path && r.method === 'POST').map((r) => r.body)
    await signInOfficer(page, fixture)
    await page.click('[data-action=assist]')
    assert.ok(await page.isDisabled('[data-assist=other]'), 'other needs words')
    await page.click('[data-assist=ill]')
    await page.waitForSelector('.assist-empty')
    assert.deepEqual(asked('/api/assist'), [{ reason: 'ill', words: '' }])
    assert.match(await page.textContent('.assist-clock'), /5\d 秒.*突发疾病/s)
    fixture.assist.views = assistViews()
    await page.click('[data-view=v2]')
    await page.waitForSelector('[data-view=v2][data-unlike=true]')
    assert.deepEqual(asked('/api/assist/check'), [{ visitId: 'v2' }])
    assert.match(await page.textContent('[data-view=v2]'), /没有相像的人/)
    assert.ok(await page.isDisabled('[data-view=v2]'))
    fixture.assistOutcome = 'decided_before'
    await page.click('[data-view=v4]')
    await page.waitForSelector('[data-view=v4]', { state: 'detached' })
    assert.match(await page.textContent('[data-decided]'), /刚才已有决定/)
    // The camera is turned meanwhile: it goes on, and every screen says so.
    await page.keyboard.press('Escape')
    await page.waitForSelector('.assist', { state: 'detached' })
    assert.match(await page.textContent('[data-action=assist]'), /秒/)
    await page.click('[data-action=assist]')
    await page.waitForSelector('[data-view]')
    await page.click('[data-action=end-assist]')
    await page.waitForSelector('.assist-ended')
    assert.equal(await page.locator('[data-view]').count(), 0)
    assert.equal(fixture.assist, null)
    await page.fill('[name=words]', '不能说话')
    await page.click('[data-assist=other]')
    await page.waitForSelector('.assist-empty')
    assert.deepEqual(asked('/api/assist')[1], { reason: 'other', words: '不能说话' })
  })

  terminalTest('an Assist that ends in the host takes the faces off the page, and a refusal says why', async (page, fixture) => {
    await signInOfficer(page, fixture)
    await page.click('[data-action=assist]')
    for (const [code, words] of [['no_missing_list', /走失或需要救助人员名单/], ['clock_untrusted', /现在无法比对：时间未确认/], ['disk_full', /磁盘已满/]]) {
      fixture.assistRefusal = code
      await page.click('[data-assist=lost]')
      await page.waitForSelector(`[data-refused=${code}]`)
      assert.match(await page.textContent('[data-refused]'), words)
    }
    await page.click('[data-assist=lost]')
    await page.waitForSelector('.assist-empty')
    assert.equal(await page.locator('[data-refused]').count(), 0)
    fixture.assist.views = assistViews()
    await page.waitForSelector('[data-view=v1]')
    fixture.assist = null
    await page.waitForSelector('.assist-ended')
    assert.equal(await page.locator('[data-view]').count(), 0)
  })

  terminalTest('an alert covers an Assist, and takes no decision from what is being typed there', async (page, fixture) => {
    await page.clock.install()
    await signInOfficer(page, fixture)
    await page.click('[data-action=assist]')
    await page.focus('[name=words]')
    await typesOn(page, fixture, faceAlert())
    assert.ok(!(await page.isVisible('.assist')))
    await ready(page)
    await page.keyboard.press('y')
    await page.waitForSelector('.assist', { state: 'visible' })
    fixture.state.officer = null
    await page.waitForSelector('.sign-in')
    await page.waitForSelector(".assist", { state: "detached" })
  })

  terminalTest('language and theme are switched at once and remembered', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.click('[data-action=language]')
    await page.click('[data-action=theme]')
    await page.waitForSelector('text=Officer sign-in')
    await page.reload()
    await page.waitForSelector('text=Officer sign-in')
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), ['en', 'day'])
  })

  pageTest('no roster, no camera, no list: each says so', inCar, () => startTerminal(), async (page, fixture) => {
    fixture.roster = []
    Object.assign(fixture.state, { cameras: [], lists: [], stages: [], position: null })
    await page.goto(fixture.url)
    await page.waitForSelector('text=没有可登录的警员名册')
    fixture.roster = roster
    await page.waitForSelector('.tile')
    await signInOfficerWithoutMosaic(page)
    await page.waitForSelector('text=没有摄像机')
    await page.click('[data-chip=matching]')
    await page.waitForSelector('text=没有布控名单')
  })
})

async function signInOfficerWithoutMosaic(page) {
  await page.click(`[data-officer="${roster[0].officerId}"]`)
  await page.keyboard.type(pin)
  await page.keyboard.press('Enter')
}
