// The map of the terminal: the car and what is around it, over whatever ground the car has on its own disk, and nothing from outside.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { seriousFaults } from './axe.mjs'
import { call, busyHour, patrolItems, startCalls } from './calls-terminal-fixture.mjs'
import { faults } from './faults.mjs'
import { geojson, pmtiles } from './map-file.mjs'
import { inCar, pageTest, signInOfficer, until } from './support.mjs'

// WebGL runs in software here, on all the cores that there are.
const atOnce = 1

const mapTest = (name, body, before = () => undefined, viewport = inCar) =>
  pageTest(name, viewport, () => startCalls(), async (page, fixture) => {
    const asked = []
    page.on('request', (r) => asked.push(r.url()))
    await before(page, fixture)
    await signInOfficer(page, fixture)
    await body(page, fixture, asked)
  })

const open = async (page) => {
  await page.click('[data-page=map]')
  await page.waitForSelector('.maplibregl-canvas')
  await page.waitForSelector('[data-map-own]')
}
const centreOf = async (page, what) => {
  const box = await page.locator(what).boundingBox()
  return [box.x + box.width / 2, box.y + box.height / 2]
}
const drive = (fixture, change) => (fixture.state.position = { ...fixture.state.position, ...change })

/** The colours that are drawn from a point of the screen downwards, by a picture of it. */
async function coloursAt(page, x, y, height = 1) {
  const picture = await page.screenshot({ clip: { x, y, width: 1, height }, timeout: 30_000 })
  const found = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }))
    const context = new OffscreenCanvas(1, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const pixels = context.getImageData(0, 0, 1, bitmap.height).data
    return Array.from({ length: bitmap.height }, (_, i) => pixels.slice(4 * i, 4 * i + 3).join(' '))
  }, [...picture])
  return new Set(found)
}

