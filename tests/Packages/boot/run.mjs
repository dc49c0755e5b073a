// `./dev chaos boot`: a whole system, from the signed bundle to the road, in a machine that boots it. A blank disk is flashed; the box
// starts from it, is enrolled at a real centre by a technician at its serial line (the key made in its TPM), and runs; then it takes the
// next system with the power cut again and again while it is written and while it starts, and must come up each time.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Box, needs } from './box.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values: asked } = parseArgs({ options: {
  cuts: { type: 'string', default: '8' }, seed: { type: 'string', default: '1' }, state: { type: 'string', default: join(root, '.run/boot') },
  system: { type: 'string' }, kvm: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} })
if (asked.help) {
  console.log(`usage: ./dev chaos boot [--cuts N] [--seed S] [--state DIR] [--system DIR] [--kvm]
  --cuts    how often the power is cut while the next system is written or starts (8)
  --system  folder with keys, image and bundle of an earlier run, taken as they are (otherwise made anew for each version)
  --kvm     let the processor of this machine run the box: much quicker, where /dev/kvm works
One JSON line. Needs root (a root file system is made), QEMU, OVMF and swtpm.`)
  process.exit(0)
}
const state = asked.state, system = asked.system ?? join(state, 'system')
const agent = join(root, 'artifacts/bin/EdgeAgent.Agent/release/edge-agent')
const edgectl = join(root, 'artifacts/bin/Edgectl/release/edgectl'), centreProgram = join(root, 'artifacts/bin/CommandCentre/release/command-centre')
const Grpc = 8543, Console = 8590, Host = '10.0.2.2', Data = '/var/lib/edge-agent'
const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', cwd: root, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const seconds = (since) => Math.round((Date.now() - since) / 100) / 10
const wrong = []
const expect = (holds, what) => { if (!holds) wrong.push(what) }

/** Numbers of 0 to 1 that a seed fixes (mulberry32). */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

async function step(what, act) {
  const began = Date.now()
  process.stderr.write(`  … ${what}\r`)
  const result = await act()
  process.stderr.write(`  ✓ ${what.padEnd(52)} ${seconds(began)} s\n`)
  return result
}

const found = (ending) => {
  const name = existsSync(system) && readdirSync(system).find((file) => file.endsWith(ending))
  return name ? join(system, name) : undefined
}

