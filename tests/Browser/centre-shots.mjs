// Pictures of the administration page for docs/centre, from the real centre: node tests/Browser/centre-shots.mjs
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { launch } from '../../tools/rig/browser.mjs'
import { answer, makeApprover, openTab, passphraseOf, signIn, startCentre, writeDraft } from './admin-centre.mjs'

const folder = fileURLToPath(new URL('../../docs/centre', import.meta.url))
mkdirSync(folder, { recursive: true })
const centre = await startCentre({ root: 'admin', li: 'supervisor', wang: 'supervisor', zhao: 'supervisor', tech: 'technician' })
const browser = await launch()
try {
  const person = async (user, lang = 'zh') => {
    const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' })).newPage()
    await page.addInitScript((l) => localStorage.setItem('language', l), lang)
    await signIn(page, centre, user)
    return page
  }
  const shot = async (page, name) => {
    await page.mouse.move(900, 1070)
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    console.log(`docs/centre/${name}.png`)
  }
  const [admin, li, wang, zhao] = [await person('root'), await person('li'), await person('wang'), await person('zhao')]
  for (const [page, user] of [[wang, 'wang'], [zhao, 'zhao']]) await makeApprover(page, admin, user)
  for (const listId of ['stolen-1', 'stolen-2']) {
    await writeDraft(li, listId)
    await li.waitForSelector('text=没有发现问题')
    await li.click('[data-action=close-draft]')
    await li.click('[data-action=submit-draft]')
    await answer(li, { reason: '刑侦令 17' })
    await li.waitForSelector(`[data-list=${listId}][data-state=submitted]`)
    for (const [page, user] of listId === 'stolen-1' ? [[wang, 'wang'], [zhao, 'zhao']] : [[wang, 'wang']]) {
      await openTab(page, 'lists')
      await page.click(`[data-list=${listId}] button`)
      await page.click('[data-action=approve-draft]')
      await answer(page, { passphrase: passphraseOf(user) })
    }
  }
  await openTab(zhao, 'lists')
  await zhao.click('[data-list=stolen-2] button')
  await zhao.click('[data-action=read-draft]')
  await zhao.waitForSelector('[data-entry=e1]')
  await shot(zhao, 'admin-lists-zh')

  const english = await person('root', 'en')
  // One that a box is enrolled as: only such a unit can be decommissioned.
  await centre.car('PB-0002', 'east')
  for (const [unitId, label, district, police] of [['PB-0001', 'Beat 1', 'east', 'public_order'], ['PB-0002', 'Beat 2', 'east', 'public_order'], ['TP-0001', 'Ring road', 'west', 'traffic']])
    centre.run(['enrol', '--unit', unitId, '--label', label, '--district', district, '--police-type', police])
  await openTab(english, 'units')
  await english.click('[data-action=add-unit]')
  await answer(english, { unitId: 'TP-0002', label: 'Airport road', district: 'west', policeType: 'traffic' })
  await english.waitForSelector('[data-code=TP-0002]')
  await shot(english, 'admin-units-en')
  await english.click('[data-action=code-noted]')
  await english.click('[data-unit-row=PB-0002] [data-action=decommission-unit]')
  await english.waitForSelector('.admin-ask')
  await shot(english, 'admin-decommission-en')
  await answer(english, { reason: 'Stolen from the yard tonight', typed: 'PB-0002' })
  await openTab(admin, 'units')
  await admin.waitForSelector('[data-unit-row=PB-0002] [data-decommission=proposed]')
  await shot(admin, 'admin-units-zh')
  await openTab(li, 'policies')
  await li.waitForSelector('[data-proposed=PB-0002]')
  await shot(li, 'admin-policies-zh')
  await openTab(english, 'policies')
  await english.waitForSelector('[data-proposed=PB-0002]')
  await shot(english, 'admin-policies-en')
  centre.release('1.4.0')
  centre.release('1.5.0')
  const cars = []
  for (const unitId of ['PB-0003', 'PB-0004', 'PB-0005', 'PB-0006', 'PB-0007']) cars.push(await centre.car(unitId, 'east'))
  for (const car of cars) await car('1.4.0')
  const tech = await person('tech')
  await openTab(tech, 'releases')
  await tech.click('[data-release="1.5.0"] [data-action=begin-rollout]')
  await answer(tech, { rings: 'PB-0003\nPB-0004 PB-0005\nPB-0006 PB-0007', soak: '0', back: '120' })
  await cars[0]('1.5.0')
  await tech.waitForSelector('.admin-ring[aria-current=step] >> text=第 1 批', { timeout: 60_000 })
  await tech.waitForSelector('text=已通知 2', { timeout: 60_000 })
  await cars[1]('1.5.0')
  await cars[2]('1.4.0', { release_state: { version: '1.5.0', outcome: 'RELEASE_OUTCOME_DROPPED', code: 'wrong_hash' } })
  await tech.waitForSelector('[data-rollout="1.5.0"][data-state=stopped]', { timeout: 60_000 })
  await shot(tech, 'admin-releases-zh')
  await openTab(admin, 'audit')
  await admin.waitForSelector('[data-audit]')
  await shot(admin, 'audit-zh')
} finally {
  await browser.close()
  await centre.stop()
}