describe('map', { concurrency: atOnce }, () => {
  mapTest('without a map file it says so and shows the car, the others with their age, calls and rings; nothing is asked of any other machine', async (page, fixture, asked) => {
    fixture.arrive(...busyHour().slice(1))
    await open(page)
    await page.waitForSelector('[data-ground=not_set]')
    assert.match(await page.textContent('[data-ground]'), /未安装离线地图/)
    assert.deepEqual(await page.locator('[data-map-car]').evaluateAll((all) => all.map((e) => e.dataset.mapCar).sort()), ['京A-0744', '京A-0752', '京A-0760'])
    assert.match(await page.textContent('[data-map-car="京A-0744"]'), /可派 · 1 秒/)
    assert.equal(await page.getAttribute('[data-map-car="京A-0760"]', 'data-stale'), 'true')
    assert.deepEqual(await page.locator('.map-ring').allTextContents(), ['1 分钟', '3 分钟', '5 分钟'])
    // Calls that go on and have a place; what is over or has none is not drawn.
    assert.deepEqual(await page.locator('[data-map-call]').evaluateAll((all) => all.map((e) => Number(e.dataset.mapCall)).sort()), [2, 3, 4])
    assert.ok(asked.every((url) => url.startsWith(fixture.url) || url.startsWith('blob:') || url.startsWith('data:')), asked.filter((url) => !url.startsWith(fixture.url)).join(' '))
    for (const button of await page.locator('.map-controls button').all()) assert.ok((await button.boundingBox()).height >= 56)
  })

  mapTest('a call on the map is one touch from its page', async (page, fixture) => {
    fixture.arrive(call(1, { own: 'en_route', state: 'en_route' }), call(2, { own: 'handling', state: 'handling', title: '商铺被盗', latitude: 39.911, longitude: 116.392 }))
    await open(page)
    await page.click(`[data-map-call="${call(2).id}"]`)
    await page.waitForSelector(`[data-call-shown="${call(2).id}"]`)
  })

  mapTest('it follows the car until it is dragged away, and turns with it when asked', async (page, fixture) => {
    await open(page)
    const middle = await centreOf(page, '[data-map-own]')
    drive(fixture, { latitude: 39.915, longitude: 116.41 })
    await page.waitForTimeout(1200)
    const after = await centreOf(page, '[data-map-own]')
    assert.ok(Math.hypot(after[0] - middle[0], after[1] - middle[1]) < 3, 'it stays in the middle')
    await page.mouse.move(500, 650)
    await page.mouse.down()
    await page.mouse.move(600, 600, { steps: 4 })
    await page.mouse.up()
    await page.waitForSelector('[data-action=follow][aria-pressed=false]')
    const dragged = await centreOf(page, '[data-map-own]')
    assert.ok(Math.hypot(dragged[0] - middle[0], dragged[1] - middle[1]) > 60)
    await page.click('[data-action=follow]')
    await until('the car is back in the middle', async () => Math.abs((await centreOf(page, '[data-map-own]'))[0] - middle[0]) < 3)
    const turned = () => page.evaluate(() => /rotateZ\(([-\d.]+)deg\)/.exec(document.querySelector('[data-map-own]').style.transform)?.[1])
    assert.equal(Math.round(Number(await turned())), 74, 'north up, it points where it drives')
    await page.click('[data-action=heading-up]')
    await until('the map turns', async () => Math.round(Number(await turned())) % 360 === 0)
    // Standing, a receiver's heading is noise.
    drive(fixture, { speedMps: 0, headingDegrees: 300 })
    await page.waitForTimeout(900)
    assert.notEqual(Math.round(Number(await turned())) % 360, 0)
    await page.click('[data-action=rings]')
    await page.waitForSelector('.map-ring', { state: 'detached' })
  })

  mapTest('what is to be patrolled is drawn from the plan, and as done or open once the duty says so', async (page, fixture) => {
    await open(page)
    await page.waitForSelector('[data-map-item=p1]')
    assert.deepEqual((await page.locator('[data-map-item]').allTextContents()).sort(), ['东城巡区', '东门', '望江路', '第三小学'].sort())
    const at = await centreOf(page, '[data-map-item=p1]')
    const point = [Math.round(at[0]), Math.round((await page.locator('[data-map-item=p1]').boundingBox()).y - 16)]
    const [unfilled] = await coloursAt(page, ...point)
    fixture.state.areas = { ...fixture.state.areas, duty: { items: patrolItems() } }
    await until('the point is filled', async () => !(await coloursAt(page, ...point)).has(unfilled))
  }, (_, fixture) => (fixture.plan = patrolItems().map(({ state, ...item }) => item)))

  for (const [kind, make] of [['pmtiles', pmtiles], ['geojson', geojson]]) {
    mapTest(`a ${kind} file of the car's own is drawn, in the colours of day and night`, async (page, fixture, asked) => {
      await open(page)
      await page.waitForSelector(`[data-ground=${kind}]`)
      assert.match(await page.textContent('[data-ground]'), kind === 'pmtiles' ? /beijing\.pmtiles · © survey/ : /beijing\.geojson/)
      // The road runs from west to east a little south of the car; there nothing else is drawn.
      const [x, y] = (await centreOf(page, '[data-map-own]')).map(Math.round)
      let drawn = new Set()
      const look = async () => (drawn = await coloursAt(page, x + 93, y + 4, 30))
      assert.ok(asked.some((url) => url.endsWith('/api/map/file')))
      assert.ok(asked.every((url) => url.startsWith(fixture.url) || url.startsWith('blob:') || url.startsWith('data:')))
      await until('the road is drawn', async () => (await look()).size > 1, 15_000)
      const night = drawn
      if (kind === 'geojson') return
      await page.click('[data-action=theme]')
      await until('its day colours', async () => (await look()).size > 1 && ![...drawn].some((c) => night.has(c)), 15_000)
    }, (_, fixture) => {
      fixture.mapFile = make(fixture.state.position)
      fixture.ground = { kind, why: '', name: `beijing.${kind}` }
    }, { width: 1100, height: 560 })
  }

  mapTest('a map file that is damaged, gone or too large is said so, and the rest is shown', async (page, fixture) => {
    await open(page)
    await page.waitForSelector('[data-ground=unreadable]')
    for (const why of ['missing', 'too_large']) {
      fixture.ground = { kind: 'none', why, name: '' }
      await page.click('[data-page=cameras]')
      await open(page)
      await page.waitForSelector(`[data-ground=${why}]`)
    }
  }, (_, fixture) => {
    fixture.mapFile = Buffer.from('not a map at all'.repeat(40))
    fixture.ground = { kind: 'pmtiles', why: '', name: 'beijing.pmtiles' }
  })

  mapTest('an old own place is grey and says its age; without any the map says so', async (page, fixture) => {
    await open(page)
    drive(fixture, { stale: true, ageMs: 65_000 })
    await page.waitForSelector('[data-map-own][data-stale=true]')
    assert.match(await page.textContent('[data-map-position]'), /65 秒前/)
    assert.equal(await page.locator('.map-ring').count(), 0)
    fixture.state.position = null
    await page.waitForSelector('[data-map-own]', { state: 'detached' })
    assert.match(await page.textContent('[data-map-position]'), /无定位/)
  })

  mapTest('a screen that cannot draw it says so and goes on', async (page) => {
    await page.click('[data-page=map]')
    await page.waitForSelector('[data-map=failed]')
    await page.click('[data-page=cameras]')
    await page.waitForSelector('.mosaic')
  }, (page) => page.addInitScript(() => {
    const get = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest)
    }
  }))
})

const ownWords = ['林晓峰', '京', '邻里', '楼上', '望江路', '持械', '东门', '重型', '三环', '商铺', '走失', '东城', '第三小学', '中文']

for (const [lang, theme] of [['zh', 'night'], ['en', 'day']]) {
  mapTest(`map, ${lang}, ${theme}: it can be read and touched`, async (page, fixture) => {
    fixture.arrive(...busyHour())
    fixture.state.areas = { ...fixture.state.areas, duty: { items: patrolItems() } }
    await open(page)
    await page.waitForSelector('[data-map-item=p1]')
    await page.mouse.move(640, 4)
    assert.deepEqual(await page.evaluate(`window.ownWords = ${JSON.stringify(ownWords)}; (${faults})()`), [])
    assert.deepEqual(await seriousFaults(page), [])
  }, (page) => page.addInitScript(([l, t]) => {
    localStorage.setItem('language', l)
    localStorage.setItem('theme', t)
  }, [lang, theme]))
}