function build() {
  mkdirSync(system, { recursive: true })
  if (!existsSync(join(system, 'keys'))) run(edgectl, 'release', 'keys', '--out', join(system, 'keys'))
  const version = run(agent, 'version').trim()
  if (found('.raucb')?.includes(`_${version}_`) || (asked.system && found('.raucb'))) return
  for (const file of readdirSync(system).filter((name) => name !== 'keys')) rmSync(join(system, file))
  const env = { ...process.env, RELEASE_KEYS: join(system, 'keys') }
  const make = (...words) => execFileSync(words[0], words.slice(1), { env, cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  make('tools/packages/build', system)
  make('tools/packages/build-system', system, readdirSync(system).filter((file) => /^edge-agent_.*\.deb$/.test(file)).map((file) => join(system, file))[0])
}

/** The same system under the next number: what the box says it is tells which one runs. */
function next() {
  const image = join(state, 'next.img'), release = join(state, 'release')
  const [version, number, compatible] = run('debugfs', '-R', 'cat /etc/edge-system-release', found('.img')).trim().split('\n').map((line) => line.split('=')[1])
  cpSync(found('.img'), image)
  writeFileSync(release, `VERSION=${version}-next\nBUILD=${Number(number) + 1}\nCOMPATIBLE=${compatible}\n`)
  for (const request of ['rm /etc/edge-system-release', `write ${release} /etc/edge-system-release`]) run('debugfs', '-w', '-R', request, image)
  run(join(root, 'tools/packages/system/bundle'), image, compatible, `${version}-next`, `${Number(number) + 1}`, join(system, 'keys'), join(state, 'stick/next.raucb'))
  rmSync(image)
  return { version, build: Number(number) }
}

function stick() {
  const image = join(state, 'stick.img')
  cpSync(found('.raucb'), join(state, 'stick/same.raucb'))
  writeFileSync(join(state, 'stick/agent.json'), JSON.stringify({
    DataDirectory: Data, Centre: `https://${Host}:${Grpc}`,
    Cameras: [{ Id: 'front', LabelZh: '前', LabelEn: 'Front', Main: 'rtsp://192.0.2.1/main', Sub: 'rtsp://192.0.2.1/sub' }],
  }))
  rmSync(image, { force: true })
  writeFileSync(image, '')
  const files = readdirSync(join(state, 'stick')).map((file) => Number(run('stat', '-c', '%s', join(state, 'stick', file))))
  truncateSync(image, Math.ceil(files.reduce((a, b) => a + b) / 0.9) + (64 << 20))
  run('mkfs.ext4', '-q', '-m', '0', '-d', join(state, 'stick'), image)
  return image
}

function flash() {
  const disk = join(state, 'disk.img')
  rmSync(disk, { force: true })
  writeFileSync(disk, '')
  truncateSync(disk, 8 * 2 ** 30)
  return { disk, ...JSON.parse(run(edgectl, 'flash', '--bundle', found('.raucb'), '--roots', join(system, 'keys/release-roots.pem'), '--system-mib', '2560', '--disk', disk, '--yes', disk, '--json')) }
}

async function centre() {
  const data = join(state, 'centre')
  run(centreProgram, 'init', '--data', data)
  const serving = spawn(centreProgram, ['serve', '--data', data, '--grpc', `127.0.0.1:${Grpc}`, '--http', `127.0.0.1:${Console}`, '--host', Host, '--web-root', join(root, 'tools/command-centre/web/dist')], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve, reject) => { serving.stdout.once('data', resolve); serving.once('exit', (code) => reject(new Error(`the centre ended with ${code}`))) })
  return { serving, code: JSON.parse(run(centreProgram, 'enrol', '--data', data, '--unit', 'PB-0001', '--label', 'Box 1')).code }
}

async function well(box, limit = 400) {
  for (const began = Date.now(); ; await pause(1000)) {
    const { said } = await box.does("curl -s --max-time 3 http://127.0.0.1:8088/api/health || true")
    if (said.includes('"well":true')) return seconds(began)
    if (seconds(began) > limit) throw new Error(`the agent is not well after ${limit} s: ${said}\n${(await box.does('journalctl -u edge-agent --no-pager -n 30')).said}`)
  }
}

/** Which system runs, by the kernel's word and by its own. */
async function where(box) {
  const slot = (await box.does('/usr/lib/edge-system/slots get-current')).said
  const said = (await box.does("sed -n 's/^BUILD=//p' /etc/edge-system-release")).said
  if (!/^\d+$/.test(said)) throw new Error(`its build is not a number: ${said}`)
  return { slot, build: Number(said) }
}

async function come(box, password) {
  const began = Date.now()
  box.start()
  await box.hears(/edge-system: starting [ab]/, 120)
  const loader = seconds(began)
  await box.logIn(password, 500)
  return { loader, prompt: seconds(began) }
}

async function main() {
  const lacking = needs()
  if (process.getuid() !== 0) lacking.push('root')
  if (lacking.length) throw new Error(`chaos boot needs ${lacking.join(', ')}`)
  const whole = Date.now(), number = numbers(Number(asked.seed))
  if (!asked.system) mkdirSync(state, { recursive: true })
  for (const name of ['stick', 'box', 'centre']) rmSync(join(state, name), { recursive: true, force: true })
  mkdirSync(join(state, 'stick'), { recursive: true })
  await step('system built and signed', build)
  const old = await step('next system', next)
  const usb = await step('USB stick', stick)
  const flashed = await step('blank disk flashed', flash)
  const office = await step('command centre', centre)
  const box = new Box(join(state, 'box'), flashed.disk, usb, asked.kvm)
  // Whoever ends this ends what it started.
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    process.once(signal, () => {
      box.close()
      office.serving.kill()
      process.exit(code)
    })
  }
  const figures = { scenario: 'boot', flashSeconds: flashed.seconds }
  try {
    figures.firstStart = await step('first start, technician logged in', () => come(box, flashed.login))
    expect((await box.does('systemctl --failed --no-legend --plain')).said === '', `units failed: ${(await box.does('systemctl --failed --no-legend --plain')).said}`)
    expect(/\bbbr\b/.test((await box.does('cat /proc/sys/net/ipv4/tcp_allowed_congestion_control')).said), 'the agent may not choose BBR')
    figures.enrolled = await step('enrolled, key in the TPM', () => enrol(box, office.code))
    figures.agentWellSeconds = await step('agent well', () => well(box))
    figures.doctor = await step('doctor', () => examined(box))
    figures.cuts = { writing: 0, starting: 0, bricked: 0, wrongSystem: 0 }
    await updates(box, flashed.login, old, number, figures.cuts)
    figures.update = await step('next system whole: on trial, good', () => whollyUpdated(box, flashed.login, old))
    await step('wiped', () => wiped(box))
    box.type('systemctl poweroff\n')
    await box.ended(120)
  } catch (error) {
    wrong.push(error.message)
  } finally {
    box.close()
    office.serving.kill()
  }
  console.log(JSON.stringify({ ...figures, seconds: seconds(whole), wrong }))
  process.exitCode = wrong.length ? 1 : 0
}

async function enrol(box, code) {
  await box.does('mkdir -p /run/stick && mount -o ro /dev/disk/by-id/usb-* /run/stick && cp /run/stick/agent.json /etc/edge-agent/agent.json')
  const { said, code: exit } = await box.does(`edgectl provision --centre https://${Host}:${Grpc} --code ${code} --data ${Data} --json`, 200)
  if (exit !== 0) throw new Error(`provision: ${said}`)
  const settings = await box.does('edgectl config check --config /etc/edge-agent/agent.json')
  expect(settings.code === 0, `config check: ${settings.said}`)
  await box.does('systemctl restart edge-agent')
  return JSON.parse(said.slice(said.indexOf('{')))
}

