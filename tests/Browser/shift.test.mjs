// An officer's whole shift on the real bench: cameras, PTZ and GNSS of the rig, the real car, the real centre, both real pages.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { chromiumIsInstalled } from '../../tools/rig/browser.mjs'

const chaos = 'artifacts/bin/Chaos/release/chaos'
const missing = !chromiumIsInstalled() ? '/usr/bin/chromium is not installed' : !existsSync(chaos) ? 'the bench is not built: ./dev build' : false

test('a shift from sign-in to sign-out, in Chinese by night and in English by day, with the link cut in the middle of a call', { skip: missing, timeout: 1_200_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'shift-'))
  try {
    const { stdout } = await promisify(execFile)(chaos, ['shift', '--out', process.env['SCREENSHOTS'] ?? join(folder, 'pictures'), '--state', join(folder, 'bench')], { maxBuffer: 1 << 24 })
    const figures = JSON.parse(stdout.trim().split('\n').at(-1))
    t.diagnostic(JSON.stringify(figures))
    assert.equal(figures.zh.signIn.pinAsked, true, 'the face alone opens nothing')
    for (const lang of ['zh', 'en']) assert.deepEqual(figures[lang].touches, { confirm: 1, reject: 2, acknowledge: 1, hazard: 2, sos: 1 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
