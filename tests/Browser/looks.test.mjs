// Every screen in both languages (and both themes where there are two): contrast AA of what is drawn, touch targets of at
// least 44 px, nothing cut off or wider than the screen, and no Chinese left in the English page.
import assert from 'node:assert/strict'
import { seriousFaults } from './axe.mjs'
import { plateIncident, startConsole } from './console-fixture.mjs'
import { sosOf } from './desk-fixture.mjs'
import { faults } from './faults.mjs'
import { lookAtContainment, lookAtPatrol } from './field-screens.mjs'
import { fragmentedClip, previewJpegs } from './media.mjs'
import { inCar, inControlRoom, pageTest, signInDispatcher, signInOfficer } from './support.mjs'
import { assistViews, doubtfulPlateAlert, faceAlert, plateAlert, startTerminal } from './terminal-fixture.mjs'

let made
const media = () => (made ??= { jpegs: previewJpegs(8), clip: fragmentedClip(20) })

// Data are in the language of whoever wrote them.
const ownWords = ['林晓峰', '赵雨薇', '王建国', '京', '市公安局', '刑侦布控', '走失老人', '白色货车', '陈警官', '核实', '东城', '三环', '交警三中队', '备勤', '中文', '核对线索', '面包车', '破损', '重型货车', '被盗', '第三小学', '望江路', '东门', '持械斗殴', '商铺被盗', '望小', '卡点', '车站']

/** axe-core looks at each screen too, in one language by night and the other by day: what it looks at is otherwise the same. */
async function lookWith(page, screen, findings, withAxe = false) {
  await page.mouse.move(640, 4)
  if (withAxe) findings.push(...(await seriousFaults(page)).map((f) => `${screen}: axe: ${f}`))
  const found = await page.evaluate(`window.ownWords = ${JSON.stringify(ownWords)}; (${faults})()`)
  findings.push(...found.map((f) => `${screen}: ${f}`))
}

const look = (page, screen, findings) => lookWith(page, screen, findings)

