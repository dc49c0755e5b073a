// System bundles by the real RAUC: into two slots of files, through its own service on a bus of its own; and the boot loader's choice
// by the real GRUB (grub-emu) over a file system as on the box. The programs on the box are those that a system is built with.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'

const root = fileURLToPath(new URL('../..', import.meta.url))
const system = join(root, 'tools/packages/system')
const edgectl = join(root, 'artifacts/bin/Edgectl/release/edgectl')
const work = mkdtempSync(join(tmpdir(), 'system-'))
const at = (name) => join(work, name)
const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const missing = (programs) => programs.filter((program) => !has(program))

const loaderNeeds = missing(['grub-emu', 'grub-editenv', 'mkfs.vfat', 'mcopy'])
const loops = process.getuid() === 0 && spawnSync('losetup', ['--find']).status === 0
const raucNeeds = [...missing(['rauc', 'mksquashfs', 'dbus-daemon', 'losetup', 'curl', 'grub-editenv']), ...(loops ? [] : ['root and loop devices'])]

// ---- the loader

/** One start of the box: what GRUB chose. The environment lies on the EFI partition, as there. */
function start(esp) {
  const said = execFileSync('grub-emu', ['-d', at('grub'), '-r', 'host', '-m', at('device.map')], { input: '', encoding: 'utf8', timeout: 20_000 })
  assert.ok(existsSync(esp))
  return /chosen=([ab]?)#/.exec(said)?.[1] ?? assert.fail(said)
}

/** The box's own user space: its program `slots` over what lies on the EFI partition. */
function userSpace(esp, slot, ...words) {
  const folder = mkdtempSync(at('efi-'))
  for (const file of ['grubenv', 'grubenv.bak']) spawnSync('mcopy', ['-n', '-i', esp, `::edge/${file}`, folder])
  writeFileSync(join(folder, 'cmdline'), `root=PARTLABEL=edge-${slot} edge.slot=${slot}\n`)
  const env = { ...process.env, EDGE_GRUBENV: join(folder, 'grubenv'), EDGE_CMDLINE: join(folder, 'cmdline') }
  const said = execFileSync(join(system, 'root/slots'), words, { env, encoding: 'utf8' })
  for (const file of ['grubenv', 'grubenv.bak']) if (existsSync(join(folder, file))) execFileSync('mcopy', ['-o', '-i', esp, join(folder, file), '::edge/'])
  return said.trim()
}

function newEsp(...words) {
  const esp = at(`esp-${randomBytes(4).toString('hex')}.img`)
  writeFileSync(esp, '')
  truncateSync(esp, 8 << 20)
  execFileSync('mkfs.vfat', [esp], { stdio: 'ignore' })
  execFileSync('grub-editenv', [at('new-env'), 'create'])
  execFileSync('grub-editenv', [at('new-env'), 'set', ...words])
  execFileSync('mmd', ['-i', esp, '::edge'])
  execFileSync('mcopy', ['-i', esp, at('new-env'), '::edge/grubenv'])
  mkdirSync(at('grub'), { recursive: true })
  cpSync(join(system, 'choose.cfg'), at('grub/choose.cfg'))
  writeFileSync(at('grub/grub.cfg'), `set prefix=(hd0)/edge\nsource (host)${at('grub/choose.cfg')}\necho "chosen=$chosen#"\nexit\n`)
  writeFileSync(at('device.map'), `(hd0) ${esp}\n`)
  return esp
}

after(() => rmSync(work, { recursive: true, force: true }))

test('a hundred quick ignition cycles do not end a trial, whether they reach user space of the new system or not', { skip: loaderNeeds.join(', ') || false, timeout: 240_000 }, () => {
  const esp = newEsp('first=b', 'a=good', 'b=trial')
  for (let cycle = 0; cycle < 100; cycle++) assert.equal(start(esp), 'b', `cycle ${cycle}`)
  userSpace(esp, 'b', 'started')
  for (let cycle = 0; cycle < 10; cycle++) assert.equal(start(esp), 'b', `cycle ${cycle} after its user space`)
})

