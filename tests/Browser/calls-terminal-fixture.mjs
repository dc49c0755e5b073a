// The host's side of the terminal's calls and map: three calls of different parts, the cars around, what the page does about them.
import { startTerminal } from './terminal-fixture.mjs'

const here = { latitude: 39.90823, longitude: 116.39747 }
const idOf = (n) => String(n).padStart(32, '0')

export function call(n, change = {}) {
  return {
    ...{ id: idOf(n), number: `110-${n}`, kind: 'public_order', urgent: false, title: '邻里纠纷', details: '楼上装修噪声，双方争吵，有推搡。', address: '望江路 18 号 3 单元' },
    ...{ latitude: here.latitude + 0.0062, longitude: here.longitude + 0.0081, receivedAtUnixMs: Date.now() - 240_000, ownerUnitId: '京A-0731', part: 'owner', state: 'dispatched', own: 'dispatched' },
    ...{ backUpUnitIds: [], handOver: null, arriveOffered: false, recording: null, steps: [], ...change },
  }
}

export const otherCars = () => [
  { unitId: '京A-0744', label: '京A-0744', latitude: here.latitude + 0.0071, longitude: here.longitude + 0.0064, speedMps: 8, headingDegrees: 210, availability: 'available', ageMs: 1200, stale: false },
  { unitId: '京A-0752', label: '京A-0752', latitude: here.latitude - 0.009, longitude: here.longitude + 0.004, speedMps: 0, headingDegrees: 0, availability: 'busy', ageMs: 2100, stale: false },
  { unitId: '京A-0760', label: '京A-0760', latitude: here.latitude + 0.004, longitude: here.longitude - 0.012, speedMps: 0, headingDegrees: 0, availability: '', ageMs: 95_000, stale: true },
]

const after = { acknowledge: 'acknowledged', en_route: 'en_route', arrive: 'arrived', handle: 'handling', report: 'reported' }

