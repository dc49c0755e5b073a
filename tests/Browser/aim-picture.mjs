// A picture of the page at which a camera is turned, over the drawn person and plate. `node tests/Browser/aim-picture.mjs EDGECTL OUT.jpg`
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'

const [edgectl, out] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'aim-'))
const clip = join(folder, 'clip.mp4')
execFileSync('ffmpeg', ['-v', 'error', '-loop', '1', '-framerate', '25', '-t', '60', '-i', 'tools/edgectl/Acceptance/self-test.jpg', '-vf', 'scale=1280:-2', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', clip])
const config = join(folder, 'agent.json')
writeFileSync(config, JSON.stringify({ DataDirectory: join(folder, 'data'), IdentityDirectory: join(folder, 'data/identity'), Centre: 'https://localhost:1', Cameras: [{ Id: 'cam1', LabelZh: '前', LabelEn: 'Front', Main: clip }] }), { mode: 0o600 })
const aim = spawn(edgectl, ['aim', 'cam1', '--config', config, '--listen', '127.0.0.1:0', '--seconds', '60'], { stdio: ['ignore', 'ignore', 'pipe'] })
const browser = await launch()
try {
  const address = await new Promise((resolve, reject) => {
    let said = ''
    aim.stderr.on('data', (data) => {
      said += data
      const found = said.match(/http:\S+/)
      if (found) resolve(found[0])
    })
    aim.on('exit', () => reject(new Error(said)))
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  // The stream of pictures never ends, so the page never finishes loading.
  await page.goto(address, { waitUntil: 'commit' })
  await page.frameLocator('iframe').locator('div.good >> nth=1').waitFor({ timeout: 30_000 })
  await page.screenshot({ path: out, type: 'jpeg', quality: 80 })
} finally {
  await browser.close()
  aim.kill()
  rmSync(folder, { recursive: true, force: true })
}
