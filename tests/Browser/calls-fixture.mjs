// The centre's answers about calls for the page tests: one that waits too long, one in hand, one with a question, one without a place.
const now = () => Date.now()
let numbered = 0

export function call(change = {}) {
  const n = String(++numbered).padStart(4, '0')
  return {
    ...{ callId: `0193a1f0-0000-7000-8000-00000000${n}`, number: `2026-1129-${n}`, revision: 2, kind: 'crime', urgent: false, district: '', policeType: 'public_order' },
    ...{ state: 'handling', ownerUnitId: '京A-0731', title: '商铺被盗', address: '望江路 12 号', latitude: 39.9093, longitude: 116.4021, receivedAtUnixMs: now() - 780_000 },
    ...{ waitingSinceUnixMs: null, escalation: 0, loud: false, proposedUnitId: '', handOverTo: '', backUpOpen: false, hasRecording: false, entries: 4, result: '', closedAtUnixMs: null },
    ...change,
  }
}

export function initialCalls() {
  return [
    call({ state: 'dispatched', urgent: true, title: '持械斗殴', ownerUnitId: '京A-0744', waitingSinceUnixMs: now() - 192_000, receivedAtUnixMs: now() - 200_000, escalation: 2, loud: true, proposedUnitId: '京A-0731' }),
    call({ backUpOpen: true, handOverTo: '京A-0752' }),
    call({ state: 'open', kind: 'help', title: '走失老人', ownerUnitId: '', latitude: null, longitude: null, address: '', waitingSinceUnixMs: now() - 20_000, receivedAtUnixMs: now() - 20_000 }),
  ]
}

export const callsMessage = (calls) => ({ escalateAfterS: [60, 180, 300], ringMinutes: [1, 3, 5], arrivalKmh: 40, calls })

const candidate = (unitId, label, metres, change = {}) => ({
  ...{ unitId, label, policeType: 'public_order', isOwner: false, online: true, officerId: '041207', availability: 'available', metres, heading: 'towards', openCalls: 0, typeFits: true },
  ...{ positionAgeMs: 900, stale: false, ringMinutes: 3, score: 1.6, ...change },
})

const found = [
  candidate('京A-0731', '东城一组', 1180),
  candidate('京A-0744', '东城二组', 640, { isOwner: true, heading: 'standing', openCalls: 1, ringMinutes: 1 }),
  candidate('京A-0752', '交警三中队', 2300, { typeFits: false, heading: 'away', availability: 'busy', ringMinutes: 5 }),
  candidate('京A-0760', '备勤', null, { officerId: '', online: false, heading: '', positionAgeMs: 1_500_000, stale: true, ringMinutes: 0 }),
]

function details(row) {
  const line = (minutes, what, unitId, actor, state, text = '', effect = 'changed', late = 0) => ({ atUnixMs: row.receivedAtUnixMs + minutes * 60_000 + late, happenedAtUnixMs: row.receivedAtUnixMs + minutes * 60_000, actor, unitId, what, effect, state, text })
  return {
    ...{ call: row, details: '店主报称夜间被撬门，嫌疑人骑电动车离开。', contact: '13800000000', takenBy: 'chenlei', dispatchedBy: 'chenlei' },
    ...{ backUpUnitIds: [], nearbyUnitIds: ['京A-0752'], recording: row.hasRecording ? 'here' : 'none' },
    story: [
      line(0, 'taken', '', 'chenlei', 'open'),
      line(0.5, 'dispatch', '京A-0744', 'chenlei', 'dispatched'),
      line(2, 'escalated', '京A-0731', 'centre', 'dispatched', 'dispatcher'),
      line(2.5, 'arrive', '京A-0752', '041533', 'dispatched', '', 'presence', 9000),
    ],
  }
}

/** Null where the question is not about calls. */
export function callsAnswer(fixture, { method, path, body }) {
  if (path.startsWith('/api/places')) return { body: [{ name: '望江路小学', aliases: ['望小'], longitude: 116.41, latitude: 39.91, district: '' }] }
  if (path === '/api/calls/history') return { body: { calls: [call({ state: 'closed', result: 'handled', closedAtUnixMs: now() })], more: true } }
  if (path === '/api/calls' && method === 'POST') {
    const taken = call({ ...body, state: 'open', ownerUnitId: '', waitingSinceUnixMs: now(), receivedAtUnixMs: now() })
    fixture.calls = [...fixture.calls, taken]
    fixture.tellCalls()
    return { body: taken }
  }
  const [, id, what] = /^\/api\/calls\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (!id) return null
  const row = fixture.calls.find((c) => c.callId === id) ?? call({ callId: id, state: 'closed', result: 'handled' })
  if (what === 'candidates') return { body: found }
  return method === 'POST' ? (fixture.callStatus ?? { body: row }) : { body: details(row) }
}