for (const [lang, theme] of [['zh', 'night'], ['zh', 'day'], ['en', 'night'], ['en', 'day']]) {
  const axed = (lang === 'zh') === (theme === 'night')
  pageTest(`terminal, ${lang}, ${theme}: every screen can be read and touched`, inCar, () => startTerminal(media()), async (page, fixture) => {
    const findings = []
    const look = (page, screen, found) => lookWith(page, screen, found, axed)
    await page.addInitScript(([l, t]) => {
      localStorage.setItem('language', l)
      localStorage.setItem('theme', t)
    }, [lang, theme])
    await page.goto(fixture.url)
    await page.click('.tile')
    await page.keyboard.type('000')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-pin-message=wrong_pin]')
    await look(page, 'sign-in', findings)
    await signInOfficer(page, fixture)
    await page.waitForSelector('[data-condition=live]')
    await look(page, 'mosaic', findings)
    await page.click('[data-page=voice]')
    await look(page, 'voice', findings)
    await page.click('[data-action=help]')
    await look(page, 'help', findings)
    await page.click('[data-action=tour]')
    await look(page, 'tour', findings)
    await page.click('[data-action=tour-leave]')
    await page.click('[data-page=cameras]')
    fixture.state.cameras[1].watchers = [{ viewer: '陈警官', reason: '核实现场', endsAtUnixMs: Date.now() + 600_000 }]
    Object.assign(fixture.state.cameras[2], { state: 'lost', detail: 'connection timed out' })
    fixture.state.link = { ...fixture.state.link, phase: 'down', sinceUnixMs: Date.now() - 140_000, rttMs: null, backlogEvents: 1234, oldestUnackedMs: 133_000 }
    Object.assign(fixture.state, { timeTrust: 'untrusted', position: { ...fixture.state.position, stale: true, ageMs: 65_000 } })
    Object.assign(fixture.state.stages[5], { state: 'degraded', detail: 'no fix' })
    await page.waitForSelector('[data-camera=cam3] [data-condition=lost]')
    await look(page, 'mosaic with faults', findings)
    fixture.state.privacy = { unchecked: false, places: [{ id: 'school', nameZh: '第三小学', nameEn: 'Primary school', cameras: ['cam1'], allowViews: false, notMatched: 'all', sector: true }] }
    await page.waitForSelector('[data-chip=privacy]')
    await page.click('[data-chip=privacy]')
    await look(page, 'details', findings)
    await page.keyboard.press('Escape')
    await page.click('[data-camera=cam1]')
    await page.waitForSelector('[data-live=live]')
    await look(page, 'live', findings)
    await page.keyboard.press('Escape')
    await page.waitForSelector('.mosaic')
    fixture.state.calls = [{ id: 'c'.repeat(32), number: 'J-0417', title: '望江路纠纷', state: 'arrived' }]
    await page.click('[data-action=look-up]')
    await look(page, 'look-up, provinces', findings)
    for (const key of '京A12345') await page.click(`[data-key="${key}"]`)
    await page.click('[data-purpose=traffic_stop]')
    await look(page, 'look-up, plate', findings)
    await page.click('[data-action=ask]')
    await page.waitForSelector('[data-outcome=found]')
    await look(page, 'look-up, found', findings)
    await page.click('[data-look-up-kind=document]')
    await page.click('[data-purpose=identity_check]')
    await look(page, 'look-up, document', findings)
    await page.click('[data-purpose=call]')
    await page.click('[data-call]')
    await page.fill('[name=subject]', '11010519491231002X')
    fixture.lookUpAnswer = () => ({ status: 503, body: { code: 'no_link' } })
    await page.click('[data-action=ask]')
    await page.waitForSelector('[data-refused]')
    await look(page, 'look-up, refused', findings)
    await page.click('[data-action=close-look-up]')
    await page.click('[data-action=assist]')
    await look(page, 'assist, reasons', findings)
    await page.click('[data-assist=ill]')
    await page.waitForSelector('.assist-empty')
    await look(page, 'assist, nobody yet', findings)
    fixture.assist.views = assistViews()
    await page.click('[data-view=v3]')
    await page.waitForSelector('[data-view=v3][data-unlike=true]')
    await look(page, 'assist, faces', findings)
    fixture.assistRefusal = 'view_gone'
    await page.click('[data-view=v2]')
    await page.waitForSelector('[data-refused=view_gone]')
    await look(page, 'assist, refused', findings)
    await page.click('[data-action=close-assist]')
    await look(page, 'assist goes on', findings)
    await page.click('[data-action=assist]')
    await page.click('[data-action=end-assist]')
    await page.waitForSelector('.assist-ended')
    await look(page, 'assist, ended', findings)
    await page.click('[data-action=close-assist]')
    for (const alert of [doubtfulPlateAlert({ seenAgain: 2, lastSeenUnixMs: Date.now(), lastCameraId: 'cam5' }), plateAlert(), faceAlert()]) fixture.raise(alert)
    await page.waitForSelector('.card[data-ready=true]')
    await look(page, 'check, plate', findings)
    await page.click('[data-action=reject]')
    await look(page, 'reasons', findings)
    await page.click('[data-reason=other]')
    await page.waitForSelector('.card[data-tone=stop][data-ready=true]')
    await look(page, 'stop, plate', findings)
    await page.click('[data-action=confirm]')
    await page.waitForSelector('.card[data-kind=face][data-ready=true]')
    await look(page, 'check, face', findings)
    fixture.beat(false)
    await page.waitForSelector('.host-lost')
    assert.deepEqual(findings, [])
  })
}