test('a system that never reaches its user space is given up for the one before it', { skip: loaderNeeds.join(', ') || false, timeout: 240_000 }, () => {
  const esp = newEsp('first=b', 'a=good', 'b=trial', `b_starts=${'x'.repeat(118)}`)
  assert.deepEqual([start(esp), start(esp), start(esp), start(esp)], ['b', 'b', 'a', 'a'])
  assert.equal(userSpace(esp, 'a', 'get-state', 'b'), 'bad')
  assert.equal(userSpace(esp, 'a', 'get-primary'), 'a')
})

test('a state that a power cut emptied is taken from its copy, and none at all starts the first system', { skip: loaderNeeds.join(', ') || false }, () => {
  const esp = newEsp('first=b', 'a=good', 'b=trial')
  userSpace(esp, 'b', 'set-state', 'b', 'good')
  userSpace(esp, 'b', 'set-state', 'a', 'bad')
  writeFileSync(at('empty'), '')
  execFileSync('mcopy', ['-o', '-i', esp, at('empty'), '::edge/grubenv'])
  assert.equal(start(esp), 'b')
  userSpace(esp, 'b', 'set-primary', 'b')
  assert.equal(start(esp), 'b')
  for (const file of ['grubenv', 'grubenv.bak']) execFileSync('mdel', ['-i', esp, `::edge/${file}`])
  assert.equal(start(esp), 'a')
})

test('grub.cfg and choose.cfg are sound', { skip: has('grub-script-check') ? false : 'needs grub-common' }, () => {
  for (const file of ['grub.cfg', 'choose.cfg']) execFileSync('grub-script-check', [join(system, file)])
})

