import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { previewJpegs } from './media.mjs'
import { inCar, pageTest, pagesAtOnce, until } from './support.mjs'
import { faceTicket, pin, roster, startTerminal } from './terminal-fixture.mjs'

let made
const jpegs = () => (made ??= previewJpegs(8))
const loginTest = (name, body) => pageTest(name, inCar, () => startTerminal({ jpegs: jpegs() }), body)
const look = (change = {}) => ({ phase: 'waiting', asked: '', done: 0, of: 3, code: 'no_face', ...change })
const end = (change = {}) => ({ code: '', officerId: roster[1].officerId, displayName: roster[1].displayName, ticket: faceTicket, pinToo: true, retryAfterS: 0, ...change })
const signIns = (fixture) => fixture.requests.filter((r) => r.path === '/api/session' && r.method === 'POST').map((r) => r.body)

/** A login that goes on until the test says how it ends. */
function face(fixture) {
  const sockets = []
  fixture.face = (socket) => {
    sockets.push(socket)
    socket.say('look', look())
    socket.send(jpegs()[0])
  }
  return { sockets, say: (type, data) => sockets.at(-1).say(type, data) }
}

async function begin(page, fixture) {
  const login = face(fixture)
  await page.goto(fixture.url)
  await page.click('[data-action=face-login]')
  await page.waitForSelector('.face-login')
  await until('the camera', () => login.sockets.length === 1)
  return login
}

describe('login by face', { concurrency: pagesAtOnce }, () => {
  loginTest('is not offered where the car has no cab camera or nobody is enrolled', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.waitForSelector('[data-officer]')
    assert.equal(await page.locator('[data-action=face-login]').count(), 0)
    assert.equal(fixture.facePaths.length, 0)
  })

  loginTest('opens the camera only on the officer’s wish, shows what to do in words and arrows, and keeps the PIN beside it', async (page, fixture) => {
    face(fixture)
    await page.goto(fixture.url)
    await page.waitForSelector('[data-action=face-login]')
    assert.equal(fixture.facePaths.length, 0, 'nothing looks into the cab yet')
    const login = face(fixture)
    await page.click('[data-action=face-login]')
    await until('the camera', () => login.sockets.length === 1)
    await until('the mirror', () => page.evaluate(() => document.querySelector('.face-mirror canvas').width === 480))
    assert.match(await page.textContent('.face-words'), /对准椭圆/)
    for (const [asked, words] of [['turn_left', /向左转头/], ['turn_right', /向右转头/], ['close_eyes', /闭眼/]]) {
      login.say('look', look({ phase: 'asked', asked, done: 1, code: '' }))
      await page.waitForSelector(`[data-arrow=${asked}]`)
      assert.match(await page.textContent('.face-words'), words)
    }
    assert.equal(await page.locator('.face-steps .is-done').count(), 1)
    assert.equal(await page.locator('[data-digit="1"]').count(), 1, 'the PIN pad is there')
    await page.click('[data-action=face-cancel]')
    await page.waitForSelector('[data-officer]')
    await until('the camera is let go', () => !login.sockets[0].open)
  })

  loginTest('a recognised officer is asked for the PIN too, which carries the ticket', async (page, fixture) => {
    const login = await begin(page, fixture)
    login.say('end', end())
    await page.waitForSelector('[data-face-result=ok]')
    assert.match(await page.textContent('.pin h2'), new RegExp(roster[1].displayName))
    assert.equal(signIns(fixture).length, 0, 'the face alone signs in nobody')
    await page.keyboard.type(pin)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.mosaic')
    assert.deepEqual(signIns(fixture), [{ officerId: roster[1].officerId, pin, screen: 'driver', faceTicket }])
  })

  loginTest('another officer’s PIN does not carry the ticket of the one who was recognised', async (page, fixture) => {
    const login = await begin(page, fixture)
    login.say('end', end())
    await page.waitForSelector('[data-face-result=ok]')
    await page.click(`[data-officer="${roster[0].officerId}"]`)
    await page.keyboard.type(pin)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.mosaic')
    assert.equal(signIns(fixture)[0].faceTicket, '')
  })

  loginTest('where a face is enough, it signs in by itself', async (page, fixture) => {
    const login = await begin(page, fixture)
    login.say('end', end({ pinToo: false }))
    await page.waitForSelector('.mosaic')
    assert.deepEqual(signIns(fixture).map((b) => [b.pin, b.faceTicket]), [['', faceTicket]])
  })

  loginTest('says why a face was refused, for how long it is locked, and that a broken line is no face', async (page, fixture) => {
    const login = await begin(page, fixture)
    login.say('end', end({ code: 'wrong_act', officerId: null, ticket: '' }))
    await page.waitForSelector('[data-face-result=wrong_act]')
    assert.match(await page.textContent('.face-result'), /不符/)
    await page.click('[data-action=face-login]')
    await until('a second try', () => login.sockets.length === 2)
    login.say('end', end({ code: 'unknown_face', officerId: null, ticket: '', retryAfterS: 60 }))
    await page.waitForSelector('[data-face-result=unknown_face]')
    assert.match(await page.textContent('.face-result'), /PIN 仍可用/)
    await page.click('[data-action=face-login]')
    await until('a third try', () => login.sockets.length === 3)
    login.sockets[2].close()
    await page.waitForSelector('[data-face-result=no_host]')
    assert.equal(signIns(fixture).length, 0)
  })

  loginTest('the second screen says so once and signs in as such', async (page, fixture) => {
    await page.goto(fixture.url)
    await page.click('[data-screen=second]')
    await page.reload()
    await page.waitForSelector('[data-screen=second][aria-pressed=true]')
    await page.click(`[data-officer="${roster[0].officerId}"]`)
    await page.keyboard.type(pin)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.mosaic')
    assert.equal(signIns(fixture)[0].screen, 'second')
  })

  loginTest('a screen that locked itself names its officer and opens to their PIN', async (page, fixture) => {
    fixture.lockedScreen = { officerId: roster[2].officerId, displayName: roster[2].displayName }
    await page.goto(fixture.url)
    await page.waitForSelector(`[data-officer="${roster[2].officerId}"][aria-pressed=true]`)
    assert.match(await page.textContent('.sign-in-roster'), /自动锁定/)
    await page.keyboard.type(pin)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.mosaic')
    assert.deepEqual(signIns(fixture).map((b) => b.officerId), [roster[2].officerId])
  })
})
