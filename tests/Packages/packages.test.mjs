// Both Debian packages, built by ./dev package, installed for real over a throw-away copy of this machine's file system (an overlay in
// a mount namespace), without this machine's own .NET: dpkg and its scripts run, the centre serves, data outlives removal.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'

const root = fileURLToPath(new URL('../..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'packages-'))
after(() => rmSync(work, { recursive: true, force: true }))

const overlays =
  process.getuid() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', `mkdir -p ${work}/t/u ${work}/t/w ${work}/t/m && mount -t tmpfs none ${work}/t && mkdir -p ${work}/t/u ${work}/t/w ${work}/t/m && mount -t overlay overlay -o lowerdir=/,upperdir=${work}/t/u,workdir=${work}/t/w ${work}/t/m`]).status === 0
const skip = overlays ? false : 'needs root and overlay mounts'

/** Runs a script as root of the installed system; every mount and process of it is gone afterwards. */
function inRoot(script) {
  const file = join(work, 'inside.sh')
  writeFileSync(file, script)
  const outside = `
    set -e
    mount -t tmpfs none ${work}/box
    mkdir -p ${work}/box/up ${work}/box/work ${work}/box/root
    mount -t overlay overlay -o lowerdir=/,upperdir=${work}/box/up,workdir=${work}/box/work ${work}/box/root
    mount -t proc proc ${work}/box/root/proc
    mount --bind /dev ${work}/box/root/dev
    mount -t tmpfs none ${work}/box/root/tmp
    mount -t tmpfs none ${work}/box/root/run
    mkdir -p ${work}/box/root/tmp/debs
    cp ${work}/debs/*.deb ${work}/inside.sh ${work}/box/root/tmp/debs/
    # Neither this machine's .NET nor a service manager: what runs is what the packages brought.
    rm -rf ${work}/box/root/usr/share/dotnet ${work}/box/root/usr/lib/dotnet
    cd ${work}/box/root
    exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /bin/sh -e /tmp/debs/inside.sh`
  const result = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', outside], { encoding: 'utf8', timeout: 240_000 })
  assert.equal(result.status, 0, `${result.stdout}\n${result.stderr}`)
  return result.stdout
}

const step = (out, name) => out.split(`== ${name}\n`)[1]?.split('\n== ')[0].trim() ?? assert.fail(`no step ${name} in ${out}`)

test('the packages are built, checked and named as the built agent names itself', { skip, timeout: 300_000 }, () => {
  execFileSync('mkdir', ['-p', join(work, 'box'), join(work, 'debs')])
  const told = execFileSync(join(root, 'tools/packages/build'), [join(work, 'debs')], { encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(told.map((p) => p.package), ['edge-agent', 'command-centre'])
  const own = execFileSync(join(root, 'artifacts/bin/EdgeAgent.Agent/release/edge-agent'), ['version'], { encoding: 'utf8' }).trim()
  assert.match(own, /^\d+\.\d+\.\d+\+g[0-9a-f]{10}$/)
  for (const { file, version } of told) {
    assert.equal(version, own)
    const list = execFileSync('dpkg-deb', ['--contents', join(work, 'debs', file)], { encoding: 'utf8', maxBuffer: 1 << 26 })
    assert.ok(list.split('\n').filter(Boolean).every((line) => / root\/root /.test(line)), 'everything belongs to root')
    assert.doesNotMatch(list, /\.pdb$|storage\.key|\/win-|\/osx-/m)
    const fields = execFileSync('dpkg-deb', ['--field', join(work, 'debs', file)], { encoding: 'utf8' })
    assert.match(fields, /^Installed-Size: \d+$/m)
  }
  assert.equal(readdirSync(join(work, 'debs')).length, 2)
})

test('installed, the centre serves, backs up and restores; the agent and its tools answer; removal leaves data and keys', { skip, timeout: 300_000 }, () => {
  assert.ok(existsSync(join(work, 'debs')), 'the packages were built')
  const out = inRoot(`
    echo "== install"
    # What they depend on is on this machine or not; that apt would bring it is apt's business, not ours.
    dpkg --force-depends --install /tmp/debs/*.deb
    echo "== files"
    stat -c '%U %a' /var/lib/command-centre /var/lib/edge-agent /var/lib/command-centre/keys/storage.key
    stat -c '%G %a' /etc/edge-agent
    dpkg --verify edge-agent command-centre && echo verified
    grep -x tcp_bbr /usr/lib/modules-load.d/edge-agent.conf
    echo "== tools"
    edgectl --help | head -3
    audit-verifier --help 2>&1 | head -3
    /usr/lib/edge-agent/edge-agent --help | head -3
    command -v dotnet || echo "no dotnet of the machine"
    echo "== serve"
    . /etc/default/command-centre
    as() { setpriv --reuid=command-centre --regid=command-centre --clear-groups "$@"; }
    echo 'a long password' | as command-centre accounts add --data /var/lib/command-centre --user wang --role admin --password-stdin
    ip link set lo up 2>/dev/null || true
    setpriv --reuid=command-centre --regid=command-centre --clear-groups command-centre serve --data /var/lib/command-centre \\
      --grpc 127.0.0.1:0 --http 127.0.0.1:0 --log-format json >/run/ready 2>/run/log &
    server=$!
    for i in $(seq 100); do [ -s /run/ready ] && break; sleep 0.2; done
    cat /run/ready
    url=$(sed 's/.*"http":"\\([^"]*\\)".*/\\1/' /run/ready)
    echo "== health"
    curl --silent --show-error "$url/health/ready"
    echo
    curl --silent --show-error "$url/" | grep -c '<div id="page">'
    echo "== backup"
    as command-centre backup --data /var/lib/command-centre --to /tmp/centre.tar --json
    kill $server
    wait $server
    tail -1 /run/log
    command-centre restore --from /tmp/centre.tar --keys /var/lib/command-centre/keys --data /tmp/restored --json
    echo "== again"
    dpkg --force-depends --install /tmp/debs/*.deb
    echo "== removed"
    dpkg --purge edge-agent command-centre
    ls /var/lib/command-centre/keys | head -3
    test ! -e /usr/lib/command-centre && test ! -e /usr/bin/edgectl && echo gone
    echo "== end"
  `)
  assert.match(step(out, 'install'), /Setting up command-centre/)
  assert.match(step(out, 'files'), /^command-centre 700\nedge-agent 700\ncommand-centre 600\nedge-agent 750\nverified\ntcp_bbr$/)
  assert.match(step(out, 'tools'), /For technicians[\s\S]*no dotnet of the machine/)
  assert.equal(JSON.parse(step(out, 'serve').split('\n').at(-1)).ready, true)
  const [health, pages] = step(out, 'health').split('\n')
  assert.equal(JSON.parse(health).ready, true, health)
  assert.equal(pages, '1')
  const [backup, log, restored] = step(out, 'backup').split('\n').map((line) => JSON.parse(line))
  assert.ok(backup.bytes > 10_000)
  assert.match(log.Message, /Stopped/)
  assert.equal(restored.files, backup.files)
  assert.match(step(out, 'removed'), /holds keys and evidence and was left[\s\S]*gone$/)
})

test('the unit files are sound', { skip: existsSync('/usr/bin/systemd-analyze') ? false : 'needs systemd-analyze' }, () => {
  // The programs are not installed on this machine: that they cannot be executed here is the one thing that may be said.
  for (const unit of ['agent/edge-agent.service', 'tools/command-centre/command-centre.service', 'tools/packages/edge-agent/files/edge-agent-disk.service', 'tools/packages/edge-agent/files/edge-agent-disk.timer']) {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(root, unit)], { encoding: 'utf8' })
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes(unit.split('/').at(-1)) && !/is not executable|Failed to prepare|not found/.test(line))
    assert.deepEqual(said, [])
  }
})