/** A second of a sine as WAV: something that a player can play and seek in. */
export function wav(seconds = 12) {
  const rate = 8000
  const samples = Buffer.alloc(rate * seconds * 2)
  for (let i = 0; i < rate * seconds; i++) samples.writeInt16LE(Math.round(6000 * Math.sin((i * 2 * Math.PI * 440) / rate)), i * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

function ranged(bytes, type, range) {
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(range ?? '') ?? []
  if (from === undefined) return { bytes, type, headers: { 'accept-ranges': 'bytes', 'content-length': bytes.length } }
  const end = Math.min(bytes.length - 1, to ? Number(to) : bytes.length - 1)
  return { status: 206, bytes: bytes.subarray(Number(from), end + 1), type, headers: { 'accept-ranges': 'bytes', 'content-range': `bytes ${from}-${end}/${bytes.length}`, 'content-length': end + 1 - Number(from) } }
}

/** `fixture.calls` and `fixture.cars` are what the areas give; steps change them as the host would. */
export async function startCalls(options = {}) {
  const fixture = await startTerminal(options)
  // On the way: what needs typing waits.
  fixture.state.position = { ...fixture.state.position, speedMps: 9.4 }
  Object.assign(fixture, {
    calls: [],
    cars: otherCars(),
    /** Whether what is done reaches the centre. */
    linked: true,
    refuse: '',
    speech: 503,
    spoken: [],
    sound: wav(),
    ground: { kind: 'none', why: 'not_set', name: '' },
    mapFile: Buffer.alloc(0),
    plan: [],
  })
  const show = () => {
    fixture.state.areas = fixture.state.officer ? { ...fixture.state.areas, calls: { arrivalKmh: 40, arrivedMetres: 150, items: fixture.calls }, fleet: fixture.cars } : {}
  }
  const snapshot = fixture.snapshot
  fixture.snapshot = () => {
    show()
    return snapshot()
  }
  fixture.arrive = (...calls) => {
    fixture.calls = [...calls, ...fixture.calls]
    fixture.broadcast('state', fixture.snapshot())
  }
  fixture.call = (n) => fixture.calls.find((c) => c.id === idOf(n))
  fixture.sent = (path) => fixture.requests.filter((r) => r.method === 'POST' && r.path.includes(path)).map((r) => r.body)
  fixture.extra = ({ method, path, body, range }) => {
    const [, id, what] = /^\/api\/calls\/(\w+)\/(\w+)$/.exec(path) ?? []
    if (what) return aboutCall(fixture, id, what, body, range)
    if (path === '/api/speech') {
      fixture.spoken.push(body.text)
      return fixture.speech === 200 ? { bytes: wav(1), type: 'audio/wav' } : { status: fixture.speech, body: { code: 'no_voice' } }
    }
    if (path === '/api/map') return { body: fixture.ground }
    if (path === '/api/map/file') return ranged(fixture.mapFile, 'application/octet-stream', range)
    if (path === '/api/patrol' && method === 'GET') return { body: fixture.plan }
    return undefined
  }
  return fixture
}

function aboutCall(fixture, id, what, body, range) {
  const known = fixture.calls.find((c) => c.id === id)
  if (!known) return { status: 404, body: { code: 'unknown_call' } }
  if (what === 'recording') return ranged(fixture.sound, 'audio/wav', range)
  if (fixture.refuse) return { status: 409, body: { code: fixture.refuse } }
  const note = (act, pictures = 0) => known.steps.push({ id: `s${known.steps.length}`, act, atUnixMs: Date.now(), officerId: '041207', text: body.text ?? '', toUnitId: body.toUnitId ?? '', pictures, sent: fixture.linked ? 'sent' : 'waiting' })
  if (what === 'steps') {
    note(body.act)
    if (after[body.act]) Object.assign(known, { own: after[body.act], arriveOffered: false }, known.part === 'owner' ? { state: after[body.act] } : {})
    if (body.act === 'hand_over' && fixture.linked) known.handOver = { fromUnitId: known.ownerUnitId, toUnitId: body.toUnitId, state: 'asked', reason: '' }
  } else note('note', what === 'pictures' ? 1 : 0)
  fixture.broadcast('state', fixture.snapshot())
  return { status: 204 }
}

/** Calls of every part and state, as a busy hour leaves them. */
export function busyHour() {
  const now = Date.now()
  const step = (act, minutes, sent = 'sent', more = {}) => ({ id: `s-${act}-${minutes}`, act, atUnixMs: now - minutes * 60_000, officerId: '041207', text: '', toUnitId: '', pictures: 0, sent, ...more })
  return [
    call(1, { urgent: true, title: '持械斗殴', kind: 'crime', address: '东门车站广场', receivedAtUnixMs: now - 20_000, details: '' }),
    call(2, {
      ...{ own: 'handling', state: 'handling', receivedAtUnixMs: now - 1_500_000, backUpUnitIds: ['京A-0752'], recording: { state: 'here', why: '', sizeBytes: 192_044, heldBytes: 192_044, mediaType: 'audio/wav' } },
      steps: [step('acknowledge', 24), step('en_route', 23), step('arrive', 12), step('handle', 11), step('note', 6, 'waiting', { text: '已电话联系报警人' }), step('note', 3, 'waiting', { text: '照片：正前', pictures: 1 })],
    }),
    call(3, { part: 'back_up', state: 'handling', own: 'acknowledged', ownerUnitId: '京A-0752', title: '重型货车侧翻', kind: 'traffic', address: '三环路口', receivedAtUnixMs: now - 600_000, latitude: here.latitude - 0.012, longitude: here.longitude - 0.003, recording: { state: 'coming', why: '', sizeBytes: 100, heldBytes: 40, mediaType: 'audio/wav' }, steps: [step('acknowledge', 8)] }),
    call(4, { part: 'nearby', state: 'dispatched', own: 'dispatched', urgent: true, title: '商铺被盗', details: '', ownerUnitId: '京A-0744', latitude: here.latitude + 0.002, longitude: here.longitude - 0.006 }),
    call(5, { part: 'former_owner', state: 'en_route', own: 'en_route', title: '走失老人', details: '', ownerUnitId: '京A-0744', latitude: null, longitude: null, address: '', handOver: { fromUnitId: '京A-0731', toUnitId: '京A-0744', state: 'accepted', reason: '' } }),
    call(6, { own: 'closed', state: 'closed', title: '白色货车违停', kind: 'traffic', receivedAtUnixMs: now - 7_200_000 }),
  ]
}

export const patrolItems = () => [
  { itemId: 'b1', name: '东城巡区', kind: 'beat', shape: [[here.latitude - 0.008, here.longitude - 0.01], [here.latitude + 0.009, here.longitude - 0.01], [here.latitude + 0.009, here.longitude + 0.013], [here.latitude - 0.008, here.longitude + 0.013]], state: 'open' },
  { itemId: 'l1', name: '望江路', kind: 'line', shape: [[here.latitude + 0.001, here.longitude - 0.008], [here.latitude + 0.001, here.longitude + 0.01]], state: 'open' },
  { itemId: 'p1', name: '第三小学', kind: 'point', shape: [[here.latitude + 0.004, here.longitude + 0.002]], state: 'done' },
  { itemId: 'o1', name: '东门', kind: 'post', shape: [[here.latitude - 0.003, here.longitude + 0.006]], state: 'open' },
]
