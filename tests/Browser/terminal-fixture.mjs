// The host's side of the terminal page, with the data of one believable shift.
import { fileURLToPath } from 'node:url'
import { framed, personPicture, platePicture, stream } from './media.mjs'
import { startServer } from './web-server.mjs'

const dist = fileURLToPath(new URL('../../agent/Terminal/web/dist', import.meta.url))

// As agent/Terminal/PageGuard.cs sends it.
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

export const roster = [
  { officerId: '041207', displayName: '林晓峰' },
  { officerId: '041533', displayName: '赵雨薇' },
  { officerId: '042018', displayName: '王建国' },
]
export const pin = '482913'
const cookie = 'session=fixture'

/** Everything a test turns: `state`, open `alerts`, what the page sent, and the switches of the fixture itself. */
export async function startTerminal({ jpegs = [], clip = null } = {}) {
  const fixture = {
    state: initialState(),
    alerts: new Map(),
    requests: [],
    painted: new Set(),
    wrongPins: 0,
    decisionStatus: 200,
    silentCameras: new Set(),
    liveSockets: [],
    livePaths: [],
    facePaths: [],
    roster,
    lookUps: [],
    /** What a page of its own adds: an answer to a request, or nothing. */
    extra: () => undefined,
    /** Plays one login by face on its socket; null: this car has no cab camera. */
    face: null,
    /** Whose screen locked itself. */
    lockedScreen: null,
    /** As GET /api/assist has it. */
    assist: null,
    /** Refuses the next request, if not empty; and what the next comparisons come to. */
    assistRefusal: '',
    assistOutcome: 'unlike',
    /** What the next look-ups come to; a status other than 200 refuses them. */
    lookUpAnswer: (question) => ({ status: 200, body: lookUpOf(question) }),
  }
  const streams = new Set()
  const timers = []
  const signedIn = (request) => (request.cookie ?? request.headers?.cookie ?? '').includes(cookie) && fixture.state.officer !== null

  const handle = (request) => {
    fixture.requests.push(request)
    const { method, path, body } = request
    if (path === '/api/roster') return { body: fixture.roster }
    if (path === '/api/face-login') return { body: { code: fixture.face ? '' : 'no_cab_camera' } }
    if (path === '/api/session' && method === 'POST') return signIn(fixture, body)
    if (path === '/api/sos' && method === 'POST') {
      fixture.state.areas = { ...fixture.state.areas, sos: { id: 'sos-1', officerId: fixture.state.officer?.officerId ?? '', sinceUnixMs: Date.now(), sent: false, takenBy: '' } }
      fixture.broadcast('state', fixture.snapshot())
      return { body: { since: Date.now() } }
    }
    if (path === '/api/session' && method === 'GET' && fixture.lockedScreen) return { status: 401, body: { code: 'screen_locked', ...fixture.lockedScreen, screen: 'driver' } }
    if (path === '/api/power/postpone') {
      fixture.state.areas = { ...fixture.state.areas, box: { ...fixture.state.areas.box, troubles: [], off: null } }
      return { status: 204 }
    }
    if (!signedIn(request)) return { status: 401, body: { code: 'no_session' } }
    if (path === '/api/sos') {
      fixture.state.areas = { ...fixture.state.areas, sos: null }
      return { status: 204 }
    }
    if (path === '/api/session' && method === 'GET') return { body: sessionOf(fixture) }
    if (path === '/api/session') {
      fixture.state.officer = null
      return { status: 204 }
    }
    if (path === '/api/session/touch' || path === '/api/ptz') return { status: 204 }
    const more = fixture.extra(request)
    if (more) return more
    if (path === '/api/look-ups' && method === 'GET') return { body: fixture.lookUps }
    if (path === '/api/look-ups') {
      const answer = fixture.lookUpAnswer(body)
      if (answer.status === 200) fixture.lookUps.unshift(answer.body)
      return answer
    }
    if (path.startsWith('/api/assist')) return assistOf(fixture, method, path, body)
    const [, instruction] = /^\/api\/instructions\/([^/]+)\/read$/.exec(path) ?? []
    if (instruction) {
      fixture.state.instructions = fixture.state.instructions.filter((i) => i.id !== instruction)
      return { status: 204 }
    }
    const [, id, action] = /^\/api\/alerts\/([^/]+)\/([^/]+)$/.exec(path) ?? []
    const alert = fixture.alerts.get(id)
    if (action === 'painted') {
      fixture.painted.add(id)
      return { status: 204 }
    }
    if (action === 'seen.jpg') return { type: 'image/svg+xml', bytes: alert?.kind === 'face' ? personPicture('#39424a') : platePicture(alert?.plate.text ?? '') }
    if (action === 'listed.jpg') return { type: 'image/svg+xml', bytes: personPicture('#5a5148') }
    if (action === 'decision') return decide(fixture, id, body)
    return { status: 404, body: { code: 'not_found' } }
  }

  const accept = (path, socket, request) => {
    if (path === '/api/stream') {
      socket.greet().say('state', fixture.snapshot())
      if (signedIn(request)) for (const alert of fixture.alerts.values()) socket.say('alert', alert)
      streams.add(socket)
      socket.withAlerts = signedIn(request)
      return true
    }
    if (path === '/api/voice') {
      fixture.voice = socket.greet()
      return true
    }
    if (path.startsWith('/api/face-login')) {
      fixture.facePaths.push(path)
      if (fixture.face) fixture.face(socket.greet())
      return fixture.face !== null
    }
    if (!signedIn(request)) return false
    if (path === '/api/preview') {
      socket.greet()
      const send = () =>
        fixture.state.cameras.forEach((c, i) => {
          if (jpegs[i] && c.state === 'streaming' && !fixture.silentCameras.has(c.id)) socket.send(framed(i, jpegs[i]))
        })
      send()
      const timer = setInterval(() => (socket.open ? send() : clearInterval(timer)), 250)
      timers.push(timer)
      return true
    }
    if (path.startsWith('/api/live/') && clip) {
      fixture.livePaths.push(path)
      fixture.liveSockets.push({ stopStream: stream(socket.greet(), clip) })
      return true
    }
    return false
  }

  fixture.snapshot = () => ({ ...fixture.state, timeUnixMs: Date.now() })
  fixture.broadcast = (type, data) => {
    for (const socket of streams) if (socket.open && (type === 'state' || socket.withAlerts)) socket.say(type, data)
  }
  fixture.raise = (alert) => {
    fixture.alerts.set(alert.id, alert)
    fixture.broadcast('alert', alert)
  }
  fixture.close = (id, outcome) => {
    fixture.alerts.delete(id)
    fixture.broadcast('alertClosed', { id, outcome })
  }
  const server = await startServer(dist, contentSecurityPolicy, handle, accept)
  let beating = true
  timers.push(setInterval(() => beating && fixture.broadcast('state', fixture.snapshot()), 500))
  fixture.url = server.url
  fixture.dropSockets = server.dropSockets
  fixture.beat = (on) => (beating = on)
  fixture.stop = () => {
    timers.forEach(clearInterval)
    return server.stop()
  }
  return fixture
}

