import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startConsole } from './console-fixture.mjs'
import { sosOf } from './desk-fixture.mjs'
import { fragmentedClip } from './media.mjs'
import { inControlRoom, pageTest, signInDispatcher, until } from './support.mjs'

// Whoever takes a call for help is shown the car's cameras.
let clip
const deskTest = (name, body) => pageTest(name, inControlRoom, () => startConsole({ clip: (clip ??= fragmentedClip(20)) }), body)

describe('desks of the console', { concurrency: 2 }, () => {
  deskTest('a call for help stands above every page until somebody took it and wrote down how it ended', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=lists]')
    fixture.tell('sos', [sosOf('京A-0731')])
    await page.waitForSelector('[data-sos="京A-0731"][data-taken=false]')
    assert.match(await page.textContent('[data-sos="京A-0731"]'), /京A-0731 警员 041207 紧急求助/)
    assert.match(await page.textContent('[data-sos="京A-0731"]'), /最近：京A-0744 \d\.\d 公里/)
    await page.click('[data-action=sos-map]')
    await page.waitForSelector('[data-unit="京A-0731"][aria-pressed=true]')
    await page.click('[data-action=sos-take]')
    await page.waitForSelector('[data-sos="京A-0731"][data-taken=true]')
    assert.match(await page.textContent('.sos-by'), /chenlei 已接手/)
    await page.waitForSelector('[data-tile] [data-live=live]')
    assert.deepEqual(fixture.requests.filter((r) => r.path === '/api/live').map((r) => [r.body.unitId, r.body.allCameras, r.body.reason]), [['京A-0731', true, '民警紧急求助']])
    await page.click('[data-action=sos-close]')
    await page.fill('[name=result]', '警员无恙')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-sos]', { state: 'detached' })
    assert.deepEqual(fixture.requests.filter((r) => r.path.includes('/sos/')).map((r) => [r.path.split('/').at(-1), r.body.result]), [['acknowledge', undefined], ['close', '警员无恙']])
  })

  deskTest('a hazard is read with its picture, passed on with words, and closed', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.waitForSelector('[data-mark="h-1"]')
    await page.click('[data-mark="h-1"]')
    await page.click('[data-column=found] [data-hazard="h-1"]')
    await page.waitForSelector('.hazard-pictures img')
    assert.match(await page.textContent('.hazard-detail'), /照片正在上传/)
    await page.click('[data-action=pass-on]')
    await page.waitForSelector('text=请填写说明')
    await page.fill('[name=words]', '转交街道办')
    await page.click('[data-action=pass-on]')
    await page.waitForSelector('[data-column=passed_on] [data-hazard="h-1"]')
    await page.waitForSelector('[data-acts="2"]')
    await page.fill('[name=words]', '已清理')
    await page.click('[data-action=close-hazard]')
    await page.waitForSelector('[data-column=closed] [data-hazard="h-1"]')
    await page.click('[data-tab=map]')
    await until('no mark of a closed hazard', async () => (await page.locator('[data-mark="h-1"]').count()) === 0)
  })

  deskTest('a case record is opened with its people and signatures, passed on and answered; nothing of it stands on the board', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=records]')
    await page.waitForSelector('[data-column=sent] [data-record="r-1"]')
    assert.doesNotMatch(await page.textContent('.hazard-board'), /王建国/)
    await page.click('[data-record="r-1"]')
    await page.waitForSelector('[data-content]')
    assert.match(await page.textContent('.hazard-detail'), /望江路 12 号.*停车位.*王建国.*他先占了车位/s)
    assert.equal(await page.locator('.record-signature').count(), 1)
    await page.click('[data-action=answer]')
    await page.waitForSelector('.hazard-detail [role=alert]')
    await page.fill('[name=words]', '转望江社区')
    await page.click('[data-action=pass-on]')
    await page.waitForSelector('[data-column=passed_on] [data-record="r-1"]')
    await page.fill('[name=words]', '已调解')
    await page.click('[data-action=answer]')
    await page.waitForSelector('[data-column=answered] [data-record="r-1"]')
    await page.waitForSelector('[data-acts="2"]')
    assert.equal(await page.locator('[data-action=answer]').count(), 0)
  })

  deskTest('a hazard that cannot be read says why', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    fixture.hazardStatus = { status: 404, body: { code: 'unknown_hazard' } }
    await page.click('[data-tab=hazards]')
    await page.click('[data-hazard="h-2"]')
    await page.waitForSelector('.hazard-detail [role=alert]')
    assert.match(await page.textContent('.hazard-detail [role=alert]'), /读不到这项隐患：没有这项隐患/)
  })

  deskTest('an instruction goes to the chosen cars and shows who has read it', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=instructions]')
    assert.ok(await page.locator('[data-action=send]').isDisabled())
    await page.click('[data-to=public_order]')
    await page.waitForSelector('text=已选 3 辆')
    await page.click('[data-car="京A-0760"]')
    await page.fill('[name=text]', '注意白色货车')
    await page.click('[data-action=urgent]')
    await page.click('[data-action=send]')
    await page.waitForSelector('text=已下达')
    await page.waitForSelector('[data-instruction="i-2"]')
    assert.deepEqual(fixture.requests.find((r) => r.path === '/api/instructions' && r.method === 'POST').body, { unitIds: ['京A-0731', '京A-0744'], text: '注意白色货车', urgent: true })
    fixture.sent[0].units[0] = { unitId: '京A-0731', state: 'read', atUnixMs: Date.now(), readBy: '041207' }
    fixture.tell('instructions', [...fixture.sent])
    await page.waitForSelector('[data-instruction="i-2"] [data-unit-state="京A-0731 read"]')
    assert.match(await page.textContent('[data-instruction="i-2"]'), /1\/2 已读/)
  })

  deskTest('a shift is handed over, and another is taken over', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=shifts]')
    await page.fill('[name=note]', '请留意三环')
    await page.click('[data-action=make-shift]')
    await page.waitForSelector('[data-sheet="s-2"]')
    assert.match(await page.textContent('[data-sheet="s-2"] [data-part=hazards]'), /未了.*消防通道被占，待处理/s)
    assert.equal(await page.locator('[data-action=take-shift]').count(), 0, 'nobody takes over their own')
    await page.click('[data-shift="s-1"]')
    await page.click('[data-sheet="s-1"] [data-action=take-shift]')
    await page.waitForSelector('[data-sheet="s-1"] >> text=chenlei 接班')
  })

  deskTest('the list of cars is narrowed by police, state and words', async (page, fixture) => {
    await signInDispatcher(page, fixture)
    await page.selectOption('[name=police]', 'traffic')
    await until('one car', async () => (await page.locator('[data-unit]').count()) === 1)
    await page.selectOption('[name=police]', '')
    await page.selectOption('[name=state]', 'duty')
    await until('two cars', async () => (await page.locator('[data-unit]').count()) === 2)
    await page.click('[data-action=counts]')
    await page.waitForSelector('[data-car-marker="京A-0731"] em:has-text("车流 18 辆/分")')
  })
})
