// Pages about cars in the field: patrol progress and plans, police visibility, cordons; by mouse and by keyboard alone.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { startConsole } from './console-fixture.mjs'
import { initialShift, postsBecome, someOperation } from './field-fixture.mjs'
import { pageTest, signInDispatcher, until } from './support.mjs'

// The smallest console there is: the map is drawn in software, and what is drawn is looked at elsewhere (looks.test.mjs).
const fieldTest = (name, body) => pageTest(name, { width: 1280, height: 760 }, startConsole, body)

async function open(page, fixture, tab, role = 'dispatcher') {
  fixture.role = role
  await signInDispatcher(page, fixture)
  await page.click(`[data-tab=${tab}]`)
}

async function mapReady(page) {
  await page.waitForSelector('.map-canvas[data-ready=true]')
  // The first fit to the cars is over when their markers stand still.
  await page.waitForSelector('.field-map [data-car-marker]')
}

/** A click in the map's own place, from 0 to 1 across and down. */
async function clickMap(page, x, y) {
  const box = await page.locator('.field-map .map-canvas').boundingBox()
  await page.mouse.click(box.x + box.width * x, box.y + box.height * y)
}

describe('field pages', { concurrency: 1 }, () => {
  fieldTest('patrol progress says what is done, due and missed, why, and who is there now', async (page, fixture) => {
    await open(page, fixture, 'patrol')
    await page.waitForSelector('[data-item=market][data-state=missed]')
    assert.match(await page.textContent('[data-item=market] [data-why=never_near]'), /最近 312\.4 米/)
    assert.match(await page.textContent('[data-item=gate]'), /1\/2 次[\s\S]*次数不够/)
    assert.match(await page.textContent('[data-item="beat-1"]'), /131\.5\/120 分钟[\s\S]*现在：京A-0731/)
    assert.match(await page.textContent('[data-item=road]'), /其他辖区车辆/)
    assert.match(await page.textContent('[data-unit-progress="京A-0744"]'), /没有轨迹/)
    assert.match(await page.textContent('[data-shift=east-day]'), /完成 2\/5[\s\S]*漏巡 1/)
    assert.equal(await page.locator('[data-who]').count(), 0)
    await page.click('[data-item=gate] button')
    await page.click('[data-action=who]')
    await page.waitForSelector('[data-who]:has-text("041207")')
    assert.deepEqual(fixture.field.posted.at(-1).itemId, 'gate')
    // News of the centre: asked again by itself.
    fixture.field.shifts = [initialShift({ done: 5, missed: 0 })]
    fixture.broadcast('patrol', { atUnixMs: Date.now() })
    await page.waitForSelector('[data-shift=east-day]:has-text("完成 5/5")')
  })

  fieldTest('nothing planned, nothing heard yet and no answer each have their words, and the way on works', async (page, fixture) => {
    fixture.field.delay = 1200
    await open(page, fixture, 'patrol')
    await page.waitForSelector('.empty:has-text("正在读取")')
    fixture.field.delay = 0
    fixture.field.shifts = []
    fixture.field.history = []
    await page.waitForSelector('[data-shift=east-day]')
    fixture.broadcast('patrol', { atUnixMs: 1 })
    await page.waitForSelector('.empty:has-text("当天没有巡逻计划")')
    fixture.field.fails = { status: 503, body: { code: '' } }
    await page.click('[data-mode=history]')
    await page.waitForSelector('[role=alert]:has-text("服务暂不可用")')
    fixture.field.fails = null
    await page.click('[data-action=retry]')
    await page.waitForSelector('.empty:has-text("近 14 天没有巡逻记录")')
    await page.click('[data-mode=visibility]')
    fixture.field.cells = []
    await page.click('[data-span=hour]')
    await page.waitForSelector('.empty:has-text("此时段没有车辆轨迹")')
  })

  fieldTest('a plan is drawn with the mouse, its corners dragged, and sent', async (page, fixture) => {
    await open(page, fixture, 'patrol', 'supervisor')
    await page.click('[data-mode=plans]')
    await page.click('[data-action=new-plan]')
    await mapReady(page)
    await page.fill('[name=plan-name]', '南区夜班')
    await page.fill('[name=plan-id]', 'south-night')
    await page.click('[data-give="京A-0744"]')
    await page.click('[data-add=beat]')
    for (const [x, y] of [[0.3, 0.3], [0.7, 0.3], [0.7, 0.8]]) await clickMap(page, x, y)
    await page.waitForSelector('[data-handle="beat-1/2"]')
    const before = await page.inputValue('[name=places]')
    const corner = await page.locator('[data-handle="beat-1/0"]').boundingBox()
    await page.mouse.move(corner.x + 20, corner.y + 20)
    await page.mouse.down()
    await page.mouse.move(corner.x - 60, corner.y + 90, { steps: 5 })
    await page.mouse.up()
    await until('the corner moved', async () => (await page.inputValue('[name=places]')) !== before)
    await page.click('[data-add=point]')
    await clickMap(page, 0.5, 0.5)
    await page.fill('[name=dwellSeconds]', '90')
    await page.click('[data-action=save-plan]')
    await page.waitForSelector('[data-plan=south-night]')
    const sent = fixture.field.posted.at(-1)
    assert.deepEqual(sent.patrolPlan.units, ['京A-0744'])
    assert.equal(sent.features[0].geometry.coordinates[0].length, 4)
    assert.deepEqual(sent.features[0].geometry.coordinates[0][0], sent.features[0].geometry.coordinates[0][3])
    assert.equal(sent.features[1].properties.dwellSeconds, 90)
    assert.equal(sent.features[1].geometry.type, 'Point')
  })

  fieldTest('a plan is made by keyboard alone, and a refusal names the item', async (page, fixture) => {
    await open(page, fixture, 'patrol', 'supervisor')
    await page.focus('[data-mode=plans]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-action=new-plan]')
    await page.focus('[data-action=new-plan]')
    await page.keyboard.press('Enter')
    await page.focus('[name=plan-name]')
    await page.keyboard.type('键盘计划')
    await page.keyboard.press('Tab')
    await page.keyboard.type('by-keys')
    await page.focus('[data-add=beat]')
    await page.keyboard.press('Enter')
    await page.focus('[name=places]')
    await page.keyboard.type('39.90, 116.39\n39.90, 116.41')
    await page.focus('[data-action=save-plan]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[role=alert]:has-text("“巡区 1”：位置不完整")')
    await page.focus('[name=places]')
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\n39.92, 116.41x')
    await page.waitForSelector('text=每行须为')
    await page.keyboard.press('Backspace')
    await page.focus('[data-action=save-plan]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-plan=by-keys]')
    assert.deepEqual(fixture.field.posted.at(-1).features[0].geometry.coordinates[0], [[116.39, 39.9], [116.41, 39.9], [116.41, 39.92], [116.39, 39.9]])
  })

  fieldTest('a plan comes in as a file and goes out as one, and what is no plan is refused in words', async (page, fixture) => {
    await open(page, fixture, 'patrol', 'supervisor')
    await page.click('[data-mode=plans]')
    await page.waitForSelector('[data-plan=east-day]')
    assert.equal(await page.getAttribute('[data-plan=east-day] a', 'href'), '/api/patrol/plans/east-day.geojson')
    await page.setInputFiles('[name=plan-file]', { name: 'x.geojson', mimeType: 'application/json', buffer: Buffer.from('not json') })
    await page.waitForSelector('[role=alert]:has-text("不是巡逻计划的 GeoJSON")')
    const file = structuredClone(fixture.field.plans[0].document)
    file.patrolPlan.id = 'imported'
    await page.setInputFiles('[name=plan-file]', { name: 'y.geojson', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) })
    await page.waitForSelector('[data-plan=imported]')
  })

  fieldTest('a plan is changed and ended, and a dispatcher is offered neither', async (page, fixture) => {
    await open(page, fixture, 'patrol', 'supervisor')
    await page.click('[data-mode=plans]')
    await page.click('[data-plan=east-day] [data-action=edit-plan]')
    await page.click('[data-draft=gate]')
    assert.equal(await page.inputValue('[name=times]'), '2')
    await page.click('[data-action=save-plan]')
    await page.waitForSelector('[data-plan=east-day]:has-text("第 4 版")')
    assert.deepEqual(fixture.field.posted.at(-1).features.find((f) => f.id === 'post').properties.from, '17:00')
    await page.click('[data-plan=east-day] > button')
    await page.click('[data-plan=east-day] [data-action=end-plan]')
    await page.click('[data-plan=east-day] [data-action=end-plan]:has-text("确认")')
    await page.waitForSelector('[data-plan=east-day]', { state: 'detached' })
    fixture.role = 'dispatcher'
    await page.reload()
    await page.click('[data-tab=patrol]')
    await page.click('[data-mode=plans]')
    await page.waitForSelector('text=只有主管和管理员可以修改计划')
    assert.equal(await page.locator('[data-action=new-plan], [data-action=edit-plan]').count(), 0)
  })

  fieldTest('police visibility shows numbers on hover, the least-seen cells of a beat, and leaves as CSV', async (page, fixture) => {
    await open(page, fixture, 'patrol')
    await page.click('[data-mode=visibility]')
    await mapReady(page)
    await page.waitForSelector('.field-words:has-text("每格约 250 米")')
    const box = await page.locator('.field-map .map-canvas').boundingBox()
    await until('a cell tells its number', async () => {
      for (const x of [0.4, 0.45, 0.5, 0.55]) {
        await page.mouse.move(box.x + box.width * x, box.y + box.height * 0.5)
        await new Promise((resolve) => setTimeout(resolve, 60))
        if (/车·分，\d 辆车/.test(await page.textContent('.field-words'))) return true
      }
      return false
    })
    await page.selectOption('[name=beat]', 'east-day/beat-1')
    await page.waitForSelector('[data-never="2"]')
    assert.equal(await page.locator('[data-cell]').count(), 12)
    await page.click('[data-span=week]')
    const href = await page.getAttribute('a[href^="/api/visibility/cells.csv"]', 'href')
    const [from, to] = [...new URL(href, 'http://x').searchParams.values()].map(Number)
    assert.equal(to - from, 7 * 86_400_000)
  })

  fieldTest('a cordon is drawn with the mouse, changed by hand, and ordered', async (page, fixture) => {
    await open(page, fixture, 'containment')
    await page.waitForSelector('.empty:has-text("没有进行中的封控")')
    await page.click('[data-action=new-cordon]')
    await mapReady(page)
    assert.ok(await page.isDisabled('[data-action=propose]'))
    await clickMap(page, 0.5, 0.5)
    await page.waitForSelector('[data-handle=radius]')
    const radius = await page.locator('[data-handle=radius]').boundingBox()
    await page.mouse.move(radius.x + 20, radius.y + 20)
    await page.mouse.down()
    await page.mouse.move(radius.x - 40, radius.y + 20, { steps: 4 })
    await page.mouse.up()
    await until('the radius shrank', async () => Number(await page.inputValue('[name=radiusMetres]')) < 1000)
    await page.click('[data-action=propose]')
    await page.waitForSelector('[data-source=roads]')
    assert.match(await page.textContent('[data-excluded]'), /京A-0752 离线[\s\S]*京A-0760 没有位置/)
    assert.equal(await page.inputValue('[data-draft-post=p1] select'), '京A-0731')
    await page.click('[data-remove=p6]')
    await page.click('[data-action=add-post]')
    await clickMap(page, 0.5, 0.3)
    await page.waitForSelector('[data-handle=p6]')
    await page.selectOption('[data-draft-post=p3] select', '京A-0731')
    assert.equal(await page.inputValue('[data-draft-post=p1] select'), '')
    await page.fill('[name=cordon-name]', '车站')
    await page.click('[data-action=confirm-cordon]')
    await page.waitForSelector('[role=alert]:has-text("请填写原因")')
    await page.fill('[name=cordon-reason]', '核实线索')
    await page.click('[data-action=confirm-cordon]')
    await page.waitForSelector('[data-operation]')
    const sent = fixture.field.posted.at(-1)
    assert.deepEqual([sent.posts.length, sent.posts.filter((p) => p.unitId).map((p) => p.unitId)], [6, ['京A-0744', '京A-0731']])
    assert.equal(await page.getAttribute('[data-post=p2]', 'data-state'), 'ordered')
  })

  fieldTest('a cordon is followed until it closes, a post given to another car, and the operation ended with a reason', async (page, fixture) => {
    fixture.field.operations = [someOperation()]
    await open(page, fixture, 'containment')
    await page.waitForSelector('[data-post=p2][data-state=ordered]')
    postsBecome(fixture.field, fixture.broadcast, ['open', 'held', 'held'])
    await page.waitForSelector('[data-post=p3][data-state=held]')
    await page.waitForSelector('[data-operation]:has-text("封闭 1/6 段")')
    await page.selectOption('[data-post=p1] select', '京A-0760')
    await page.waitForSelector('[data-post=p1][data-state=ordered]')
    assert.deepEqual(fixture.field.posted.at(-1).unitId, '京A-0760')
    await page.fill('[name=end-reason]', '已找到')
    await page.click('[data-action=end-cordon]')
    await page.waitForSelector('[data-operation][data-over=true]:has-text("已找到")')
    assert.equal(await page.locator('[data-action=end-cordon]').count(), 0)
  })

  fieldTest('a cordon is made by keyboard alone: numbers for its place, arrow keys for its posts', async (page, fixture) => {
    fixture.field.roads = []
    await open(page, fixture, 'containment')
    await page.focus('[data-action=new-cordon]')
    await page.keyboard.press('Enter')
    await page.focus('[name=latitude]')
    await page.keyboard.type('39.909')
    await page.keyboard.press('Tab')
    await page.keyboard.type('116.4')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('800')
    await page.keyboard.press('Tab')
    await page.focus('[data-action=propose]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-source=even]')
    await page.waitForSelector('[data-handle=p1]')
    const before = await page.inputValue('[name=post-places]')
    await page.focus('[data-handle=p1]')
    await page.keyboard.press('ArrowUp')
    await until('the post moved', async () => (await page.inputValue('[name=post-places]')) !== before)
    const [was, is] = [before, await page.inputValue('[name=post-places]')].map((v) => Number(v.split(',')[0]))
    assert.ok(is > was && is - was < 0.01, `${was} to ${is}`)
    await page.focus('[name=cordon-name]')
    await page.keyboard.type('K')
    await page.keyboard.press('Tab')
    await page.keyboard.type('核实现场')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-operation]')
    assert.equal(fixture.field.posted.at(-1).cordon.radiusMetres, 800)
  })

  fieldTest('an administrator follows a cordon and is offered no orders; a centre that does not answer is said', async (page, fixture) => {
    fixture.field.fails = { status: 503, body: { code: '' } }
    await open(page, fixture, 'containment', 'admin')
    await page.waitForSelector('[role=alert]:has-text("服务暂不可用")')
    fixture.field.fails = null
    await page.click('[data-action=retry]')
    await page.waitForSelector('.empty:has-text("没有进行中的封控")')
    assert.equal(await page.locator('[data-action=new-cordon]').count(), 0)
  })
})
