// The centre's side of the console page: three cars of one district in the middle of a shift.
import { fileURLToPath } from 'node:url'
import { answerDesks, initialDesks } from './desk-fixture.mjs'
import { callsAnswer, callsMessage, initialCalls } from './calls-fixture.mjs'
import { evidenceFixture } from './evidence-fixture.mjs'
import { fieldAnswer, fieldState } from './field-fixture.mjs'
import { liveFixture } from './live-fixture.mjs'
import { personPicture, platePicture } from './media.mjs'
import { startServer } from './web-server.mjs'

const dist = fileURLToPath(new URL('../../tools/command-centre/web/dist', import.meta.url))
const cookie = 'centre=fixture'
// As tools/command-centre/ConsoleApi/SameOrigin.cs sends it.
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export const login = { user: 'chenlei', password: 'night-shift-7' }

export async function startConsole({ clip = null } = {}) {
  const fixture = { units: initialUnits(), incidents: initialIncidents(), lists: initialLists(), requests: [], leases: new Map(), clips: new Map(), video: clip ? Buffer.concat([clip.init, ...clip.fragments.map((f) => f.data)]) : Buffer.alloc(0), sending: true, liveStatus: 200, role: 'dispatcher', alarms: [], entries: initialEntries(), entriesStatus: null, topics: initialDesks(), calls: [], field: fieldState() }
  const streams = new Set()
  const signedIn = (headers) => (headers.cookie ?? '').includes(cookie)

  const handle = (request) => {
    fixture.requests.push(request)
    const { method, path, body } = request
    if (path === '/api/session' && method === 'POST')
      return body.user === login.user && body.password === login.password
        ? { body: { user: login.user, role: fixture.role }, headers: { 'set-cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/` } }
        : { status: 401, body: { code: 'wrong_credentials' } }
    if (!signedIn(request)) return { status: 401, body: { code: 'signed_out' } }
    if (path === '/api/session') return { status: 204, headers: { 'set-cookie': 'centre=; Max-Age=0; Path=/' } }
    if (path === '/api/me') return { body: { user: login.user, role: fixture.role } }
    if (path === '/api/lists') return { body: fixture.lists }
    const ofCalls = callsAnswer(fixture, request)
    if (ofCalls) return ofCalls
    const inField = fieldAnswer(fixture.field, request, fixture.role, broadcast)
    if (inField) return inField
    const own = live.answer(request) ?? evidence(request)
    if (own) return own
    if (/^\/api\/lists\/[^/]+\/entries$/.test(path)) return fixture.entriesStatus ?? entriesAnswer(fixture.entries, body)
    const desk = answerDesks(fixture, request)
    if (desk) return desk
    const [, alarmId] = /^\/api\/alarms\/(\d+)\/acknowledge$/.exec(path) ?? []
    if (alarmId) {
      fixture.alarms = fixture.alarms.filter((a) => a.id !== Number(alarmId))
      broadcast('alarms', fixture.alarms)
      return { status: 204 }
    }
    const [, clipOf, file] = /^\/api\/incidents\/([^/]+)\/clip(\.mp4)?$/.exec(path) ?? []
    if (clipOf) return clipAnswer(fixture, clipOf, file, request)
    const [, id, which] = /^\/api\/incidents\/([^/]+)\/(seen|listed)\.jpg$/.exec(path) ?? []
    const incident = fixture.incidents.find((i) => i.eventId === id)
    if (incident) return { type: 'image/svg+xml', bytes: incident.kind === 'plate' ? platePicture(incident.plate.text) : personPicture(which === 'seen' ? '#39424a' : '#5a5148') }
    return { status: 404, body: { code: 'not_found' } }
  }

  const clipAnswer = ({ clips, video }, id, file, { range }) => {
    const told = clips.get(id) ?? { state: 'expected', cameraId: '', fromUnixMs: 0, toUnixMs: 0, reason: '', sizeBytes: null, url: null }
    if (!file) return { body: told }
    const [, from = '0', to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
    const end = Math.min(Number(to || video.length - 1), video.length - 1)
    return {
      status: range ? 206 : 200,
      type: 'video/mp4',
      bytes: video.subarray(Number(from), end + 1),
      headers: range ? { 'accept-ranges': 'bytes', 'content-range': `bytes ${from}-${end}/${video.length}` } : { 'accept-ranges': 'bytes' },
    }
  }

  const accept = (path, socket, request) => {
    if (!signedIn(request.headers)) return false
    if (path === '/api/stream') {
      socket.greet()
      socket.say('units', fixture.units)
      socket.say('lists', fixture.lists)
      socket.say('calls', callsMessage(fixture.calls))
      socket.say('live', live.now())
      if (fixture.role === 'admin') socket.say('alarms', fixture.alarms)
      for (const [type, data] of Object.entries(fixture.topics)) socket.say(type, data)
      for (const incident of fixture.incidents) socket.say('incident', incident)
      streams.add(socket)
      return true
    }
    if (path === '/api/voice') {
      fixture.voice = socket.greet()
      return true
    }
    return live.accept(path, socket) ?? false
  }

  const evidence = evidenceFixture(fixture)
  const live = liveFixture(fixture, clip, (type, data) => broadcast(type, data))
  const server = await startServer(dist, contentSecurityPolicy, handle, accept)
  const broadcast = (type, data) => streams.forEach((s) => s.say(type, data))
  const timer = setInterval(() => {
    if (!fixture.sending) return
    drive(fixture.units)
    broadcast('units', fixture.units)
  }, 1000)
  fixture.url = server.url
  fixture.broadcast = broadcast
  fixture.report = (incident) => {
    fixture.incidents.push(incident)
    broadcast('incident', incident)
  }
  /** A topic as a whole, now and for whoever connects later. */
  fixture.tell = (type, data) => {
    fixture.topics[type] = data
    broadcast(type, data)
  }
  fixture.alarm = (change = {}) => {
    fixture.alarms = [{ id: fixture.alarms.length + 1, atUnixMs: Date.now(), actor: 'zhaomin', way: 'console', listId: 'plates-stolen', titleZh: '被盗车辆布控', titleEn: 'Stolen vehicles', canaryId: '7f3a90c1d244', purpose: '核对线索', ...change }, ...fixture.alarms]
    broadcast('alarms', fixture.alarms)
  }
  fixture.tellCalls = () => broadcast('calls', callsMessage(fixture.calls))
  fixture.showCalls = () => {
    fixture.calls = initialCalls()
    fixture.tellCalls()
  }
  fixture.stop = () => {
    clearInterval(timer)
    return server.stop()
  }
  return fixture
}

const cameras = [
  ['cam1', '车顶云台', 'Roof PTZ', true],
  ['cam2', '左前', 'Front left', false],
  ['cam3', '正前', 'Front', false],
].map(([id, labelZh, labelEn, ptz]) => ({ id, labelZh, labelEn, ptz }))

function unit(unitId, label, latitude, longitude, headingDegrees, change = {}) {
  const now = Date.now()
  const radians = (headingDegrees * Math.PI) / 180
  return {
    ...{ unitId, label, online: true, lastSeenUnixMs: now, softwareVersion: '0.2.0', officerId: '041207' },
    position: { latitude, longitude, speedMps: 9, headingDegrees, fix: '3d', atUnixMs: now, stale: false },
    positionAgeMs: 400,
    cameras,
    vehiclesPerMinute: 18,
    heads: 6,
    district: 'dongcheng',
    policeType: 'public_order',
    trail: Array.from({ length: 60 }, (_, i) => [longitude - Math.sin(radians) * (60 - i) * 0.0001 - 0.0004 * Math.sin((60 - i) / 9), latitude - Math.cos(radians) * (60 - i) * 0.0001]),
    ...change,
  }
}

function initialUnits() {
  const old = Date.now() - 25 * 60_000
  return [
    unit('京A-0731', '东城一组', 39.9093, 116.3975, 74),
    unit('京A-0744', '东城二组', 39.9181, 116.4121, 205, { officerId: '041533', gaps: { missing: 3, awaited: 1, refused: 0 }, health: ailing() }),
    unit('京A-0752', '交警三中队', 39.9012, 116.4188, 330, { policeType: 'traffic', online: false, officerId: '', lastSeenUnixMs: old, positionAgeMs: 25 * 60_000 }),
    unit('京A-0760', '备勤', null, null, 0, { trail: [], officerId: '' }),
  ]
}

/** A box that is hot, on its battery and about to go. */
function ailing() {
  return {
    ...{ receivedAtUnixMs: Date.now() - 20_000, troubles: ['power_going', 'low_voltage', 'hot'], ill: [], timeTrust: 'centre', ignitionOn: false, onBattery: true },
    ...{ supplyVolts: 11.4, batteryPercent: 18, modem: { condition: 'connected', technology: 'lte', operator: '中国移动', signalPercent: 62 } },
    ...{ hottestCelsius: 93, visionPercent: 60, diskWearPercent: 12 },
  }
}

function drive(units) {
  for (const u of units) {
    if (!u.online || u.position.latitude === null) continue
    const radians = (u.position.headingDegrees * Math.PI) / 180
    const at = Date.now()
    u.position = { ...u.position, latitude: u.position.latitude + Math.cos(radians) * 0.00004, longitude: u.position.longitude + Math.sin(radians) * 0.00005, atUnixMs: at }
    u.trail = [...u.trail.slice(-299), [u.position.longitude, u.position.latitude]]
    u.lastSeenUnixMs = at
  }
}

let born = 0
export function plateIncident(change = {}) {
  const eventId = `0191-${String(++born).padStart(4, '0')}`
  const now = Date.now()
  return {
    ...{ eventId, unitId: '京A-0731', receivedAtUnixMs: now, capturedAtUnixMs: now - 900, type: 'alert', kind: 'plate', verdict: 'confirmed', reason: '' },
    ...{ officerId: '041207', listedText: '京A7F3K9', category: 'stolen_vehicle', cameraId: 'cam3', latitude: 39.9089, longitude: 116.3952 },
    ...{ authority: '市公安局刑侦支队', legalReference: '刑侦布控〔2026〕118 号', listTitleZh: '被盗车辆布控', listTitleEn: 'Stolen vehicles' },
    plate: { text: '京A7F3K9', confidences: [0.99, 0.98, 0.97, 0.93, 0.99, 0.96, 0.95], confidence: 0.96, votes: 3, rivals: [] },
    face: null,
    seenUrl: `/api/incidents/${eventId}/seen.jpg`,
    listedUrl: null,
    signatureValid: true,
    ...change,
  }
}

export function faceIncident(change = {}) {
  const base = plateIncident()
  return {
    ...base,
    ...{ kind: 'face', listedText: 'MP-2026-0417', category: 'missing_or_vulnerable', cameraId: 'cam2', listTitleZh: '走失人员', listTitleEn: 'Missing people' },
    plate: null,
    face: { similarity: 0.61, threshold: 0.49, widthPx: 71 },
    listedUrl: `/api/incidents/${base.eventId}/listed.jpg`,
    ...change,
  }
}

function initialIncidents() {
  const ago = (minutes) => ({ receivedAtUnixMs: Date.now() - minutes * 60_000, capturedAtUnixMs: Date.now() - minutes * 60_000 - 1200 })
  return [
    plateIncident({ ...ago(42), listedText: '京B8Q20D', verdict: 'rejected', reason: 'not_same_plate', plate: { text: '京B8Q2QD', confidences: [0.99, 0.98, 0.83, 0.95, 0.97, 0.58, 0.91], confidence: 0.52, votes: 2, rivals: [{ text: '京B8Q20D', confidence: 0.37 }] } }),
    plateIncident({ ...ago(17), unitId: '京A-0744', signatureValid: false, seenUrl: null }),
    faceIncident({ ...ago(3) }),
  ]
}

function initialEntries() {
  const entry = (entryId, plate, plateClass, vehicleClass, note) => ({ entryId, plate, plateClass, vehicleClass, subjectReference: '', displayName: '', note })
  return [
    entry('BD-0417', '京A7F3K9', 'blue', '白色面包车', '右后灯破损'),
    entry('BD-0511', '京A70012', 'green', '', ''),
    entry('BD-0588', '京A7Q0Z1', 'yellow_two_row', '重型货车', '10 月 3 日通州被盗'),
  ]
}

function entriesAnswer(entries, { search, purpose }) {
  if (purpose.length < 3) return { status: 400, body: { code: 'purpose_required' } }
  return { body: { entries: entries.filter((e) => `${e.entryId} ${e.plate}`.toLowerCase().includes(search.toLowerCase())), more: search === '京A' } }
}

function initialLists() {
  const hour = 3_600_000
  const list = (listId, kind, category, titleZh, titleEn, entries, hours, revoked = false) => ({ listId, version: 12, kind, category, titleZh, titleEn, entries, validToUnixMs: Date.now() + hours * hour, revoked })
  return [
    list('plates-stolen', 'plates', 'stolen_vehicle', '被盗车辆布控', 'Stolen vehicles', 3120, 19),
    list('faces-missing', 'faces', 'missing_or_vulnerable', '走失人员', 'Missing people', 214, 1),
    list('plates-incident', 'plates', 'named_incident_vehicle', '11·21 三环事故涉案车辆', 'Third ring road accident, 21 Nov', 3, -2),
    list('plates-court', 'plates', 'court_order', '法院查封车辆', 'Vehicles under court order', 40, 40, true),
  ]
}
