// The administration page against the real centre: people in browsers of their own, and what each may not.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { chromiumIsInstalled, launch, pageErrors } from '../../tools/rig/browser.mjs'
import { faults } from './faults.mjs'
import { previewJpegs } from './media.mjs'
import { answer, centreIsBuilt, makeApprover, openTab, passphraseOf, password, signIn, startCentre, writeDraft } from './admin-centre.mjs'

const skip = !chromiumIsInstalled() ? '/usr/bin/chromium is not installed' : !centreIsBuilt() ? 'the command centre is not built' : false
const ownWords = ['七号车', '九号车', '李娜', '东城', '张三', '被盗车辆', '市公安局', '刑侦布控', '查找', '案件系统', '中文', '刑侦令']

describe('administration page', { skip, timeout: 240_000 }, () => {
  let browser, centre
  const errors = []
  const pages = {}
  const person = async (user) => {
    if (pages[user]) return pages[user]
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    errors.push(pageErrors(page))
    await signIn(page, centre, user)
    return (pages[user] = page)
  }
  before(async () => {
    centre = await startCentre({ root: 'admin', li: 'supervisor', wang: 'supervisor', zhao: 'supervisor', chen: 'dispatcher', audit: 'auditor', tech: 'technician' })
    centre.release('1.0.0')
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await centre?.stop()
  })

  test('an administrator adds a car, whose code is shown once, and an officer, whose PIN is not shown at all', async () => {
    const admin = await person('root')
    await openTab(admin, 'units')
    await admin.waitForSelector('.admin >> text=还没有登记车辆')
    await admin.click('[data-action=add-unit]')
    await answer(admin, { unitId: 'PB-7', label: '七号车', district: 'east', policeType: 'traffic', validHours: '2' })
    const code = await admin.textContent('[data-code=PB-7] code')
    assert.match(code, /^[A-Z2-9]{20}\.[0-9A-F]{64}$/)
    await admin.click('[data-action=code-noted]')
    assert.ok(!(await admin.content()).includes(code))
    await admin.waitForSelector('[data-unit-row=PB-7] >> text=待入网')
    await openTab(admin, 'officers')
    await admin.click('[data-roster=PB-7] button')
    await admin.click('[data-action=add-officer]')
    await answer(admin, { officerId: '010001', name: '张三', role: 'leader', pin: '739154' })
    await admin.waitForSelector('[data-officer="010001"]')
    await admin.waitForSelector('[data-roster=PB-7] >> text=第 1 版，尚未送达')
    assert.ok(!(await admin.content()).includes('739154'))
  })

  test('an officer’s face needs their consent and pictures with a face, and the page says which picture has none', async () => {
    const admin = await person('root')
    await openTab(admin, 'officers')
    await admin.click('[data-roster=PB-7] button')
    await admin.click('[data-officer="010001"] [data-action=officer-face]')
    const enrol = admin.locator('[data-action=face-enrol]')
    const pictures = previewJpegs(3).map((buffer, n) => ({ name: `${n}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(buffer) }))
    await admin.setInputFiles('.admin-ask [name=pictures]', pictures.slice(0, 2))
    await admin.waitForSelector('[data-picture="2"]')
    await admin.check('.admin-ask [name=consent]')
    assert.ok(await enrol.isDisabled(), 'two pictures are too few')
    await admin.setInputFiles('.admin-ask [name=pictures]', pictures.slice(2))
    await admin.waitForSelector('[data-picture="3"]')
    await admin.uncheck('.admin-ask [name=consent]')
    assert.ok(await enrol.isDisabled(), 'nobody is enrolled without their consent')
    await admin.check('.admin-ask [name=consent]')
    assert.deepEqual(await admin.evaluate(`window.ownWords = ${JSON.stringify(ownWords)}; (${faults})()`), [])
    await enrol.click()
    await admin.waitForSelector('.admin-ask >> text=第 1 张没有找到人脸', { timeout: 60_000 })
    await admin.keyboard.press('Escape')
    await admin.waitForSelector('.admin-ask', { state: 'detached' })
    await admin.waitForSelector('[data-officer="010001"] >> text=登记人脸')
  })

  test('what a face is worth at sign-in is proposed by one person and approved by another, and is never all', async () => {
    const [admin, li] = await Promise.all(['root', 'li'].map(person))
    await openTab(admin, 'policies')
    await admin.waitForSelector('[data-face-login=with_pin] >> text=人脸加 PIN')
    await admin.click('[data-action=propose-face-login]')
    assert.deepEqual(await admin.locator('.admin-ask [name=mode] option').evaluateAll((all) => all.map((o) => o.value)), ['with_pin', 'off'])
    await answer(admin, { mode: 'off', reason: '刑侦令 17' })
    await admin.click('[data-face-login] [data-proposal]:has([data-proposed=off]) [data-action=approve]')
    await admin.fill('.admin-ask [name=password]', password)
    await admin.click('[data-action=ask-submit]')
    await admin.waitForSelector('.admin-ask >> text=不能批准自己的提案')
    await admin.keyboard.press('Escape')
    await openTab(li, 'policies')
    await li.click('[data-face-login] [data-proposal]:has([data-proposed=off]) [data-action=approve]')
    await answer(li, { password })
    await li.waitForSelector('[data-face-login=off] [data-state=approved] [data-proposed=off]')
  })

  test('a list that one person drafted and two others approved, each with their own passphrase, is in force', async () => {
    const [admin, li, wang, zhao] = await Promise.all(['root', 'li', 'wang', 'zhao'].map(person))
    for (const [page, user] of [[wang, 'wang'], [zhao, 'zhao']]) await makeApprover(page, admin, user)
    await writeDraft(li, '')
    await li.waitForSelector('[data-problem=bad_list_id]')
    await li.fill('[data-draft-form] [name=listId]', 'stolen-1')
    await li.click('[data-action=save-draft]')
    await li.waitForSelector('text=没有发现问题')
    await li.click('[data-action=close-draft]')
    await li.click('[data-action=submit-draft]')
    await answer(li, { reason: '刑侦令 17' })
    await li.waitForSelector('[data-list=stolen-1][data-state=submitted]')
    assert.equal(await li.locator('[data-action=approve-draft]').count(), 0, 'nobody is offered their own draft to approve')
    for (const [page, user] of [[wang, 'wang'], [zhao, 'zhao']]) {
      await openTab(page, 'lists')
      await page.click('[data-list=stolen-1] button')
      await page.click('[data-action=read-draft]')
      await page.waitForSelector('[data-entry=e1] >> text=京A12345')
      await page.click('[data-action=approve-draft]')
      if (user === 'wang') {
        await page.fill('.admin-ask [name=passphrase]', passphraseOf('zhao'))
        await page.click('[data-action=ask-submit]')
        await page.waitForSelector('.admin-ask >> text=审批口令不正确')
      }
      await answer(page, { passphrase: passphraseOf(user) })
    }
    await li.waitForSelector('[data-in-force=stolen-1]')
    await li.click('[data-in-force=stolen-1]')
    for (const act of ['made', 'submitted', 'approved', 'list_issued']) await li.waitForSelector(`[data-issued=stolen-1] [data-step=${act}]`)
    assert.match(centre.run(['lists', 'show']), /stolen-1 v1\s+plates, stolen_vehicle\s+2 entries\s+offered/)
  })

  test('a release in rings goes to the first one, says who is stuck and why it stopped, and goes on without that car', async () => {
    const tech = await person('tech')
    const [first, second] = [await centre.car('PB-1', ''), await centre.car('PB-2', '')]
    await first('0.9.0')
    await second('0.9.0')
    await openTab(tech, 'releases')
    await tech.click('[data-release="1.0.0"] [data-action=begin-rollout]')
    await answer(tech, { rings: 'PB-1\nPB-2', soak: '0', back: '60' })
    await tech.waitForSelector('[data-rollout="1.0.0"][data-state=running] >> text=已通知 1')
    await first('0.9.0', { release_state: { version: '1.0.0', outcome: 'RELEASE_OUTCOME_DROPPED', code: 'wrong_hash' } })
    await tech.waitForSelector('[data-rollout="1.0.0"][data-state=stopped] >> text=PB-1 拒收了软件包', { timeout: 40_000 })
    await tech.click('[data-action=resume-rollout]')
    await answer(tech, { reason: '该车入库检修' })
    await second('1.0.0')
    await tech.waitForSelector('[data-rollout="1.0.0"][data-state=done]', { timeout: 60_000 })
  })

  test('what a technician found in a box stands at the centre, signed by the box, with what it is made of', async () => {
    const found = await centre.acceptBox('PB-9', '九号车', 'east', '李娜')
    assert.deepEqual([found.accepted, found.registered], [false, true])
    const tech = await person('tech')
    await openTab(tech, 'units')
    await tech.waitForSelector('[data-unit-row=PB-9] >> text=不合格')
    await tech.click('[data-unit-row=PB-9] [data-action=show-acceptance]')
    await tech.waitForSelector('[data-acceptance=PB-9] >> text=李娜')
    await tech.waitForSelector('[data-acceptance=PB-9] tr:has-text("车载程序") >> text=车载程序没有运行。')
    await tech.waitForSelector('[data-acceptance=PB-9] tr:has-text("云台") >> text=未检查')
    for (const lang of process.env.SCREENSHOTS ? ['zh', 'en'] : []) {
      await tech.screenshot({ path: `${process.env.SCREENSHOTS}/acceptance-${lang}.jpg`, type: 'jpeg', quality: 80 })
      await tech.click('[data-action=language]')
    }
  })

  test('a unit is decommissioned by two people, and says in its row how far that is', async () => {
    const [admin, li] = await Promise.all(['root', 'li'].map(person))
    await openTab(admin, 'units')
    await admin.waitForSelector('[data-unit-row=PB-9] [data-action=decommission-unit]')
    // No box is that unit yet, so there is nothing to destroy.
    assert.equal(await admin.locator('[data-unit-row=PB-7] [data-action=decommission-unit]').count(), 0)
    await admin.click('[data-unit-row=PB-9] [data-action=decommission-unit]')
    await admin.waitForSelector('.admin-ask >> text=不能恢复')
    await answer(admin, { reason: '今晚被盗', typed: 'PB-9' })
    await admin.waitForSelector('[data-unit-row=PB-9] [data-decommission=proposed]')
    await openTab(li, 'officers')
    await openTab(li, 'policies')
    await li.click('[data-decommissions] [data-proposal]:has([data-proposed=PB-9]) [data-action=reject]')
    await answer(li, { reason: '车已找回' })
    await li.waitForSelector('[data-decommissions] [data-state=rejected]')
    await openTab(admin, 'officers')
    await openTab(admin, 'units')
    await admin.waitForSelector('[data-unit-row=PB-9] [data-action=decommission-unit]')
  })

  test('what a role may not do is neither shown to it nor done for it', async () => {
    const [chen, audit, tech] = await Promise.all(['chen', 'audit', 'tech'].map(person))
    const asked = (page, path) => page.evaluate((p) => fetch(p).then(async (r) => `${r.status} ${(await r.json()).code}`), path)
    await chen.click('[data-tab=admin]')
    assert.deepEqual(await chen.locator('[data-admin]').evaluateAll((all) => all.map((e) => e.dataset.admin)), ['own'])
    for (const path of ['/api/admin/units', '/api/admin/drafts', '/api/admin/accounts']) assert.equal(await asked(chen, path), '403 not_allowed')
    assert.deepEqual(await audit.locator('[data-admin]').evaluateAll((all) => all.map((e) => e.dataset.admin)), ['audit', 'own'])
    assert.equal(await audit.locator('[data-tab=map], [data-tab=lists]').count(), 0)
    for (const path of ['/api/units', '/api/lists', '/api/admin/drafts']) assert.equal(await asked(audit, path), '403 not_allowed')
    assert.deepEqual(await tech.locator('[data-admin]').evaluateAll((all) => all.map((e) => e.dataset.admin)), ['units', 'releases', 'own'])
    await openTab(audit, 'audit')
    await audit.selectOption('[name=action]', 'list_issued')
    await audit.click('[data-action=find-audit]')
    await audit.waitForSelector('[data-audit] >> text=stolen-1 v1')
  })

  test('each tab can be read and touched in both languages', async () => {
    const admin = await person('root')
    const found = []
    for (const lang of ['zh', 'en']) {
      await admin.evaluate((l) => localStorage.setItem('language', l), lang)
      await admin.reload()
      await admin.waitForSelector('[data-tab=admin]')
      for (const tab of ['lists', 'units', 'officers', 'accounts', 'policies', 'releases', 'audit', 'own']) {
        await openTab(admin, tab)
        await admin.waitForTimeout(300)
        if (tab === 'units') await admin.click('[data-action=show-acceptance]')
        const seen = await admin.evaluate(`window.ownWords = ${JSON.stringify(ownWords)}; (${faults})()`)
        found.push(...seen.map((f) => `${lang} ${tab}: ${f}`))
      }
      await openTab(admin, 'lists')
      await admin.click('[data-action=new-draft]')
      const form = await admin.evaluate(`(${faults})()`)
      found.push(...form.map((f) => `${lang} draft form: ${f}`))
    }
    assert.deepEqual(found, [])
    assert.deepEqual(errors.flat().filter((e) => !e.startsWith('Failed to load resource')), [])
  })
})
