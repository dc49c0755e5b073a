// The real command centre as its own process, and cars that speak the real contract through grpc-js.
import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { grpc, services } from '../EdgeAgent.Tests/contract-js/contract.mjs'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../artifacts/bin/CommandCentre/release/command-centre', import.meta.url))
export const centreIsBuilt = () => existsSync(program)
export const password = 'correct horse battery'

/** A centre over a new data folder. `accounts`: [name, role, district]; `options`: more for serve. */
export async function startCentre({ accounts = [], options = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'real-centre-'))
  const data = join(folder, 'data')
  const cli = async (args, input) => {
    const child = run(program, [...args, '--data', data], { env: { ...process.env, DOTNET_CLI_UI_LANGUAGE: 'en' } })
    if (input) child.child.stdin.end(`${input}\n`)
    return (await child).stdout
  }
  await cli(['init'])
  for (const [user, role, district = ''] of accounts) await cli(['accounts', 'add', '--user', user, '--role', role, '--password-stdin', ...(district ? ['--district', district] : [])], password)
  const centre = { folder, data, cli, grpc: '', http: '' }
  let child = null
  centre.start = async (grpcAt = '127.0.0.1:0', httpAt = '127.0.0.1:0') => {
    child = spawn(program, ['serve', '--data', data, '--grpc', grpcAt, '--http', httpAt, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
    const told = []
    child.stderr.on('data', (words) => told.push(String(words)))
    const ready = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))
      child.once('exit', (code) => reject(new Error(`the centre ended with ${code}: ${told.join('')}`)))
    })
    Object.assign(centre, { grpc: new URL(ready.grpc).host, http: ready.http })
  }
  centre.halt = async (signal = 'SIGTERM') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }
  centre.stop = async () => {
    await centre.halt()
    rmSync(folder, { recursive: true, force: true })
  }
  await centre.start()
  return centre
}

const pem = (der, name) => `-----BEGIN ${name}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${name}-----\n`

/** Enrols as a box does: fetches the root, holds it against the code's fingerprint, asks for a certificate over a key of its own. */
export async function enrolCar(centre, unitId, label, district, policeType = 'public_order') {
  const { code } = JSON.parse(await centre.cli(['enrol', '--unit', unitId, '--label', label, '--police-type', policeType, ...(district ? ['--district', district] : [])]))
  const [secret, fingerprint] = code.split('.')
  const stranger = new services.Enrolment(centre.grpc, grpc.credentials.createSsl(null, null, null, { rejectUnauthorized: false }))
  const { device_roots: roots } = await unary(stranger, 'Roots', {})
  stranger.close()
  const root = roots.find((der) => createHash('sha256').update(der).digest('hex') === fingerprint.toLowerCase())
  if (!root) throw new Error('the root is not the one that the code names')
  const key = join(centre.folder, `${unitId}.key`)
  const request = await run('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-subj', '/CN=car', '-outform', 'DER'], { encoding: 'buffer' })
  const ca = Buffer.from(pem(root, 'CERTIFICATE'))
  const known = new services.Enrolment(centre.grpc, grpc.credentials.createSsl(ca))
  const reply = await unary(known, 'Enrol', { code: secret, certificate_request: request.stdout, serial_number: unitId })
  known.close()
  const credentials = grpc.credentials.createSsl(ca, readFileSync(key), Buffer.from(pem(reply.certificate, 'CERTIFICATE')))
  return new Car(centre, unitId, credentials)
}

const unary = (client, method, request) =>
  new Promise((resolve, reject) => client[method](request, { deadline: Date.now() + 20_000 }, (error, reply) => (error ? reject(error) : resolve(reply))))

/** A car on the line: it stores every command and does what the test tells it. */
export class Car {
  /** By call number: the newest revision that came. */
  calls = new Map()
  #number = 0
  #incarnation = randomBytes(16)
  #place = null

  constructor(centre, unitId, credentials) {
    Object.assign(this, { centre, unitId, credentials })
  }

  connect() {
    this.client = new services.Link(this.centre.grpc, this.credentials)
    this.call = this.client.Session()
    this.call.on('error', () => {})
    this.call.on('data', (message) => {
      if (message.body !== 'command') return
      this.call.write({ command_ack: { command_id: message.command.id, outcome: 'COMMAND_OUTCOME_STORED' } })
      const { call } = message.command
      if (call && (this.calls.get(call.number)?.revision ?? 0) < call.revision) this.calls.set(call.number, call)
    })
    this.call.write({ hello: { version_min: 1, version_max: 1, software_version: 'js', incarnation: this.#incarnation, camera_ids: [] } })
    this.timer = setInterval(() => this.tell(), 1000)
  }

  /** Where it is from now on, told each second. */
  at(latitude, longitude, heading = 0, speed = 0, officer = '010001') {
    this.#place = { fix: 'GNSS_FIX_3D', latitude_degrees: latitude, longitude_degrees: longitude, heading_degrees: heading, speed_mps: speed, officer_id: officer }
    this.tell()
  }

  tell() {
    if (this.#place) this.call.write({ position: { position: { ...this.#place, at_unix_ms: Date.now() }, availability: 'available' } })
  }

  step(number, act, more = {}) {
    const call = this.calls.get(number)
    const id = Buffer.alloc(16)
    id.writeUIntBE(Date.now(), 0, 6)
    randomBytes(10).copy(id, 6)
    id[6] = 0x70 | (id[6] & 0x0f)
    id[8] = 0x80 | (id[8] & 0x3f)
    const call_step = { call_id: call.call_id, act: `CALL_ACT_${act}`, at_unix_ms: Date.now(), officer_id: '010001', seen_revision: call.revision, ...more }
    this.call.write({ events: { events: [{ id, lane: 'LANE_CALLS', number: ++this.#number, priority: 'PRIORITY_URGENT', captured_at_unix_ms: Date.now(), officer_id: '010001', call_step }] } })
  }

  /** The whole of an attachment, or the error. */
  download(sha256, offset = 0) {
    const client = new services.Evidence(this.centre.grpc, this.credentials)
    return new Promise((resolve, reject) => {
      const parts = []
      client
        .Download({ sha256, offset })
        .on('data', (chunk) => chunk.part === 'data' && parts.push(chunk.data))
        .on('end', () => resolve(Buffer.concat(parts)))
        .on('error', reject)
    }).finally(() => client.close())
  }

  close() {
    clearInterval(this.timer)
    this.call?.end()
    this.client?.close()
  }
}

/** Seconds of a tone as a plain wave file. */
export function waveFile(path, seconds, rate = 8000) {
  const sound = Buffer.alloc(44 + seconds * rate * 2)
  sound.write('RIFF', 0)
  sound.writeUInt32LE(sound.length - 8, 4)
  sound.write('WAVEfmt ', 8)
  sound.writeUInt32LE(16, 16)
  sound.writeUInt16LE(1, 20)
  sound.writeUInt16LE(1, 22)
  sound.writeUInt32LE(rate, 24)
  sound.writeUInt32LE(rate * 2, 28)
  sound.writeUInt16LE(2, 32)
  sound.writeUInt16LE(16, 34)
  sound.write('data', 36)
  sound.writeUInt32LE(sound.length - 44, 40)
  for (let i = 0; i < seconds * rate; i++) sound.writeInt16LE(Math.round(6000 * Math.sin((2 * Math.PI * 440 * i) / rate)), 44 + i * 2)
  writeFileSync(path, sound)
  return sound
}
