// A picture of an acceptance's page. `node tests/Browser/report-picture.mjs PAGE.html OUT.jpg`
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { launch } from '../../tools/rig/browser.mjs'

const [page, out] = process.argv.slice(2)
const browser = await launch()
try {
  const shown = await browser.newPage({ viewport: { width: 1000, height: 800 } })
  await shown.goto(pathToFileURL(resolve(page)).href)
  await shown.screenshot({ path: out, type: 'jpeg', quality: 80, fullPage: true })
} finally {
  await browser.close()
}
