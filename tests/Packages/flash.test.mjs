// edgectl flash over a file in a disk's place: a small system (the real loader, the real programs of a system, no kernel) as a signed
// bundle, and what the disk then holds by the words of sfdisk, mtools, debugfs and GRUB itself.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'

const root = fileURLToPath(new URL('../..', import.meta.url))
const system = join(root, 'tools/packages/system')
const edgectl = join(root, 'artifacts/bin/Edgectl/release/edgectl')
const work = mkdtempSync(join(tmpdir(), 'flash-test-'))
const at = (name) => join(work, name)
const MiB = 1 << 20

const needs = ['rauc', 'mksquashfs', 'sfdisk', 'mkfs.vfat', 'mcopy', 'mkfs.ext4', 'debugfs', 'openssl', 'grub-mkimage', 'grub-editenv'].filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
if (process.getuid() !== 0) needs.push('root')
const ours = { skip: needs.join(', ') || false, timeout: 240_000 }

after(() => rmSync(work, { recursive: true, force: true }))

function disk(name, megabytes = 600) {
  writeFileSync(at(name), '')
  truncateSync(at(name), megabytes * MiB)
  return at(name)
}

function flash(...words) {
  const { status, stdout, stderr } = spawnSync(edgectl, ['flash', '--system-mib', '64', '--roots', at('keys/release-roots.pem'), '--json', ...words], { input: '', encoding: 'utf8', timeout: 120_000 })
  return { status, json: stdout.trim() ? JSON.parse(stdout) : undefined, stderr }
}

const refused = (code, ...words) => assert.equal(flash(...words).json?.error, code, words.join(' '))

before(() => {
  if (ours.skip) return
  execFileSync(edgectl, ['release', 'keys', '--out', at('keys')], { stdio: 'ignore' })
  execFileSync(edgectl, ['release', 'keys', '--out', at('foreign')], { stdio: 'ignore' })
  const efi = at('tree/usr/lib/edge-system/efi')
  mkdirSync(efi, { recursive: true })
  mkdirSync(at('tree/etc'), { recursive: true })
  execFileSync('grub-mkimage', ['-O', 'x86_64-efi', '-p', '/edge', '-o', join(efi, 'BOOTX64.EFI'), 'part_gpt', 'fat', 'normal'])
  for (const file of ['grub.cfg', 'choose.cfg']) cpSync(join(system, file), join(efi, file))
  cpSync(at('keys/release-roots.pem'), at('tree/usr/lib/edge-system/release-roots.pem'))
  writeFileSync(at('tree/etc/edge-system-release'), 'VERSION=1.4.0\nBUILD=14\nCOMPATIBLE=edge-agent-amd64\n')
  writeFileSync(at('system.img'), '')
  truncateSync(at('system.img'), 32 * MiB)
  execFileSync('mkfs.ext4', ['-q', '-d', at('tree'), at('system.img')])
  for (const keys of ['keys', 'foreign']) execFileSync(join(system, 'bundle'), [at('system.img'), 'edge-agent-amd64', '1.4.0', '14', at(keys), at(`${keys}.raucb`)], { stdio: 'ignore' })
})

