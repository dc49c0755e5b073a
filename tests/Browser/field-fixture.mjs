// The centre's answers about cars in the field: a plan in the middle of its shift, a heat map, roads, and cordons that it keeps.
const centre = [116.4, 39.909]
const minute = 60_000

export function fieldState() {
  return { plans: [initialPlan()], shifts: null, history: null, cells: initialCells(), operations: [], posted: [], roads: initialRoads(), delay: 0, fails: null }
}

/** Undefined: not about the field. */
export function fieldAnswer(field, request, role, broadcast) {
  const { method, path, body } = request
  const [route, query = ''] = path.split('?')
  if (!/^\/api\/(patrol|visibility|containments|roads)/.test(route)) return undefined
  if (field.fails) return field.fails
  const say = (value) => (field.delay ? new Promise((resolve) => setTimeout(() => resolve({ body: value }), field.delay)) : { body: value })
  if (route === '/api/roads') return { body: { installed: field.roads.length > 0, lines: field.roads } }
  if (route === '/api/patrol/plans' && method === 'POST') return putPlan(field, body)
  if (route === '/api/patrol/plans') return say(field.plans.map((p) => ({ ...p, mayEdit: role === 'supervisor' || role === 'admin' })))
  if (route.startsWith('/api/patrol/plans/') && method === 'DELETE') {
    field.plans = field.plans.filter((p) => p.planId !== decodeURIComponent(route.split('/')[4]))
    return { status: 204 }
  }
  if (route === '/api/patrol/progress') return say(field.shifts ?? [initialShift()])
  if (route === '/api/patrol/history') return say(field.history ?? initialHistory())
  if (route === '/api/patrol/ticks') {
    field.posted.push(body)
    return { body: [{ unitId: '京A-0731', atUnixMs: Date.now() - 40 * minute, officerId: '041207' }] }
  }
  if (route === '/api/visibility') return say({ cellMetres: 250, cells: field.cells })
  if (route === '/api/visibility/beat') return say({ cells: 42, never: 2, least: [{ ...field.cells[0], minutes: 0, cars: 0 }, { ...field.cells[1], minutes: 0, cars: 0 }, ...field.cells.slice(2, 12)] })
  if (route === '/api/containments/proposal') return propose(field, body)
  const tell = (answer) => {
    broadcast('containment', field.operations)
    return answer
  }
  if (route === '/api/containments' && method === 'POST') {
    if (!body.reason) return { status: 400, body: { code: 'reason_required' } }
    field.posted.push(body)
    field.operations = [operationOf(body), ...field.operations]
    return tell({ body: { operationId: field.operations[0].operationId } })
  }
  if (route === '/api/containments') return say(field.operations)
  const [, id, act] = /^\/api\/containments\/([^/]+)\/(.+)$/.exec(route) ?? []
  field.posted.push({ id, act, query, ...body })
  field.operations = field.operations.map((o) => (o.operationId !== id ? o : act === 'end' ? { ...o, endedAtUnixMs: Date.now(), endReason: body.reason, endedBy: 'chenlei' } : assigned(o, act.split('/')[1], body.unitId)))
  return tell({ status: 204 })
}

function putPlan(field, body) {
  field.posted.push(body)
  const bad = body.features?.find((f) => f.geometry.type === 'Polygon' && f.geometry.coordinates[0].length < 4)
  if (bad) return { status: 400, body: { code: 'bad_item_shape', item: bad.id } }
  if (!body.patrolPlan?.name) return { status: 400, body: { code: 'bad_plan_name', item: '' } }
  const before = field.plans.find((p) => p.planId === body.patrolPlan.id)
  const plan = { planId: body.patrolPlan.id, name: body.patrolPlan.name, version: (before?.version ?? 0) + 1, district: '', units: body.patrolPlan.units, document: body }
  field.plans = [...field.plans.filter((p) => p !== before), plan]
  return { body: { planId: plan.planId, version: plan.version } }
}

function at(east, north) {
  return [centre[0] + east / 85_000, centre[1] + north / 111_000].map((d) => Number(d.toFixed(6)))
}

