// Case records in six steps and the services at the window: tap counts, what is kept, what waits, what is printed.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { everyLook } from './every-look.mjs'
import { previewJpegs } from './media.mjs'
import { fullFields, withRecords } from './records-fixture.mjs'
import { inCar, pageTest, signInOfficer, until } from './support.mjs'
import { startTerminal } from './terminal-fixture.mjs'

let jpegs
const start = async () => withRecords(await startTerminal({ jpegs: (jpegs ??= previewJpegs(8)) }))
const recordTest = (name, body) => pageTest(name, inCar, start, body)
const open = async (page, fixture, id = 'records') => {
  await signInOfficer(page, fixture)
  await page.click(`[data-page=${id}]`)
}
const posts = (fixture, path) => fixture.requests.filter((r) => r.method === 'POST' && r.path.startsWith(path))

async function draw(page, signer) {
  const pad = page.locator(`[data-signer="${signer}"] canvas`)
  await pad.scrollIntoViewIfNeeded()
  const box = await pad.boundingBox()
  await page.mouse.move(box.x + 40, box.y + 60)
  await page.mouse.down()
  for (let i = 1; i <= 4; i++) await page.mouse.move(box.x + 40 + i * 70, box.y + 60 + (i % 2) * 40)
  await page.mouse.up()
  await page.click(`[data-signer="${signer}"] [data-action=keep-signature]`)
  await page.waitForSelector(`[data-signer="${signer}"] [data-signed]`)
}

