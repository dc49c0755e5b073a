// The real command centre in a process of its own, over a data folder of its own, with people who sign in and cars that call.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { grpc, services } from '../EdgeAgent.Tests/contract-js/contract.mjs'

const program = fileURLToPath(new URL('../../artifacts/bin/CommandCentre/release/command-centre', import.meta.url))
const edgectl = fileURLToPath(new URL('../../artifacts/bin/Edgectl/release/edgectl', import.meta.url))
const dist = fileURLToPath(new URL('../../tools/command-centre/web/dist', import.meta.url))

export const centreIsBuilt = () => existsSync(program) && existsSync(join(dist, 'index.html'))
export const password = 'night-shift-7-words'
export const passphraseOf = (user) => `the passphrase of ${user}`

/** @param {Record<string, string>} people user → role */
export async function startCentre(people) {
  const folder = mkdtempSync(join(tmpdir(), 'real-centre-'))
  const data = join(folder, 'data')
  const run = (args, input = '') => {
    const done = spawnSync(program, [...args, '--data', data], { input, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  run(['init'])
  for (const [user, role] of Object.entries(people)) run(['accounts', 'add', '--user', user, '--role', role, '--password-stdin'], `${password}\n`)
  const server = spawn(program, ['serve', '--data', data, '--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0', '--web-root', dist], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ready = await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the centre ended with ${code}`)))
    createInterface({ input: server.stdout }).once('line', (line) => resolve(JSON.parse(line)))
  })
  return {
    url: ready.http,
    run,
    /** A car that is enrolled and says hello with this software, each time that it is called. */
    async car(unitId, district) {
      const { code } = JSON.parse(run(['enrol', '--unit', unitId, '--label', unitId, '--district', district]))
      const [key, request] = [join(folder, `${unitId}.key`), join(folder, `${unitId}.csr`)]
      const made = spawnSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', request, '-outform', 'DER', '-subj', '/CN=car'])
      if (made.status !== 0) throw new Error(String(made.stderr))
      const root = readFileSync(join(data, 'keys', 'device-ca.pem'))
      const address = ready.grpc.replace('https://127.0.0.1', 'localhost')
      const enrolment = new services.Enrolment(address, grpc.credentials.createSsl(root))
      const reply = await new Promise((resolve, reject) => enrolment.Enrol({ code: code.split('.')[0], certificate_request: readFileSync(request) }, (error, answer) => (error ? reject(error) : resolve(answer))))
      enrolment.close()
      const pem = `-----BEGIN CERTIFICATE-----\n${reply.certificate.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`
      const credentials = grpc.credentials.createSsl(root, readFileSync(key), Buffer.from(pem))
      const incarnation = randomBytes(16)
      let number = 0
      return (version, ...events) =>
        new Promise((resolve, reject) => {
          const client = new services.Link(address, credentials)
          const call = client.Session()
          const end = () => (call.end(), client.close(), resolve())
          call.on('error', reject)
          call.on('data', (message) => {
            if (message.body === (events.length > 0 ? 'acks' : 'welcome')) setTimeout(end, 100)
          })
          call.write({ hello: { version_min: 1, version_max: 1, software_version: version, incarnation, camera_ids: ['cam1'] } })
          const told = events.map((body) => ({ id: Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6, 0x70]), randomBytes(9)]), lane: 'LANE_STATUS', number: ++number, captured_at_unix_ms: Date.now(), priority: 'PRIORITY_NORMAL', ...body }))
          if (told.length > 0) call.write({ events: { events: told } })
        })
    },
    /** A box that is enrolled, and looked at by a technician who finds it without agent, camera and receiver. */
    async acceptBox(unitId, label, district, technician) {
      const { code } = JSON.parse(run(['enrol', '--unit', unitId, '--label', label, '--district', district]))
      const box = join(folder, `box-${unitId}`)
      const provisioned = spawnSync(edgectl, ['provision', '--centre', ready.grpc, '--code', code, '--data', box, '--key', 'file'], { encoding: 'utf8' })
      if (provisioned.status !== 0) throw new Error(provisioned.stderr)
      const config = join(folder, `${unitId}.json`)
      writeFileSync(config, JSON.stringify({ DataDirectory: box, Centre: ready.grpc, Terminal: { Url: 'http://127.0.0.1:9' }, Gnss: { Port: 9 }, Cameras: [{ Id: 'cam1', LabelZh: '前', LabelEn: 'Front', Main: join(box, 'none.mp4') }] }))
      const accept = spawn(edgectl, ['accept', '--config', config, '--technician', technician, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] })
      let said = ''
      accept.stdout.on('data', (data) => (said += data))
      await new Promise((resolve) => accept.once('exit', resolve))
      return JSON.parse(said)
    },
    release(version) {
      const file = join(folder, version)
      writeFileSync(file, `bundle ${version}`)
      run(['releases', 'add', '--file', file, '--version', version])
    },
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function signIn(page, centre, user) {
  await page.goto(centre.url)
  await page.fill('[name=user]', user)
  await page.fill('[name=password]', password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-tab=admin]')
}

export async function openTab(page, tab) {
  await page.click('[data-tab=admin]')
  await page.click(`[data-admin=${tab}]`)
  await page.waitForSelector(`[data-admin-tab=${tab}]`)
}

/** Fills in what is asked and does it. */
export async function answer(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`.admin-ask [name=${name}]`)
    if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(value)
    else await field.fill(value)
  }
  await page.click('[data-action=ask-submit]')
  await page.waitForSelector('.admin-ask', { state: 'detached' })
}

/** A key of one's own, and somebody else's certificate for it. */
export async function makeApprover(page, admin, user) {
  await openTab(page, 'own')
  await page.click('[data-action=make-key]')
  await answer(page, { passphrase: passphraseOf(user) })
  await page.waitForSelector('[data-key-state=waiting]')
  await openTab(admin, 'own')
  await openTab(admin, 'accounts')
  await admin.click(`[data-account=${user}] [data-action=certify]`)
  await answer(admin, {})
}

export async function writeDraft(page, listId) {
  await openTab(page, 'lists')
  await page.click('[data-action=new-draft]')
  const words = { listId, titleZh: '被盗车辆', titleEn: 'Stolen vehicles', authority: '市公安局刑侦支队', legalReference: '刑侦布控〔2026〕118 号', purpose: '查找被盗车辆', source: '案件系统' }
  for (const [name, value] of Object.entries(words)) await page.fill(`[data-draft-form] [name=${name}]`, value)
  for (const [at, plate] of ['京A12345', '京B55555'].entries()) {
    await page.click('[data-action=add-entry]')
    await page.fill(`[name=plate-${at}]`, plate)
  }
  await page.click('[data-action=save-draft]')
}