test('a blank disk gets loader, system, an empty second place and data, all read back', ours, () => {
  const to = disk('disk.img')
  const { status, json, stderr } = flash('--bundle', at('keys.raucb'), '--disk', to, '--yes', to)
  assert.equal(status, 0, stderr)
  assert.deepEqual([json.version, json.build, json.compatible], ['1.4.0', 14, 'edge-agent-amd64'])
  assert.deepEqual(json.partitions.map((p) => p.name), ['edge-efi', 'edge-a', 'edge-b', 'edge-data'])
  execFileSync('sfdisk', ['--verify', to])
  const [efi, a, , data] = json.partitions
  const bytes = readFileSync(to)
  assert.ok(bytes.subarray(a.startBytes, a.startBytes + 32 * MiB).equals(readFileSync(at('system.img'))))
  const boot = `${to}@@${efi.startBytes}`
  execFileSync('mcopy', ['-i', boot, '::edge/grubenv', '::EFI/BOOT/BOOTX64.EFI', '::edge/choose.cfg', work])
  assert.equal(statSync(at('grubenv')).size, 1024)
  assert.equal(execFileSync('grub-editenv', [at('grubenv'), 'list'], { encoding: 'utf8' }), 'first=a\na=good\nb=bad\n')
  assert.ok(readFileSync(at('choose.cfg')).equals(readFileSync(join(system, 'choose.cfg'))))
  writeFileSync(at('data.img'), bytes.subarray(data.startBytes, data.startBytes + data.sizeBytes))
  execFileSync('e2fsck', ['-fn', at('data.img')], { stdio: 'ignore' })
  const inData = (request) => execFileSync('debugfs', ['-R', request, at('data.img')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  assert.match(inData('stat /edge-agent'), /Mode: +0700[\s\S]*User: +640/)
  assert.equal(inData('cat /system/floor').trim(), '14')
  assert.match(inData('cat /etc/release-roots.pem'), /BEGIN CERTIFICATE/)
  assert.match(json.login, /^[2-9a-z]{4}(-[2-9a-z]{4}){3}$/)
  assert.match(inData('stat /system/login'), /Mode: +0600[\s\S]*User: +0 /)
  const hash = inData('cat /system/login').trim()
  assert.equal(execFileSync('openssl', ['passwd', '-6', '-salt', hash.split('$')[2], '-stdin'], { input: json.login, encoding: 'utf8' }).trim(), hash)
  assert.ok(!readFileSync(to).includes(json.login), 'the password itself is not on the disk')
})

test('a disk that must not be written is refused, and so is a system that nobody may release; nothing is changed', ours, () => {
  const to = disk('safe.img')
  const before = () => readFileSync(to).every((byte) => byte === 0)
  refused('bad_system', '--bundle', at('foreign.raucb'), '--disk', to, '--yes', to)
  refused('bad_system', '--image', at('keys.raucb'), '--disk', to, '--yes', to)
  refused('not_confirmed', '--bundle', at('keys.raucb'), '--disk', to, '--yes', '/dev/other')
  refused('not_confirmed', '--bundle', at('keys.raucb'), '--disk', to)
  refused('too_small', '--bundle', at('keys.raucb'), '--disk', disk('small.img', 300), '--yes', at('small.img'))
  refused('not_a_disk', '--bundle', at('keys.raucb'), '--disk', at('nothing'), '--yes', at('nothing'))
  refused('not_a_disk', '--bundle', at('keys.raucb'), '--disk', '/dev/null', '--yes', '/dev/null')
  assert.ok(before())
  const running = spawnSync('findmnt', ['-n', '-o', 'SOURCE', '/'], { encoding: 'utf8' }).stdout.trim()
  if (running.startsWith('/dev/')) {
    const whole = spawnSync('lsblk', ['-n', '-d', '-o', 'PKNAME', running], { encoding: 'utf8' }).stdout.trim()
    const name = whole ? `/dev/${whole}` : running
    // Not confirmed on purpose: were it not refused, nothing must happen to this machine.
    refused('in_use', '--bundle', at('keys.raucb'), '--disk', name, '--yes', 'no')
  }
})

test('a loop device is written as a disk, and refused while it is mounted', { ...ours, skip: ours.skip || (spawnSync('losetup', ['--find']).status === 0 ? false : 'needs loop devices') }, () => {
  const loop = execFileSync('losetup', ['--find', '--show', disk('loop.img')], { encoding: 'utf8' }).trim()
  try {
    const { status, json, stderr } = flash('--image', at('system.img'), '--disk', loop, '--yes', loop, '--no-login')
    assert.equal(status, 0, stderr)
    const data = json.partitions[3]
    writeFileSync(at('locked.img'), readFileSync(at('loop.img')).subarray(data.startBytes, data.startBytes + data.sizeBytes))
    assert.doesNotMatch(execFileSync('debugfs', ['-R', 'ls /system', at('locked.img')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), /login/)
    assert.match(execFileSync('sfdisk', ['--dump', loop], { encoding: 'utf8' }), /edge-data/)
    execFileSync('mkfs.ext4', ['-q', '-F', loop])
    mkdirSync(at('mnt'), { recursive: true })
    execFileSync('mount', [loop, at('mnt')])
    try {
      refused('in_use', '--image', at('system.img'), '--disk', loop, '--yes', loop)
    } finally {
      execFileSync('umount', [at('mnt')])
    }
    assert.deepEqual([json.disk, json.login], [loop, null])
  } finally {
    execFileSync('losetup', ['--detach', loop])
  }
})