function initialPlan() {
  const ring = [at(-1800, -1200), at(600, -1300), at(700, 1100), at(-1700, 1200)]
  const feature = (id, name, kind, geometry, more = {}) => ({ type: 'Feature', id, properties: { name, kind, ...more }, geometry })
  const document = {
    type: 'FeatureCollection',
    patrolPlan: { id: 'east-day', name: '东城白班', units: ['京A-0731', '京A-0744'], utcOffsetMinutes: 480, hours: [{ from: '08:00', to: '20:00' }] },
    features: [
      feature('beat-1', '东城一巡区', 'beat', { type: 'Polygon', coordinates: [[...ring, ring[0]]] }, { leastMinutes: 120 }),
      feature('gate', '第三小学门口', 'point', { type: 'Point', coordinates: at(-600, 400) }, { toleranceMetres: 40, dwellSeconds: 120, times: 2 }),
      feature('market', '东城市场', 'point', { type: 'Point', coordinates: at(200, -500) }, { toleranceMetres: 60, dwellSeconds: 60 }),
      feature('road', '望江路', 'line', { type: 'LineString', coordinates: [at(-1500, 800), at(-400, 700), at(500, 900)] }, { toleranceMetres: 30, times: 1 }),
      feature('post', '东城广场', 'post', { type: 'Point', coordinates: at(1400, 300) }, { toleranceMetres: 50, leastMinutes: 30, from: '17:00', to: '18:00' }),
    ],
  }
  return { planId: 'east-day', name: '东城白班', version: 3, district: '', units: document.patrolPlan.units, document }
}

export function initialShift(change = {}) {
  const now = Date.now()
  const item = (itemId, name, kind, beatId, state, done, wanted, more = {}) => ({ itemId, name, kind, beatId, state, done, wanted, code: '', nearestMetres: null, ticks: [], here: [], ...more })
  const ticks = (...minutes) => minutes.map((m) => ({ atUnixMs: now - m * minute, unitId: '京A-0731' }))
  return {
    ...{ planId: 'east-day', name: '东城白班', version: 3, fromUnixMs: now - 240 * minute, toUnixMs: now + 480 * minute, state: 'now', done: 2, missed: 1, total: 5 },
    items: [
      item('beat-1', '东城一巡区', 'beat', 'beat-1', 'done', 131.5, 120, { here: ['京A-0731'], ticks: ticks(20) }),
      item('gate', '第三小学门口', 'point', 'beat-1', 'due', 1, 2, { code: 'too_few', ticks: ticks(95), nearestMetres: 4 }),
      item('market', '东城市场', 'point', 'beat-1', 'missed', 0, 1, { code: 'never_near', nearestMetres: 312.4 }),
      item('road', '望江路', 'line', 'beat-1', 'done', 1, 1, { ticks: [{ atUnixMs: now - 60 * minute, unitId: '' }] }),
      item('post', '东城广场', 'post', '', 'later', 0, 30),
    ],
    units: [
      { unitId: '京A-0731', label: '东城一组', positions: 13_920, counting: 13_702, ticks: 3 },
      { unitId: '京A-0744', label: '东城二组', positions: 0, counting: 0, ticks: 0 },
    ],
    ...change,
  }
}

function initialHistory() {
  return Array.from({ length: 9 }, (_, n) => {
    const from = Date.now() - n * 86_400_000
    return { day: new Date(from).toISOString().slice(0, 10), planId: 'east-day', name: '东城白班', fromUnixMs: from, done: 5 - (n % 3), missed: n % 3, total: 5 }
  })
}

function initialCells() {
  const cells = []
  for (let row = -6; row < 6; row++)
    for (let column = -8; column < 8; column++) {
      const minutes = Math.round(600 * Math.exp(-(row * row + (column + 2) ** 2) / 9)) / 10
      if (minutes > 0.2) cells.push({ id: `${row}/${column}`, bounds: [...at(column * 250, row * 250), ...at(column * 250 + 250, row * 250 + 250)], minutes, cars: minutes > 10 ? 3 : 1 })
    }
  return cells
}