// The loader is one file with so many modules in it: a command that none of them has ends the start of every box.
const modules = '/usr/lib/grub/x86_64-efi'
test('the loader of a system has a module for every command of its configuration', { skip: existsSync(`${modules}/command.lst`) ? false : 'needs grub-efi-amd64-bin' }, () => {
  const build = readFileSync(join(root, 'tools/packages/build-system'), 'utf8')
  const named = /grub-mkimage [^\n]*\\\n(.+)\n/.exec(build)[1].trim().split(/\s+/)
  const lines = (file) => readFileSync(join(modules, file), 'utf8').trim().split('\n').map((line) => line.split(/:\s*/))
  const needs = new Map(lines('moddep.lst').map(([module, all = '']) => [module, all.split(' ').filter(Boolean)]))
  const has = new Set()
  const add = (module) => has.has(module) || (has.add(module), needs.get(module)?.forEach(add))
  named.forEach(add)
  const words = ['grub.cfg', 'choose.cfg'].flatMap((file) => readFileSync(join(system, file), 'utf8').split('\n'))
    .flatMap((line) => line.replace(/#.*$/, '').split(/;|\b(?:then|else|if|elif)\b/)).map((part) => part.trim().split(/\s+/)[0])
  const commands = lines('command.lst').map(([command, module]) => [command.replace(/^\*/, ''), module])
  const used = commands.filter(([command]) => words.includes(command))
  for (const command of ['source', 'load_env', 'save_env', 'linux', 'initrd', '[', 'regexp']) assert.ok(used.some(([name]) => name === command), `the test no longer sees ${command}`)
  // Of several modules with one command any will do.
  for (const command of new Set(used.map(([name]) => name))) assert.ok(used.some(([name, module]) => name === command && has.has(module)), `${command} has no module in ${named.join(' ')}`)
})

// ---- RAUC

const box = { processes: [], loops: {}, env: {}, log: undefined }
const serviceSaid = () => readFileSync(at('service.log'), 'utf8')
const ours = { skip: raucNeeds.join(', ') || false, timeout: 240_000 }
const SlotBytes = 6 << 20

function image(seed) {
  const file = at(`image-${seed}`)
  writeFileSync(file, Buffer.alloc(4 << 20, randomBytes(1 << 20)))
  return file
}

function bundle(name, { version, build, compatible = 'edge-agent-amd64', keys = 'keys', from = image(name) }) {
  execFileSync(join(system, 'bundle'), [from, compatible, version, `${build}`, at(keys), at(name)], { stdio: ['ignore', 'ignore', 'pipe'] })
  return { file: at(name), bytes: readFileSync(from) }
}

const holds = (slot) => readFileSync(at(`slot-${slot}`)).subarray(0, 4 << 20)
const slots = (...words) => execFileSync(join(system, 'root/slots'), words, { env: box.env, encoding: 'utf8' }).trim()

const rauc = (...words) => {
  const { status, stdout, stderr } = spawnSync('rauc', words, { env: box.env, encoding: 'utf8', timeout: 60_000 })
  return { status, said: `${stdout}${stderr}` }
}

async function until(holds, what) {
  for (const begun = Date.now(); Date.now() - begun < 20_000;) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`${what} within 20 s`)
}

function ended(process) {
  return process.exitCode !== null || process.signalCode !== null ? Promise.resolve() : new Promise((resolve) => process.once('exit', resolve))
}

/** The box starts from a slot: RAUC's service looks anew at where it is. */
async function boot(slot) {
  if (box.service) {
    box.service.kill()
    await ended(box.service)
  }
  writeFileSync(at('cmdline'), `root=PARTLABEL=edge-${slot} edge.slot=${slot}\n`)
  box.service = spawn('rauc', ['service', `--conf=${at('system.conf')}`, `--override-boot-slot=${slot}`], { env: box.env, stdio: ['ignore', box.log, box.log] })
  await until(() => rauc('status').status === 0, 'RAUC answers')
}

before(async () => {
  if (ours.skip) return
  execFileSync(edgectl, ['release', 'keys', '--out', at('keys')], { stdio: 'ignore' })
  execFileSync(edgectl, ['release', 'keys', '--out', at('foreign')], { stdio: 'ignore' })
  for (const slot of ['a', 'b']) {
    writeFileSync(at(`slot-${slot}`), Buffer.alloc(SlotBytes))
    box.loops[slot] = execFileSync('losetup', ['--find', '--show', at(`slot-${slot}`)], { encoding: 'utf8' }).trim()
  }
  mkdirSync(at('mount'))
  box.log = openSync(at('service.log'), 'a')
  const conf = readFileSync(join(system, 'root/system.conf'), 'utf8')
    .replace('@COMPATIBLE@', 'edge-agent-amd64')
    .replaceAll('/usr/lib/edge-system', join(system, 'root'))
    .replace('/data/system/rauc.status', at('rauc.status'))
    .replace('/etc/edge-agent/release-roots.pem', at('keys/release-roots.pem'))
    .replace('/dev/disk/by-partlabel/edge-a', box.loops.a)
    .replace('/dev/disk/by-partlabel/edge-b', box.loops.b)
    .replace('[system]', `[system]\nmountprefix=${at('mount')}`)
  writeFileSync(at('system.conf'), conf)
  execFileSync('grub-editenv', [at('grubenv'), 'create'])
  execFileSync('grub-editenv', [at('grubenv'), 'set', 'first=a', 'a=good'])
  writeFileSync(at('bus.conf'), `<busconfig><type>system</type><listen>unix:path=${at('bus')}</listen><auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>`)
  box.processes.push(spawn('dbus-daemon', [`--config-file=${at('bus.conf')}`, '--nofork'], { stdio: 'ignore' }))
  await until(() => existsSync(at('bus')), 'the bus is there')
  box.env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${at('bus')}`, EDGE_GRUBENV: at('grubenv'), EDGE_CMDLINE: at('cmdline'), EDGE_FLOOR: at('floor'), EDGE_SLOTS: join(system, 'root/slots') }
  await boot('a')
})

after(async () => {
  for (const process of [box.service, ...box.processes].filter(Boolean)) {
    process.kill()
    await ended(process)
  }
  for (const loop of Object.values(box.loops)) spawnSync('losetup', ['--detach', loop])
})

/** The box's own look at whether a new system is good, with an agent that is well or not. */
async function judge(well, build) {
  const agent = createServer((_, answer) => answer.writeHead(well ? 200 : 503).end(`{"well":${well},"pid":1}`))
  await new Promise((resolve) => agent.listen(0, '127.0.0.1', resolve))
  writeFileSync(at('release'), `BUILD=${build}\n`)
  const env = { ...box.env, EDGE_HEALTH: `http://127.0.0.1:${agent.address().port}/`, EDGE_LOOK: '0.02', EDGE_PATIENCE: '40', EDGE_RELEASE: at('release'), EDGE_REBOOT: 'true' }
  const run = spawn(join(system, 'root/good'), [], { env, stdio: 'ignore' })
  await ended(run)
  agent.close()
  assert.equal(run.exitCode, 0)
}

test('a bundle goes into the slot that does not run, is on trial there, and good once the agent on it is well', ours, async () => {
  const first = bundle('1.1.0.raucb', { version: '1.1.0', build: 11 })
  const info = rauc('info', `--keyring=${at('keys/release-roots.pem')}`, '--output-format=json', first.file)
  assert.equal(info.status, 0, info.said)
  assert.match(info.said, /"version":"1\.1\.0"/)
  assert.match(info.said, /"compatible":"edge-agent-amd64"/)
  const installed = rauc('install', first.file)
  assert.equal(installed.status, 0, `${installed.said}\n${serviceSaid()}`)
  assert.ok(holds('b').equals(first.bytes))
  assert.ok(holds('a').equals(Buffer.alloc(4 << 20)), 'the running one is as it was')
  assert.deepEqual([slots('get-primary'), slots('get-state', 'a'), slots('get-state', 'b')], ['b', 'good', 'bad'])
  await boot('b')
  slots('started')
  slots('trial')
  await judge(true, 11)
  assert.deepEqual([slots('get-primary'), slots('get-state', 'b')], ['b', 'good'])
  assert.equal(readFileSync(at('floor'), 'utf8').trim(), '11')
})

test('a tampered bundle, a foreign one, one for other boxes and one that is not newer are refused and change nothing', ours, () => {
  const good = bundle('1.2.0.raucb', { version: '1.2.0', build: 12 })
  const tampered = at('tampered.raucb')
  const bytes = readFileSync(good.file)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(tampered, bytes)
  const refused = {
    tampered,
    cut: at('cut.raucb'),
    foreign: bundle('foreign.raucb', { version: '1.2.0', build: 12, keys: 'foreign' }).file,
    compatible: bundle('other.raucb', { version: '1.2.0', build: 12, compatible: 'edge-agent-arm64' }).file,
    older: bundle('older.raucb', { version: '1.0.0', build: 10 }).file,
    same: bundle('same.raucb', { version: '1.1.1', build: 11 }).file,
  }
  writeFileSync(refused.cut, readFileSync(good.file).subarray(0, statSync(good.file).size - 5000))
  for (const [what, file] of Object.entries(refused)) {
    truncateSync(at('service.log'), 0)
    const { status, said } = rauc('install', file)
    assert.notEqual(status, 0, what)
    assert.match(`${said}${serviceSaid()}`, { tampered: /digest failure|verification/i, cut: /signature/i, foreign: /verify|certificate/i, compatible: /compatible/i, older: /not newer than 11/, same: /not newer than 11/ }[what], what)
    assert.deepEqual([slots('get-primary'), slots('get-state', 'a'), slots('get-state', 'b')], ['b', 'good', 'good'], what)
    assert.ok(holds('a').equals(Buffer.alloc(4 << 20)), what)
  }
})

test('a new system on which the agent is not well is given up at the third start, and the one before is due again', ours, async () => {
  const next = rauc('install', at('1.2.0.raucb'))
  assert.equal(next.status, 0, `${next.said}\n${serviceSaid()}`)
  for (let start = 1; start <= 3; start++) {
    assert.equal(slots('get-primary'), 'a', `start ${start}`)
    await boot('a')
    slots('started')
    await judge(false, 12)
  }
  assert.deepEqual([slots('get-primary'), slots('get-state', 'a'), slots('get-state', 'b')], ['b', 'bad', 'good'])
  assert.equal(readFileSync(at('floor'), 'utf8').trim(), '11')
  // By hand, where a system was good and is not liked: RAUC's own word for it.
  await boot('b')
  assert.equal(rauc('status', 'mark-active', 'other').status, 0)
  assert.equal(slots('get-primary'), 'a')
  assert.equal(rauc('status', 'mark-active', 'booted').status, 0)
  assert.equal(slots('get-primary'), 'b')
})
