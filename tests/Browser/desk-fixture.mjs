// The centre's side of the desks: calls for help, hazards, instructions, hand-over sheets.
import { platePicture } from './media.mjs'

const minute = 60_000

export function initialDesks() {
  const hazard = (hazardId, kind, state, minutes, change = {}) => ({ unitId: '京A-0731', hazardId, kind, state, foundAtUnixMs: Date.now() - minutes * minute, changedAtUnixMs: Date.now() - minutes * minute, pictures: 1, latitude: 39.9131, longitude: 116.4034, ...change })
  return {
    sos: [],
    hazards: [
      hazard('h-1', 'blocked_fire_lane', 'found', 7),
      hazard('h-2', 'broken_light', 'passed_on', 190, { pictures: 0, latitude: null, longitude: null }),
      hazard('h-3', 'open_manhole', 'closed', 600, { unitId: '京A-0744' }),
    ],
    instructions: [],
    records: [
      { unitId: '京A-0731', recordId: 'r-1', type: 'case', kind: 'dispute', state: 'sent', atUnixMs: Date.now() - 12 * minute, changedAtUnixMs: Date.now() - 12 * minute },
      { unitId: '京A-0744', recordId: 'r-2', type: 'found', kind: '', state: 'passed_on', atUnixMs: Date.now() - 90 * minute, changedAtUnixMs: Date.now() - 60 * minute },
    ],
  }
}

const recordActs = (fixture) => (fixture.recordActs ??= [])
const recordRead = (id) =>
  id === 'r-1'
    ? {
        place: '望江路 12 号',
        happenedAtUnixMs: Date.now() - 20 * minute,
        persons: [{ role: 'party', name: '王建国', idNumber: '11010519491231002X', phone: '13800138000', statement: '他先占了车位。', refused: false, signature: { url: '/api/records/x/r-1/pictures/1' } }],
        statement: '双方因停车位发生争执，无人受伤。',
        outcome: '当场和解',
        legalBasis: '',
        officerSignature: { url: null },
        pictures: [{ url: '/api/records/x/r-1/pictures/2' }],
      }
    : { what: '黑色双肩包', place: '车站', contact: '', office: '', pictures: [] }

export const sosOf = (unitId, change = {}) => ({
  ...{ unitId, sosId: `sos-${unitId}`, officerId: '041207', atUnixMs: Date.now() - 4000, receivedAtUnixMs: Date.now() - 3700 },
  ...{ endedAtUnixMs: null, acknowledgedAtUnixMs: null, acknowledgedBy: null, position: { latitude: 39.9093, longitude: 116.3975 } },
  ...change,
})

const acts = (fixture) => (fixture.acts ??= [{ atUnixMs: Date.now() - 7 * minute, actor: '041207', act: 'found', words: '东门消防通道停满车', pictures: [{ url: '/api/hazards/x/h-1/pictures/1.jpg' }, { url: null }] }])

const sent = (fixture) =>
  (fixture.sent ??= [
    {
      ...{ instructionId: 'i-1', atUnixMs: Date.now() - 30 * minute, account: 'zhaomin', urgent: true, text: '三环辅路严查白色货车' },
      units: [
        { unitId: '京A-0731', state: 'read', atUnixMs: Date.now() - 28 * minute, readBy: '041207' },
        { unitId: '京A-0744', state: 'delivered', atUnixMs: Date.now() - 29 * minute, readBy: null },
        { unitId: '京A-0752', state: 'waiting', atUnixMs: null, readBy: null },
      ],
    },
  ])

const shifts = (fixture) =>
  (fixture.shifts ??= [{ shiftId: 's-1', fromUnixMs: Date.now() - 16 * 60 * minute, toUnixMs: Date.now() - 8 * 60 * minute, madeBy: 'zhaomin', takenBy: null, takenAtUnixMs: null, sheet: sheet('东门的事请盯一下') }])

const line = (code, open, values) => ({ code, open, values })
function sheet(note) {
  const at = String(Date.now() - 9 * 60 * minute)
  return {
    note,
    parts: [
      { section: 'sos', count: 1, lines: [line('sos_closed', false, { unit: '京A-0731', at, by: 'zhaomin' })] },
      { section: 'hazards', count: 1, lines: [line('hazard_found', true, { unit: '京A-0731', at, kind: 'blocked_fire_lane' })] },
      { section: 'alerts', count: 1, lines: [line('alerts_decided', false, { unit: '京A-0731', n: '4' })] },
      { section: 'instructions', count: 1, lines: [line('instruction_unread', true, { by: 'zhaomin', at, units: '京A-0744', n: '2' })] },
      { section: 'cars', count: 0, lines: [] },
    ],
  }
}