for (const lang of ['zh', 'en']) {
  pageTest(`console, ${lang}: every screen can be read and touched`, inControlRoom, () => startConsole({ clip: media().clip }), async (page, fixture) => {
    const findings = []
    await page.addInitScript((l) => localStorage.setItem('language', l), lang)
    await page.goto(fixture.url)
    await page.waitForSelector('[name=user]')
    await look(page, 'sign-in', findings)
    await signInDispatcher(page, fixture)
    await page.waitForSelector('[data-car-marker]')
    fixture.report(plateIncident())
    await page.waitForSelector('[data-new=true]')
    await look(page, 'map', findings)
    await page.click('[data-unit="京A-0731"]')
    await page.click('[data-action=live-open]')
    await look(page, 'live form', findings)
    await page.fill('[name=reason]', '核实现场情况')
    await page.click('[data-action=live-start]')
    await page.waitForSelector('[data-live=live]')
    await page.click('[data-incident]')
    await page.waitForSelector('[data-drawer]')
    await look(page, 'live and drawer', findings)
    await page.click('[data-tab=lists]')
    await look(page, 'lists', findings)
    await page.click('[data-tab=hazards]')
    await page.click('[data-hazard="h-1"]')
    await page.waitForSelector('.hazard-pictures img')
    await look(page, 'hazards', findings)
    await page.click('[data-tab=instructions]')
    await page.click('[data-to=all]')
    await page.waitForSelector('[data-instruction]')
    await look(page, 'instructions', findings)
    await page.click('[data-tab=shifts]')
    await page.click('[data-shift="s-1"]')
    await page.waitForSelector('[data-sheet="s-1"]')
    await look(page, 'shifts', findings)
    fixture.tell('sos', [sosOf('京A-0731'), sosOf('京A-0744', { acknowledgedAtUnixMs: 1, acknowledgedBy: 'zhaomin', position: null })])
    await page.waitForSelector('[data-sos="京A-0744"]')
    await page.click('[data-action=sos-close]')
    await look(page, 'calls for help', findings)
    fixture.tell('sos', [])
    fixture.role = 'admin'
    await page.reload()
    await page.waitForSelector('[data-car-marker]')
    fixture.alarm()
    fixture.alarm({ actor: 'PB-1/010001', way: 'look_up' })
    await page.waitForSelector('[data-alarm="2"]')
    await page.click('[data-tab=lists]')
    await page.fill('[name=search]', '京A')
    await page.click('[data-action=search-entries]')
    await page.waitForSelector('.entries [role=alert]')
    await look(page, 'entries refused, alarms', findings)
    await page.fill('[name=purpose]', '核对线索 17')
    await page.press('[name=purpose]', 'Enter')
    await page.waitForSelector('[data-entry=BD-0588]')
    await look(page, 'entries', findings)
    fixture.sending = false
    await page.waitForSelector('.server-lost')
    assert.deepEqual(findings, [])
  })
}

for (const lang of ['zh', 'en']) {
  pageTest(`console, ${lang}: calls can be read and touched`, inControlRoom, () => startConsole(), async (page, fixture) => {
    const findings = []
    await page.addInitScript((l) => localStorage.setItem('language', l), lang)
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=calls]')
    await page.waitForSelector('.calls-list .empty')
    await look(page, 'no calls', findings)
    fixture.showCalls()
    await page.waitForSelector('[data-call-alarm]')
    await look(page, 'calls', findings)
    await page.click('.calls-list [data-call]')
    await page.waitForSelector('[data-candidate]')
    await look(page, 'a call', findings)
    await page.click('.calls-list [data-call] >> nth=1')
    await page.waitForSelector('[data-action=accept-hand-over]')
    await look(page, 'a call that asks', findings)
    await page.keyboard.press('Alt+n')
    await page.fill('[name=address]', '望江')
    await page.waitForSelector('[data-place-found]')
    await look(page, 'intake', findings)
    await page.keyboard.press('Escape')
    await page.click('[data-action=history]')
    await page.click('[data-action=search-calls]')
    await page.waitForSelector('[data-past]')
    await look(page, 'history', findings)
    assert.deepEqual(findings, [])
  })
}

for (const lang of ['zh', 'en'])
  for (const [pages, lookAt] of [['patrol', lookAtPatrol], ['containment', lookAtContainment]])
    pageTest(`${pages}, ${lang}: every screen can be read and touched`, inControlRoom, startConsole, async (page, fixture) => {
      const findings = []
      await page.addInitScript((l) => localStorage.setItem('language', l), lang)
      fixture.role = 'supervisor'
      fixture.field.roads = []
      await signInDispatcher(page, fixture)
      await lookAt(page, fixture, (screen) => look(page, screen, findings))
      assert.deepEqual(findings, [])
    })