/** The power cut N times: while the next system is written, and while it starts. */
async function updates(box, password, old, number, cuts) {
  let took
  for (let cut = 1; cut <= Number(asked.cuts); cut++)
    await step(`cut ${cut} of ${asked.cuts}`, async () => {
      if (took === undefined || number() < 0.7) {
        const began = Date.now()
        box.type('mkdir -p /run/stick; mount -o ro /dev/disk/by-id/usb-* /run/stick; rauc install /run/stick/next.raucb; echo "[[$?]]"\n')
        await Promise.race([pause(took === undefined ? 3000 + 5000 * number() : took * 1000 * number()), box.hears(/\[\[\d+\]\]\r?\n/, 600)])
        took ??= Math.max(8, seconds(began) * 2)
        await box.cut()
        cuts.writing++
      } else {
        await box.cut()
        box.start()
        await pause(10_000 * number())
        await box.cut()
        cuts.starting++
      }
      try {
        await come(box, password)
        await well(box)
        const now = await where(box)
        // Until it was written whole only the old one may start; afterwards the next one is on trial.
        if (now.build !== old.build && !(now.build === old.build + 1 && now.slot === 'b')) {
          cuts.wrongSystem++
          wrong.push(`cut ${cut}: ${JSON.stringify(now)} runs, where ${old.build} or the next one may`)
        }
        if (now.build !== old.build) await giveUp(box, password)
      } catch (error) {
        cuts.bricked++
        throw new Error(`cut ${cut}: ${error.message}`, { cause: error })
      }
    })
}

/** Back to the first system, so that the next cut finds the next one unwritten. */
async function giveUp(box, password) {
  await box.does('/usr/lib/edge-system/slots set-state b bad; sync')
  box.type('systemctl reboot\n')
  await box.ended(120)
  await come(box, password)
}

async function whollyUpdated(box, password, old) {
  await box.does('mkdir -p /run/stick; mountpoint -q /run/stick || mount -o ro /dev/disk/by-id/usb-* /run/stick')
  const same = await box.does('rauc install /run/stick/same.raucb', 300)
  expect(same.code !== 0, `the system that runs was installed once more: ${same.said}`)
  const installed = await box.does('rauc install /run/stick/next.raucb', 600)
  if (installed.code !== 0) throw new Error(`rauc install: ${installed.said}`)
  box.type('systemctl reboot\n')
  await box.ended(120)
  const start = await come(box, password)
  const now = await where(box)
  expect(now.slot === 'b' && now.build === old.build + 1, `after the update ${JSON.stringify(now)} runs`)
  const wellSeconds = await well(box)
  const began = Date.now()
  while ((await box.does('/usr/lib/edge-system/slots get-state b')).said !== 'good') {
    if (seconds(began) > 600) throw new Error('it is not marked good after ten minutes')
    await pause(2000)
  }
  const floor = (await box.does('cat /data/system/floor')).said
  expect(floor === `${old.build + 1}`, `the floor is ${floor}`)
  expect((await box.does('rauc install /run/stick/same.raucb', 300)).code !== 0, 'an older system is taken')
  return { start, wellSeconds, goodSeconds: seconds(began) }
}

// What this box has not, and what an emulated one is too slow for.
const Lacking = ['camera_lost', 'gnss_silent', 'no_lists', 'no_officers', 'disk_slow']

/** What its doctor finds beside that is wrong. */
async function examined(box) {
  const { said } = await box.does('edgectl doctor --json 2>/run/doctor.err', 400)
  if (!said.includes('{')) {
    wrong.push(`doctor: ${said} ${(await box.does('tail -20 /run/doctor.err; journalctl -k -n 5 --no-pager')).said}`)
    return []
  }
  const { checks } = JSON.parse(said.slice(said.indexOf('{')))
  const codes = checks.flatMap((check) => check.findings.map((finding) => finding.code))
  const odd = codes.filter((code) => !Lacking.includes(code))
  expect(odd.length === 0, `doctor: ${odd.join(', ')}`)
  return codes
}

/** A box that is given away: its key in the TPM is gone, and the agent does not start as the unit again. */
async function wiped(box) {
  await box.does('systemctl stop edge-agent', 60)
  const { code, said } = await box.does('edgectl wipe --unit PB-0001 --lose-unsent --json', 120)
  expect(code === 0, `wipe: ${said}`)
  const left = (await box.does(`ls -A ${Data}`)).said
  expect(!/identity|vault|outbox|audit/.test(left), `after wiping there is ${left}`)
  expect((await box.does('tpm2_getcap handles-persistent')).said === '', 'the TPM still holds a key')
}

await main().catch((error) => {
  console.error(`chaos boot: ${error.message}`)
  process.exitCode = 1
})