/** undefined: not one of these. */
export function answerDesks(fixture, { method, path, body }) {
  const [, sosUnit, act] = /^\/api\/sos\/([^/]+)\/[^/]+\/(acknowledge|close)$/.exec(path) ?? []
  if (act) {
    const all = fixture.topics.sos
    const change = (s) => (s.unitId !== decodeURIComponent(sosUnit) ? s : { ...s, acknowledgedAtUnixMs: Date.now(), acknowledgedBy: 'chenlei' })
    fixture.tell('sos', act === 'close' ? all.filter((s) => s.unitId !== decodeURIComponent(sosUnit)) : all.map(change))
    return { status: 204 }
  }
  if (/^\/api\/hazards\/.*\.jpg$/.test(path)) return { type: 'image/svg+xml', bytes: platePicture('1') }
  const [, hazardId, step] = /^\/api\/hazards\/[^/]+\/([^/]+)(?:\/(pass-on|close|note))?$/.exec(path) ?? []
  if (step) {
    if (!body.words?.trim()) return { status: 400, body: { code: 'words_required' } }
    const state = { 'pass-on': 'passed_on', close: 'closed' }[step]
    acts(fixture).push({ atUnixMs: Date.now(), actor: 'chenlei', act: state ?? 'note', words: body.words, pictures: [] })
    if (state) fixture.tell('hazards', fixture.topics.hazards.map((h) => (h.hazardId === hazardId ? { ...h, state, changedAtUnixMs: Date.now() } : h)))
    return { status: 204 }
  }
  if (hazardId) return fixture.hazardStatus ?? { body: { acts: hazardId === 'h-1' ? acts(fixture) : [] } }
  if (/^\/api\/records\/.*\/pictures\//.test(path)) return { type: 'image/svg+xml', bytes: platePicture('1') }
  const [, recordId, recordStep] = /^\/api\/records\/[^/]+\/([^/]+)(?:\/(pass-on|answer))?$/.exec(path) ?? []
  if (recordStep) {
    if (!body.words?.trim()) return { status: 400, body: { code: 'words_required' } }
    const state = recordStep === 'answer' ? 'answered' : 'passed_on'
    recordActs(fixture).push({ atUnixMs: Date.now(), actor: 'chenlei', act: state, words: body.words })
    fixture.tell('records', fixture.topics.records.map((r) => (r.recordId === recordId ? { ...r, state, changedAtUnixMs: Date.now() } : r)))
    return { status: 204 }
  }
  if (recordId) return { body: { officerId: '041207', acts: recordActs(fixture), content: recordRead(recordId) } }
  if (path === '/api/instructions' && method === 'POST') {
    if (!body.text?.trim()) return { status: 400, body: { code: 'text_required' } }
    sent(fixture).unshift({ instructionId: `i-${sent(fixture).length + 1}`, atUnixMs: Date.now(), account: 'chenlei', urgent: body.urgent, text: body.text, units: body.unitIds.map((unitId) => ({ unitId, state: 'waiting', atUnixMs: null, readBy: null })) })
    fixture.tell('instructions', [...sent(fixture)])
    return { body: { instructionId: 'i' } }
  }
  if (path === '/api/instructions') return { body: sent(fixture) }
  if (path === '/api/shifts' && method === 'POST') {
    const made = { shiftId: `s-${shifts(fixture).length + 1}`, fromUnixMs: body.fromUnixMs, toUnixMs: Date.now(), madeBy: 'chenlei', takenBy: null, takenAtUnixMs: null, sheet: sheet(body.note) }
    shifts(fixture).unshift(made)
    return { body: made }
  }
  if (path === '/api/shifts') return { body: shifts(fixture).map((s) => ({ ...s, sheet: null })) }
  const [, shiftId, take] = /^\/api\/shifts\/([^/]+)(\/take)?$/.exec(path) ?? []
  const one = shifts(fixture).find((s) => s.shiftId === shiftId)
  if (one && take) {
    Object.assign(one, { takenBy: 'chenlei', takenAtUnixMs: Date.now() })
    return { status: 204 }
  }
  return one ? { body: one } : undefined
}