function signIn(fixture, body) {
  const officer = fixture.roster.find((o) => o.officerId === body.officerId)
  if (!officer) return { status: 401, body: { code: 'unknown_officer' } }
  if (body.faceTicket && !body.pin) return body.faceTicket === faceTicket ? signedInAs(fixture, officer, body) : { status: 401, body: { code: 'face_ticket' } }
  if (fixture.wrongPins >= 3) return { status: 423, body: { code: 'locked', retryAfterS: 60 } }
  if (body.pin !== pin) {
    fixture.wrongPins++
    return fixture.wrongPins >= 3 ? { status: 423, body: { code: 'locked', retryAfterS: 60 } } : { status: 401, body: { code: 'wrong_pin' } }
  }
  return signedInAs(fixture, officer, body)
}

export const faceTicket = 'c0ffee'

function signedInAs(fixture, officer, body) {
  fixture.lockedScreen = null
  fixture.screen = body.screen ?? 'driver'
  fixture.state.officer = { ...officer, role: 'officer', sinceUnixMs: Date.now() }
  fixture.state.matching = { faces: true, plates: true, code: 'ok', detailZh: '正在比对。', detailEn: 'Matching.' }
  return { body: sessionOf(fixture), headers: { 'set-cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/` } }
}

const sessionOf = ({ screen, state: { officer } }) => ({ officerId: officer.officerId, displayName: officer.displayName, role: officer.role, sessionId: 'f2c1', screen })

function decide(fixture, id, { verdict, reason, secondOfficerId, secondPin }) {
  if (fixture.decisionStatus !== 200) return { status: fixture.decisionStatus, body: {} }
  if (!fixture.alerts.has(id)) return { status: 409, body: { code: 'closed' } }
  if (verdict === 'rejected' && !reason) return { status: 400, body: { code: 'reason_required' } }
  if (secondOfficerId && secondPin !== pin) return { status: 403, body: { code: 'wrong_pin' } }
  if (verdict === 'confirmed' && fixture.alerts.get(id).needsSecond && !secondOfficerId) return { status: 400, body: { code: 'second_required' } }
  fixture.close(id, verdict)
  return { body: { decisionId: `d-${id}` } }
}

const hour = 3_600_000

let asked = 0
function assistOf(fixture, method, path, body) {
  const refused = fixture.assistRefusal
  const [, picture] = /^\/api\/assist\/views\/([^/]+)\.jpg$/.exec(path) ?? []
  if (picture) return { type: 'image/svg+xml', bytes: personPicture(picture === 'v1' ? '#5a5148' : '#39424a') }
  if (method !== 'GET' && refused) {
    fixture.assistRefusal = ''
    return { status: 409, body: { code: refused } }
  }
  if (method === 'DELETE') {
    fixture.assist = null
    return { status: 204 }
  }
  if (path.endsWith('/check')) {
    if (fixture.assistOutcome === 'unlike') fixture.assist.unlike.push(body.visitId)
    else fixture.assist.views = fixture.assist.views.filter((v) => v.visitId !== body.visitId)
    return { body: { outcome: fixture.assistOutcome } }
  }
  if (method === 'POST') fixture.assist = { id: 'assist-1', reason: body.reason, endsAtUnixMs: Date.now() + 58_000, views: [], unlike: [] }
  return { body: { assist: fixture.assist } }
}

export const assistViews = () =>
  [['v1', 'cam1', 148], ['v2', 'cam3', 96], ['v3', 'cam1', 71], ['v4', 'cam6', 54]].map(([visitId, cameraId, widthPx], i) => ({ visitId, cameraId, widthPx, atUnixMs: Date.now() - 2000 * (i + 1) }))

export function lookUpOf({ kind, subject, purpose }, change = {}) {
  const now = Date.now()
  const found = kind === 'plate'
    ? { plateClass: 'blue', vehicle: '白色货车', displayName: '', statuses: [['stolen', 'on_record', now - 40 * 24 * hour], ['insurance', 'ended', now - 3 * 24 * hour], ['inspection', 'valid', now + 200 * 24 * hour]] }
    : { plateClass: '', vehicle: '', displayName: '王建国', statuses: [['wanted', 'clear', 0], ['missing', 'clear', 0]] }
  const statuses = found.statuses.map(([fact, state, dateUnixMs]) => ({ fact, state, dateUnixMs }))
  return { id: `look-up-${++asked}`, kind, subject, purpose, atUnixMs: now, expiresAtUnixMs: now + hour / 2, outcome: 'found', ...found, statuses, ...change }
}

function initialState() {
  const now = Date.now()
  const labels = [
    ['车顶云台', 'Roof PTZ'],
    ['左前', 'Front left'],
    ['正前', 'Front'],
    ['右前', 'Front right'],
    ['左后', 'Rear left'],
    ['正后', 'Rear'],
    ['右后', 'Rear right'],
    ['车内', 'Cab'],
  ]
  const stages = ['eyes', 'eyes-link', 'matching', 'alerts', 'live', 'gnss', 'scenes', 'terminal', 'audit', 'lists', 'link', 'releases']
  return {
    unitId: '京A-0731',
    softwareVersion: '0.2.0+e19873e',
    timeUnixMs: now,
    timeTrust: 'centre',
    link: { phase: 'up', sinceUnixMs: now - hour, detail: '', rttMs: 38, backlogEvents: 0, oldestUnackedMs: null, refusedEvents: 0 },
    stages: stages.map((name) => ({ name, state: 'ok', detail: '', rateHz: name === 'gnss' ? 1 : name === 'eyes' ? 70 : 0, restarts: 0 })),
    cameras: labels.map(([labelZh, labelEn], i) => ({
      id: i === 7 ? 'cab' : `cam${i + 1}`,
      labelZh,
      labelEn,
      state: 'streaming',
      detail: '',
      fps: 25,
      ageMs: 90,
      codec: i === 3 ? 'hevc' : 'h264',
      ptz: i === 0,
      previewOnly: i === 7,
      frozen: false,
      black: false,
      heldSeconds: i === 7 ? 0 : 20,
      keeping: false,
      lastMinute: i === 7 ? null : { headsMedian: i % 3, headsMax: i + 2, vehicles: 4 + i },
      wantedFps: 10,
      analysedFps: 10,
      degraded: false,
      watchers: [],
    })),
    lists: [
      list('plates-wanted', 'plates', 'stolen_vehicle', '被盗车辆布控', 'Stolen vehicles', 3120, 'loaded', now),
      list('faces-missing', 'faces', 'missing_or_vulnerable', '走失人员', 'Missing people', 214, 'loaded', now),
      {
        ...list('plates-x', 'plates', 'court_order', '法院查封车辆', 'Vehicles under court order', 40, 'refused', now),
        code: 'signature',
        detailZh: '名单签名无效：签发人的签名与内容不符，未使用。请联系签发单位。',
        detailEn: 'The list’s signature is not valid: the issuer’s signature does not match its content. It is not used. Call the issuing authority.',
      },
    ],
    officer: null,
    matching: { faces: false, plates: false, code: 'no_officer', detailZh: '无人登录，不进行比对。', detailEn: 'Nobody is signed in, so nothing is matched.' },
    position: { latitude: 39.90823, longitude: 116.39747, speedMps: 0, headingDegrees: 74, fix: '3d', ageMs: 300, stale: false },
    counters: { framesAnalysed: 128_430, faces: 2210, reads: 1844, hitsFace: 2, hitsPlate: 5, decisions: 6, eventsAcked: 913, eventsPending: 0 },
  }
}

function list(listId, kind, category, titleZh, titleEn, entries, state, now) {
  return {
    ...{ listId, version: 12, kind, category, titleZh, titleEn, entries, state, code: '', detailZh: '', detailEn: '' },
    ...{ authority: '市公安局刑侦支队', legalReference: '刑侦布控〔2026〕118 号', issuedAtUnixMs: now - 5 * hour, validToUnixMs: now + 19 * hour },
  }
}

let born = 0
const alertBase = () => ({
  id: `alert-${++born}`,
  seenAtUnixMs: Date.now() - 400,
  authority: '市公安局刑侦支队',
  legalReference: '刑侦布控〔2026〕118 号',
  listId: 'plates-wanted',
  listVersion: 12,
  listIssuedAtUnixMs: Date.now() - 5 * hour,
  listValidToUnixMs: Date.now() + 19 * hour,
  contradictions: [],
  note: '',
  shownAtUnixMs: Date.now(),
  lapsesAtUnixMs: Date.now() + 120_000,
})

export function plateAlert(change = {}) {
  const base = alertBase()
  return {
    ...base,
    ...{ kind: 'plate', tone: 'stop', category: 'stolen_vehicle', cameraId: 'cam3', listedText: '京A7F3K9', listTitleZh: '被盗车辆布控', listTitleEn: 'Stolen vehicles' },
    plate: { text: '京A7F3K9', confidences: [0.99, 0.98, 0.97, 0.93, 0.99, 0.96, 0.95], confidence: 0.96, votes: 3, rivals: [], plateClass: 'blue' },
    face: null,
    seenUrl: `/api/alerts/${base.id}/seen.jpg`,
    listedUrl: null,
    ...change,
  }
}

export function doubtfulPlateAlert(change = {}) {
  return plateAlert({
    tone: 'check',
    listedText: '京B8Q20D',
    cameraId: 'cam6',
    contradictions: ['one_character', 'doubtful_character', 'rival_reading', 'list_old'],
    note: '白色货车，右后灯破损',
    plate: { text: '京B8Q2QD', confidences: [0.99, 0.98, 0.83, 0.95, 0.97, 0.58, 0.91], confidence: 0.52, votes: 2, rivals: [{ text: '京B8Q20D', confidence: 0.37 }, { text: '京B8Q2DD', confidence: 0.08 }], plateClass: 'blue' },
    ...change,
  })
}

export function faceAlert(change = {}) {
  const base = alertBase()
  return {
    ...base,
    ...{ kind: 'face', tone: 'check', category: 'missing_or_vulnerable', cameraId: 'cam2', listedText: 'MP-2026-0417', listId: 'faces-missing', listTitleZh: '走失人员', listTitleEn: 'Missing people' },
    plate: null,
    face: { similarity: 0.61, threshold: 0.49, widthPx: 71 },
    seenUrl: `/api/alerts/${base.id}/seen.jpg`,
    listedUrl: `/api/alerts/${base.id}/listed.jpg`,
    note: '走失老人，可能不认路，请耐心询问',
    ...change,
  }
}