describe('records page', { concurrency: 2 }, () => {
  recordTest('a record is written in steps, prefilled, with a template and a picture', async (page, fixture) => {
    await open(page, fixture)
    await page.click('[data-action=new-record]')
    await page.waitForSelector('.case[data-state=draft]')
    assert.match(await page.inputValue('[name=place]'), /39\.90823/)
    await page.click('[data-case-kind=noise]')
    await page.click('[data-action=next]')
    await page.click('[data-action=add-person]')
    await page.fill('[data-person="0"] [name=name]', '王建国')
    await page.fill('[data-person="0"] [name=idNumber]', '11010519491231002X')
    await page.click('[data-action=next]')
    await page.click('[data-action=template]')
    assert.match(await page.inputValue('[name=statement]'), /噪音/)
    await page.click('[data-statement-of="0"]')
    await page.fill('[name=personStatement]', '楼上装修到半夜。')
    await page.click('[data-action=next]')
    await page.click('[data-shoot=cam3]')
    await page.waitForSelector('[data-picture]')
    await page.click('[data-action=next]')
    assert.match(await page.textContent('.paper'), /王建国.*楼上装修到半夜/s)
    const [record] = [...fixture.records.values()]
    assert.deepEqual([record.fields.kind, record.fields.persons[0].name, record.pictures.length], ['noise', '王建国', 1])
  })

  recordTest('signed by finger and sent it is read only', async (page, fixture) => {
    const fields = fullFields()
    const record = fixture.addRecord({ fields: { ...fields, persons: fields.persons.slice(0, 1) } })
    await open(page, fixture)
    await page.click(`[data-record=${record.id}]`)
    await page.click('[data-step=signatures]')
    await draw(page, 0)
    await draw(page, 'officer')
    await page.click('[data-action=next]')
    assert.equal(await page.locator('[data-lacks]').count(), 0)
    await page.click('[data-action=finish]')
    await page.waitForSelector('[data-sent=sent]')
    assert.equal(record.state, 'sent')
    assert.ok(record.personSignatures[0] && record.officerSignature)
    const png = Buffer.from(posts(fixture, '/api/records').filter((r) => r.path.endsWith('/signatures'))[0].body.png, 'base64')
    assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
    assert.ok(png.length < 128 * 1024)
    assert.equal(await page.locator('[data-step]').count(), 1)
    assert.equal(await page.locator('[data-action=discard]').count(), 0)
    await page.click('[data-action=close-record]')
    await page.waitForSelector(`[data-record="${record.id}"][data-state=sent]`)
  })

  recordTest('what is missing is said, a change takes signatures away, and who refuses to sign is written down', async (page, fixture) => {
    const record = fixture.addRecord({ fields: { ...fullFields(), statement: '' } })
    await open(page, fixture)
    await page.click(`[data-record=${record.id}]`)
    await page.click('[data-step=finish]')
    await page.waitForSelector('[data-lacks=statement_required]')
    assert.ok(await page.isDisabled('[data-action=finish]'))
    await page.click('[data-step=story]')
    await page.fill('[name=statement]', '双方争执')
    await page.click('[data-step=signatures]')
    await draw(page, 0)
    await page.click('[data-signer="1"] [data-action=refuse]')
    await page.click('[data-step=finish]')
    // Saying that somebody refuses changes the record: the first has to sign again.
    await page.waitForSelector('[data-lacks=person_not_signed]')
    await page.click('[data-step=signatures]')
    await draw(page, 0)
    await draw(page, 'officer')
    await page.click('[data-step=finish]')
    await page.waitForSelector('[data-action=finish]:not([disabled])')
    assert.match(await page.textContent('.paper'), /当事人拒绝签名/)
    await page.click('[data-step=story]')
    await page.fill('[name=outcome]', '另行处理')
    await page.click('[data-step=finish]')
    await page.waitForSelector('[data-lacks=person_not_signed]')
  })

  recordTest('what is written is kept as it is written, survives a page that goes, and typing waits while the car moves', async (page, fixture) => {
    const record = fixture.addRecord({ fields: fullFields() })
    await open(page, fixture)
    await page.click(`[data-record=${record.id}]`)
    await page.fill('[name=place]', '三环路口')
    await until('it is kept', () => fixture.records.get(record.id).fields.place === '三环路口')
    await page.waitForSelector('[data-saved=true]')
    fixture.state.position.speedMps = 14
    await page.waitForSelector('[data-waits]')
    assert.ok(!(await page.isVisible('.case')))
    fixture.state.position.speedMps = 0.1
    await page.waitForSelector('.case', { state: 'visible' })
    assert.equal(await page.inputValue('[name=place]'), '三环路口')
    fixture.refuse = 'already_sent'
    await page.fill('[name=place]', '别处')
    await page.waitForSelector('[data-refused=already_sent]')
    await page.reload()
    await page.waitForSelector('.mosaic')
    await page.click('[data-page=records]')
    assert.equal(await page.textContent('.rail [data-page=records] .rail-waiting'), '1')
    await page.click(`[data-record=${record.id}]`)
    await page.click('[data-action=discard]')
    await page.click('[data-action=discard]')
    await page.waitForSelector('.records .empty')
  })

  recordTest('it is printed on A4, alone, with nothing from elsewhere, and the printing is told', async (page, fixture) => {
    const record = fixture.addRecord({ state: 'answered', answer: '已转社区', fields: fullFields(), personSignatures: ['1'.repeat(64), ''], officerSignature: '2'.repeat(64) })
    await page.addInitScript(() => (window.print = () => (window.printed = (window.printed ?? 0) + 1)))
    await open(page, fixture)
    await page.click(`[data-record=${record.id}]`)
    assert.match(await page.textContent('.signing-pads'), /中心答复：已转社区/)
    await page.click('[data-action=print]')
    await until('it is printed', () => page.evaluate(() => window.printed === 1))
    assert.equal(posts(fixture, '/api/records').filter((r) => r.path.endsWith('/printed')).length, 1)
    await page.emulateMedia({ media: 'print' })
    assert.deepEqual(await page.evaluate(() => [getComputedStyle(document.querySelector('#page')).display, getComputedStyle(document.querySelector('.print-sheet')).display]), ['none', 'block'])
    const elsewhere = await page.evaluate(() => [...document.querySelectorAll('.print-sheet [src], link[href], script[src]')].map((e) => e.src || e.href).filter((u) => !u.startsWith(location.origin)))
    assert.deepEqual(elsewhere, [])
    const pdf = await page.pdf({ preferCSSPageSize: true })
    assert.match(pdf.toString('latin1'), /MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/)
  })

  recordTest('a found item is two entries and a touch; a request for an office needs the office; answers come back', async (page, fixture) => {
    await open(page, fixture, 'service')
    await page.waitForSelector('[data-request=q-0] >> text=请到户籍窗口办理')
    assert.match(await page.inputValue('[name=place]'), /39\.90823/)
    await page.fill('[name=what]', '黑色双肩包，内有课本')
    await page.click('[data-shoot=cam3]')
    await page.waitForSelector('text=照片已附上')
    await page.click('.case-send')
    await page.waitForSelector('[data-request-sent]')
    const [sent] = posts(fixture, '/api/requests')
    assert.deepEqual([sent.body.kind, sent.body.what, sent.body.contact, Boolean(sent.body.pictureId)], ['found', '黑色双肩包，内有课本', '', true])
    await page.click('[data-service=office]')
    await page.fill('[name=what]', '补办身份证')
    assert.ok(await page.isDisabled('.case-send'))
    await page.click('[data-office=household]')
    fixture.refuse = 'too_many_records'
    await page.click('.case-send')
    await page.waitForSelector('[data-refused=too_many_records]')
    assert.equal(await page.inputValue('[name=what]'), '补办身份证')
    await page.click('.case-send')
    await page.waitForSelector('[data-request-sent]')
    assert.equal(posts(fixture, '/api/requests').at(-1).body.office, 'household')
  })

  recordTest('guidance is read large, in both languages, while driving too', async (page, fixture) => {
    fixture.state.position.speedMps = 12
    await open(page, fixture, 'service')
    await page.click('[data-service=guides]')
    for (const guide of ['lost_id', 'residence', 'accident', 'fraud']) {
      await page.click(`[data-guide=${guide}]`)
      assert.equal(await page.locator('.paper-large li').count(), 6)
    }
    assert.match(await page.textContent('.paper-large'), /96110/)
    await page.click('[data-action=language]')
    assert.match(await page.textContent('.paper-large'), /safe account/)
  })

  everyLook('records', start, ['林晓峰', '京', '望江', '王建国', '赵雨薇', '中文', '车位', '争执', '道歉', '户籍窗口'], async (page, fixture, look) => {
    const record = fixture.addRecord({ fields: fullFields() })
    await open(page, fixture)
    await page.waitForSelector('[data-record]')
    await look('list')
    await page.click(`[data-record=${record.id}]`)
    await page.waitForSelector('.case')
    for (const step of ['what', 'people', 'story', 'pictures', 'signatures', 'finish']) {
      await page.click(`[data-step=${step}]`)
      await page.waitForSelector(`[data-shown=${step}]`)
      await look(step)
    }
    await page.click('[data-page=service]')
    for (const tab of ['found', 'office', 'guides']) {
      await page.click(`[data-service=${tab}]`)
      await look(tab)
    }
  })
})
