// A terminal's screens in each language and theme: contrast, touch targets, nothing cut off, no Chinese in the English page, and what
// axe-core finds, in one language by night and the other by day: what it looks at is otherwise the same.
import assert from 'node:assert/strict'
import { seriousFaults } from './axe.mjs'
import { faults } from './faults.mjs'
import { inCar, pageTest } from './support.mjs'

const looks = [['zh', 'night'], ['zh', 'day'], ['en', 'night'], ['en', 'day']]

/** `body(page, fixture, look)` goes through the screens and calls `look(name)` at each. `ownWords`: data, in the language of whoever wrote them. */
export function everyLook(what, start, ownWords, body) {
  for (const [lang, theme] of looks)
    pageTest(`${what}, ${lang}, ${theme}: every screen can be read and touched`, inCar, start, async (page, fixture) => {
      await page.addInitScript(([l, t]) => {
        localStorage.setItem('language', l)
        localStorage.setItem('theme', t)
      }, [lang, theme])
      const found = []
      const look = async (screen) => {
        await page.mouse.move(640, 4)
        found.push(...(await page.evaluate(`window.ownWords = ${JSON.stringify(ownWords)}; (${faults})()`)).map((f) => `${screen}: ${f}`))
        if ((lang === 'zh') === (theme === 'night')) found.push(...(await seriousFaults(page)).map((f) => `${screen}: axe: ${f}`))
      }
      await body(page, fixture, look)
      assert.deepEqual(found, [])
    })
}
