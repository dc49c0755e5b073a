// A shift's plan, own hazards and their endpoints on the terminal's fixture.
import { personPicture } from './media.mjs'

const minute = 60_000

export function dutyOf(change = {}) {
  const now = Date.now()
  const item = (itemId, name, kind, state, more = {}) => ({
    ...{ planId: 'day', itemId, name, kind, state, shape: [[39.908, 116.397]], done: 0, wanted: 1, code: '', shortByS: 0, unknownMinutes: 0, dwellS: 30, leftS: null, coveredShare: 0 },
    ...{ fromUnixMs: now - 120 * minute, toUnixMs: now + 240 * minute, doneAtUnixMs: null, sinceUnixMs: null, leftAtUnixMs: null, metres: null, degrees: null, relief: null, reason: '', reasonWords: '' },
    ...more,
  })
  return {
    routes: [{ id: 'day', name: '东城白班', fromUnixMs: now - 120 * minute, toUnixMs: now + 240 * minute, done: 2, missed: 2, of: 9 }],
    rings: [1, 3, 5].map((minutes) => ({ minutes, metres: minutes * 500 })),
    items: [
      item('beat-1', '东城巡区', 'beat', 'under_way', { done: 42, wanted: 120, sinceUnixMs: now - 42 * minute, metres: 0, degrees: 0 }),
      item('market', '东城市场', 'point', 'under_way', { metres: 12, degrees: 40, sinceUnixMs: now - 18_000, leftS: 12 }),
      item('school', '望江路小学东门', 'point', 'open', { metres: 640, degrees: 120 }),
      item('station', '火车站南广场', 'point', 'open', { metres: 2210, degrees: 300 }),
      item('street', '望江路', 'line', 'open', { metres: 1400, degrees: 20, coveredShare: 0 }),
      item('post', '三环路口屯警点', 'post', 'under_way', { done: 25, wanted: 60, sinceUnixMs: now - 25 * minute, metres: 4, degrees: 200 }),
      item('bank', '东门银行', 'point', 'missed', { code: 'too_short', shortByS: 14, unknownMinutes: 3, metres: 900, degrees: 90 }),
      item('bridge', '望江桥', 'point', 'missed', { code: 'never_near', metres: 3100, degrees: 250 }),
      item('park', '东城公园', 'point', 'done', { done: 1, doneAtUnixMs: now - 50 * minute, metres: 1800, degrees: 160 }),
    ],
    ...change,
  }
}

/** Answers what the duty page asks; `fixture.refuse` is the code of the next refusal. */
export function withDuty(fixture, { hazards = [] } = {}) {
  fixture.state.areas = { ...fixture.state.areas, duty: dutyOf(), hazards }
  Object.assign(fixture, { refuse: '', pictures: 0, noPicture: '' })
  fixture.extra = ({ method, path, body }) => {
    const refused = fixture.refuse
    if (method !== 'GET' && refused && !path.startsWith('/api/session')) {
      fixture.refuse = ''
      return { status: 409, body: { code: refused } }
    }
    if (path === '/api/pictures') {
      if (fixture.noPicture) return { status: 409, body: { code: fixture.noPicture } }
      return { body: { id: `00000000-0000-7000-8000-00000000000${++fixture.pictures}`, cameraId: body.cameraId, capturedUnixMs: Date.now() } }
    }
    if (/^\/api\/pictures\/.*\.jpg$/.test(path)) return { type: 'image/svg+xml', bytes: personPicture('#39424a') }
    if (path.startsWith('/api/pictures/')) return { status: 204 }
    if (path === '/api/hazards') {
      const id = `h-${fixture.state.areas.hazards.length + 1}`
      fixture.state.areas.hazards = [{ id, kind: body.kind, note: '', atUnixMs: Date.now(), cameraId: 'cam3', state: 'pending', undoUntilUnixMs: Date.now() + 5000, changedAtUnixMs: 0 }, ...fixture.state.areas.hazards]
      return { body: { id, undoMs: 5000 } }
    }
    const [, hazard, closed] = /^\/api\/hazards\/([^/]+)(\/closed)?$/.exec(path) ?? []
    if (hazard && closed) {
      fixture.state.areas.hazards = fixture.state.areas.hazards.map((h) => (h.id === hazard ? { ...h, state: 'closed' } : h))
      return { status: 204 }
    }
    if (hazard) {
      fixture.state.areas.hazards = fixture.state.areas.hazards.filter((h) => h.id !== hazard)
      return { status: 204 }
    }
    const [, itemId, act] = /^\/api\/duty\/day\/([^/]+)\/([\w-]+)$/.exec(path) ?? []
    if (itemId) {
      const found = fixture.state.areas.duty.items.find((i) => i.itemId === itemId)
      if (act === 'reason') Object.assign(found, { reason: body.reason, reasonWords: body.words })
      else found.relief = { atUnixMs: Date.now(), by: body.relievedBy, unitId: body.toUnitId }
      return { status: 204 }
    }
    return null
  }
  return fixture
}

export const ownHazards = () => [
  { id: 'h-1', kind: 'broken_light', note: '', atUnixMs: Date.now() - 3 * 3_600_000, cameraId: 'cam3', state: 'passed_on', undoUntilUnixMs: null, changedAtUnixMs: Date.now() - 3_600_000 },
  { id: 'h-0', kind: 'flooding', note: '', atUnixMs: Date.now() - 20 * minute, cameraId: 'cam3', state: 'found', undoUntilUnixMs: null, changedAtUnixMs: Date.now() },
]