for (const lang of ['zh', 'en']) {
  pageTest(`console, ${lang}: the wall of live views can be read and touched`, inControlRoom, () => startConsole({ clip: media().clip }), async (page, fixture) => {
    const findings = []
    await page.addInitScript((l) => localStorage.setItem('language', l), lang)
    fixture.role = 'supervisor'
    fixture.units[0].cameras = Array.from({ length: 9 }, (_, i) => ({ id: `cam${i + 1}`, labelZh: `摄像机 ${i + 1}`, labelEn: `Camera ${i + 1}`, ptz: i === 0 }))
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=live]')
    await look(page, 'empty wall', findings)
    await page.click('[data-action=wall-open]')
    await page.click('[data-action=wall-start]')
    await page.waitForSelector('.wall-ask [role=alert]')
    await look(page, 'asking', findings)
    await page.click('[data-quick=scene]')
    await page.click('[data-action=wall-start]')
    await page.waitForSelector('[data-tiles="9"] [data-live=live]')
    fixture.hands = [{ unitId: '京A-0731', cameraId: 'cam1', leaseId: 'x', account: 'wang', freeAtUnixMs: Date.now() + 14_000 }]
    fixture.endLease('lease-9', 'privacy_place')
    await page.waitForSelector('[data-over=true]')
    await look(page, 'nine tiles', findings)
    for (const act of ['renew', 'mark', 'snapshot']) {
      await page.click(`[data-tile=lease-4] [data-action=tile-${act}]`)
      await page.click(`[data-ask=${act}] [data-action=tile-do]`)
      await page.waitForSelector(`[data-ask=${act}] [role=alert]`)
      await look(page, act, findings)
      // All of it is on the tile: nobody scrolls for the button.
      assert.ok(await page.evaluate("(() => { const e = document.querySelector('.tile-ask'); return e.scrollHeight <= e.clientHeight + 1 })()"), `${act} fits`)
      await page.click(`[data-ask=${act}] button[type=button] >> nth=0`)
    }
    fixture.leases.get('lease-1').socket.send(JSON.stringify({ mime: media().clip.mime, width: 640, height: 360, steerable: true, presets: [{ token: '1', name: 'Gate' }] }))
    await page.click('[data-tile=lease-1] [data-action=tile-full]')
    await page.waitForSelector('.tile-head [data-preset]')
    await look(page, 'full', findings)
    assert.deepEqual(findings, [])
  })

  pageTest(`console, ${lang}: evidence and redaction can be read and touched`, inControlRoom, () => startConsole({ clip: media().clip }), async (page, fixture) => {
    const findings = []
    await page.addInitScript((l) => localStorage.setItem('language', l), lang)
    fixture.role = 'supervisor'
    await signInDispatcher(page, fixture)
    await page.click('[data-tab=evidence]')
    await page.selectOption('[name=near]', '*')
    await look(page, 'search', findings)
    await page.fill('[name=plate]', 'A7F3')
    await page.click('[data-action=search-evidence]')
    await page.waitForSelector('.evidence-form [role=alert]')
    await page.fill('[name=plate]', '')
    await page.click('[data-action=search-evidence]')
    await page.click('[data-evidence="0191-a001"] [data-action=thumbnail]')
    await page.click('[data-evidence="0191-b001"] .evidence-row')
    await page.click('[data-action=custody]')
    await page.waitForSelector('[data-custody]')
    await look(page, 'still', findings)
    await page.click('[data-evidence="0191-a001"] .evidence-row')
    await page.click('[data-action=show-file]')
    await page.click('[data-action=export]')
    await page.waitForSelector('.evidence-acts [role=alert]')
    await look(page, 'hit', findings)
    await page.fill('[name=act-reason]', '17')
    await page.click('[data-action=redact]')
    await page.waitForSelector('[data-redaction=finding] progress')
    await look(page, 'finding', findings)
    await page.click('[data-track=face-1] .redaction-track')
    await page.click('[data-track=plate-2] [data-action=keep]')
    await look(page, 'editor', findings)
    await page.click('[data-action=redact-render]')
    await page.waitForSelector('[data-redaction=done]')
    await look(page, 'done', findings)
    assert.deepEqual(findings, [])
  })
}
