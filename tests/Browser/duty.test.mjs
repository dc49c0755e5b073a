// The duty page and hazards: what a glance shows, two touches for a hazard, what waits until the car stands.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { dutyOf, ownHazards, withDuty } from './duty-fixture.mjs'
import { everyLook } from './every-look.mjs'
import { previewJpegs } from './media.mjs'
import { inCar, pageTest, pagesAtOnce, signInOfficer, until } from './support.mjs'
import { plateAlert, startTerminal } from './terminal-fixture.mjs'

let jpegs
const start = async () => {
  const fixture = withDuty(await startTerminal({ jpegs: (jpegs ??= previewJpegs(8)) }), { hazards: ownHazards() })
  fixture.state.position.speedMps = 0.3
  return fixture
}
const dutyTest = (name, body) => pageTest(name, inCar, start, body)
const open = async (page, fixture) => {
  await signInOfficer(page, fixture)
  await page.click('[data-page=duty]')
  await page.waitForSelector('[data-progress]')
}
const posts = (fixture, path) => fixture.requests.filter((r) => r.method !== 'GET' && r.path.startsWith(path))

/** Counts touches of buttons, as the page hears them. */
async function countTouches(page) {
  await page.evaluate(() => {
    window.touches = 0
    document.addEventListener('click', () => window.touches++, true)
  })
  return () => page.evaluate(() => window.touches)
}