function initialRoads() {
  const lines = []
  for (let n = -4; n <= 4; n++) lines.push([at(-3000, n * 600), at(3000, n * 600 + 100)], [at(n * 700, -3000), at(n * 700 - 80, 3000)])
  return lines
}

function propose(field, { cordon, posts }) {
  const [longitude, latitude] = cordon.ring ? cordon.ring[0] : [cordon.longitude, cordon.latitude]
  const radius = cordon.radiusMetres ?? 500
  const own = posts ?? Array.from({ length: 6 }, (_, n) => ({ postId: `p${n + 1}`, latitude: latitude + (radius / 111_000) * Math.cos((n * Math.PI) / 3), longitude: longitude + (radius / 85_000) * Math.sin((n * Math.PI) / 3) }))
  const car = (unitId, label, place, excluded = '') => ({ unitId, label, longitude: place?.[0] ?? null, latitude: place?.[1] ?? null, excluded })
  return {
    body: {
      source: posts ? 'own' : field.roads.length > 0 ? 'roads' : 'even',
      mergedMetres: 30,
      roadsInstalled: field.roads.length > 0,
      speedKmh: 30,
      holdMetres: 60,
      posts: own.map(({ postId, latitude: a, longitude: o }) => ({ postId, latitude: a, longitude: o })),
      assignments: [['京A-0731', 840, 101], ['京A-0744', 1210, 145]].slice(0, own.length).map(([unitId, metres, seconds], n) => ({ postId: own[n].postId, unitId, metres, seconds })),
      cars: [car('京A-0731', '东城一组', at(-200, 30)), car('京A-0744', '东城二组', at(1000, 1000)), car('京A-0752', '交警三中队', null, 'offline'), car('京A-0760', '备勤', null, 'no_position')],
    },
  }
}

function operationOf({ name, reason, cordon, posts }) {
  const made = posts.map((p) => ({ ...p, state: p.unitId ? 'ordered' : 'open', metres: p.unitId ? 900 : null, orderedAtUnixMs: p.unitId ? Date.now() : null, readAtUnixMs: null, arrivedAtUnixMs: null }))
  return { operationId: `0191-cordon-${Date.now()}`, name, reason, account: 'chenlei', startedAtUnixMs: Date.now(), endedAtUnixMs: null, endReason: '', endedBy: '', cordon, posts: made, pieces: piecesOf(made) }
}

/** Six posts around the centre; two cars are on their way. */
export function someOperation() {
  const posts = propose({ roads: [] }, { cordon: { longitude: centre[0], latitude: centre[1], radiusMetres: 900 } }).body.posts
  const units = ['', '京A-0744', '京A-0731']
  return operationOf({ name: '车站', reason: '核实线索', cordon: { latitude: centre[1], longitude: centre[0], radiusMetres: 900, ring: null }, posts: posts.map((p, n) => ({ ...p, name: `卡点 ${n + 1}`, unitId: units[n] ?? '' })) })
}

function piecesOf(posts) {
  return posts.map((p, n) => {
    const next = posts[(n + 1) % posts.length]
    return { line: [[p.longitude, p.latitude], [next.longitude, next.latitude]], closed: p.state === 'held' && next.state === 'held' }
  })
}

/** What the live positions of the cars would make of the newest cordon. */
export function postsBecome(field, broadcast, states) {
  const [newest, ...rest] = field.operations
  const posts = newest.posts.map((p, n) => ({ ...p, state: states[n] ?? p.state, metres: states[n] === 'held' ? 12 : p.metres, readAtUnixMs: p.unitId ? Date.now() : null, arrivedAtUnixMs: states[n] === 'held' ? Date.now() : null }))
  field.operations = [{ ...newest, posts, pieces: piecesOf(posts) }, ...rest]
  broadcast('containment', field.operations)
}

function assigned(operation, postId, unitId) {
  const posts = operation.posts.map((p) => (p.postId === postId ? { ...p, unitId, state: unitId ? 'ordered' : 'open' } : p))
  return { ...operation, posts, pieces: piecesOf(posts) }
}