describe('duty page', { concurrency: pagesAtOnce }, () => {
  dutyTest('progress, the next point and the numbers are there at a glance; the rail counts what was missed and not explained', async (page, fixture) => {
    await open(page, fixture)
    assert.equal(await page.getAttribute('[data-progress]', 'data-progress'), '2/9')
    assert.match(await page.textContent('[data-progress]'), /漏 2 项.*东城白班/)
    assert.equal(await page.getAttribute('[data-next]', 'data-next'), 'school')
    assert.match(await page.textContent('[data-next]'), /望江路小学东门640 米/)
    assert.equal(await page.textContent('[data-number=vehicles]'), '49')
    assert.equal(await page.textContent('.rail [data-page=duty] .rail-waiting'), '2')
    const groups = await page.evaluate(() => [...document.querySelectorAll('[data-group]')].map((g) => [g.dataset.group, g.querySelectorAll('[data-item]').length]))
    assert.deepEqual(groups, [['under_way', 3], ['open', 3], ['missed', 2], ['done', 1]])
    assert.match(await page.textContent('[data-item=market]'), /再停 12 秒/)
    assert.match(await page.textContent('[data-item=bank]'), /停留少 14 秒 · 有 3 分钟没有定位/)
    assert.match(await page.textContent('[data-item=bridge]'), /没有到过/)
    assert.equal(await page.locator('[data-rings="3"] .ring').count(), 3)
    assert.equal(await page.locator('[data-dot]').count(), 6)
    fixture.state.areas.duty = dutyOf({ routes: [], items: [] })
    await page.waitForSelector('[data-progress=none]')
    fixture.state.areas.duty = null
    await page.waitForSelector('[data-progress=none]')
  })

  dutyTest('a hazard takes two touches and carries the picture of the first; for five seconds it can be taken back', async (page, fixture) => {
    await open(page, fixture)
    const touches = await countTouches(page)
    await page.click('.duty-now [data-action=hazard]')
    await page.click('[data-kind=road_damage]')
    await page.waitForSelector('[data-undo]')
    assert.equal(await touches(), 2)
    // The front camera, at the first touch; the second may come before the picture.
    assert.deepEqual(posts(fixture, '/api/pictures').map((r) => r.body), [{ cameraId: 'cam3' }])
    const [sent] = posts(fixture, '/api/hazards')
    assert.deepEqual(sent.body, { kind: 'road_damage', pictureId: '00000000-0000-7000-8000-000000000001' })
    assert.match(await page.textContent('[data-undo]'), /已上报：路面损坏.*秒内可撤销/)
    await page.click('[data-action=undo-hazard]')
    await page.waitForSelector('[data-undo]', { state: 'detached' })
    assert.equal(posts(fixture, '/api/hazards').at(-1).method, 'DELETE')
    assert.equal(await page.locator('.own-hazards [data-hazard]').count(), 2)
  })

  dutyTest('the same from the cameras page, while driving too; another camera takes another picture and lets go of the first', async (page, fixture) => {
    fixture.state.position.speedMps = 15
    await signInOfficer(page, fixture)
    const touches = await countTouches(page)
    await page.click('.car [data-action=hazard]')
    await page.waitForSelector('[data-shot=taken]')
    await page.click('[data-shoot=cam6]')
    await page.waitForSelector('[data-shot=taken] >> text=正后')
    await page.click('[data-kind=smoke]')
    await page.waitForSelector('[data-undo]')
    assert.equal(await touches(), 3)
    const asked = posts(fixture, '/api/pictures')
    assert.deepEqual(asked.filter((r) => r.method === 'POST').map((r) => r.body.cameraId), ['cam3', 'cam6'])
    assert.deepEqual(asked.filter((r) => r.method === 'DELETE').map((r) => r.path), ['/api/pictures/00000000-0000-7000-8000-000000000001'])
    assert.equal(posts(fixture, '/api/hazards')[0].body.pictureId, '00000000-0000-7000-8000-000000000002')
  })

  dutyTest('without a picture it says why and is sent all the same; a picture that is too old is taken again', async (page, fixture) => {
    await open(page, fixture)
    fixture.noPicture = 'privacy_place'
    await page.click('.duty-now [data-action=hazard]')
    await page.waitForSelector('[data-shot=privacy_place]')
    assert.match(await page.textContent('[data-shot]'), /隐私区域内不拍照.*仍可上报/)
    await page.click('[data-kind=flooding]')
    await page.waitForSelector('[data-undo]')
    assert.equal(posts(fixture, '/api/hazards')[0].body.pictureId, null)
    fixture.noPicture = ''
    await page.click('.duty-now [data-action=hazard]')
    await page.waitForSelector('[data-shot=taken]')
    fixture.refuse = 'picture_gone'
    await page.click('[data-kind=obstacle]')
    await page.waitForSelector('[data-refused=picture_gone]')
    await until('a new picture', () => posts(fixture, '/api/pictures').filter((r) => r.method === 'POST').length >= 3)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.hazard-sheet', { state: 'detached' })
  })

  dutyTest('an alert covers a hazard that is being reported and gives it back', async (page, fixture) => {
    await open(page, fixture)
    await page.click('.duty-now [data-action=hazard]')
    await page.waitForSelector('[data-shot=taken]')
    fixture.raise(plateAlert())
    await page.waitForSelector('.card[data-ready=true]')
    assert.ok(!(await page.isVisible('.hazard-sheet')))
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.hazard-sheet [data-shot=taken]')
  })

  dutyTest('a post is handed over by one touch on an officer, or to a unit in writing; what was refused is said', async (page, fixture) => {
    await open(page, fixture)
    await page.click('[data-item=post] [data-action=hand-over]')
    await page.click('[data-relief="041533"]')
    await page.waitForSelector('[data-item=post] >> text=交岗给 赵雨薇')
    await page.click('[data-item=post] [data-action=hand-over]')
    await page.fill('[name=unit]', '京A-0745')
    fixture.refuse = 'unknown_item'
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-refused=unknown_item]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-item=post] >> text=交岗给 京A-0745')
    assert.deepEqual(posts(fixture, '/api/duty').map((r) => r.body), [{ relievedBy: '赵雨薇', toUnitId: '' }, { relievedBy: '', toUnitId: '京A-0745' }, { relievedBy: '', toUnitId: '京A-0745' }])
  })

  dutyTest('a missed point asks for nothing; a reason is one touch when the car stands, and typing waits while it moves', async (page, fixture) => {
    await open(page, fixture)
    await page.click('[data-item=bank] [data-action=say-why]')
    await page.click('[data-item=bank] [data-reason=road_closed]')
    await page.waitForSelector('[data-item=bank] >> text=原因：道路封闭')
    await until('one is left to explain', async () => (await page.textContent('.rail [data-page=duty] .rail-waiting')) === '1')
    await page.click('[data-item=bridge] [data-action=say-why]')
    await page.fill('[data-item=bridge] [name=reason]', '桥面施工')
    fixture.state.position.speedMps = 12
    await page.waitForSelector('[data-item=bridge] [name=reason]', { state: 'detached' })
    assert.equal(await page.locator('[data-action=say-why]').count(), 0)
    assert.equal(await page.locator('[data-action=hazard-gone]').count(), 0)
    fixture.state.position.speedMps = 0.2
    await page.waitForSelector('[data-item=bridge] [name=reason]')
    assert.equal(await page.inputValue('[data-item=bridge] [name=reason]'), '桥面施工')
  })

  dutyTest('own hazards are followed until somebody says that they are gone', async (page, fixture) => {
    await open(page, fixture)
    assert.match(await page.textContent('[data-hazard=h-1]'), /路灯损坏已转交处理/)
    await page.click('[data-hazard=h-0] [data-action=hazard-gone]')
    await page.waitForSelector('[data-hazard=h-0][data-state=closed]')
  })

  everyLook('duty', start, ['林晓峰', '京', '东城', '望江', '火车站', '三环', '东门', '赵雨薇', '王建国', '中文'], async (page, fixture, look) => {
    await signInOfficer(page, fixture)
    await page.waitForSelector('[data-condition=live]')
    await look('cameras')
    await page.click('[data-page=duty]')
    await page.waitForSelector('[data-progress]')
    await look('duty')
    await page.click('[data-item=post] [data-action=hand-over]')
    await page.waitForSelector('[data-relief]')
    await page.click('[data-item=bank] [data-action=say-why]')
    await look('forms')
    await page.click('.duty-now [data-action=hazard]')
    await page.waitForSelector('[data-shot=taken]')
    await look('hazard')
    await page.click('[data-kind=other]')
    await page.waitForSelector('[data-undo]')
    await look('undo')
  })
})
