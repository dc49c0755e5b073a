// The centre's side of live views: leases, their video, who steers, who watches what.
import { stream } from './media.mjs'

const cameraIds = (fixture, unitId) => (fixture.units.find((u) => u.unitId === unitId)?.cameras ?? []).map((c) => c.id)

/** Answers what concerns live views; `broadcast` tells every console. */
export function liveFixture(fixture, clip, broadcast) {
  fixture.hands = []
  fixture.othersWatched = []
  fixture.kept = []
  const told = ([leaseId, l]) => ({ leaseId, unitId: l.unitId, cameraId: l.cameraId, account: 'chenlei', reason: l.reason, quality: l.quality ?? 'sub', startedAtUnixMs: l.startedAtUnixMs, endsAtUnixMs: l.endsAtUnixMs, screens: l.socket?.open ? 1 : 0 })
  const now = () => {
    const mine = [...fixture.leases].filter(([, l]) => !l.over).map(told)
    return { mine, hands: fixture.hands, watched: ['supervisor', 'admin'].includes(fixture.role) ? [...mine, ...fixture.othersWatched] : null }
  }
  const tell = () => broadcast('live', now())
  fixture.tellLive = tell
  fixture.endLease = (leaseId, reason) => {
    const lease = fixture.leases.get(leaseId)
    lease.over = true
    lease.socket?.send(JSON.stringify({ ended: true, reason }))
    tell()
  }

  const begin = ({ unitId, cameraId, allCameras, reason, minutes, quality }) => {
    if (fixture.liveStatus !== 200) return { status: fixture.liveStatus, body: { code: fixture.liveCode ?? 'unit_offline' } }
    if (!reason) return { status: 400, body: { code: 'reason_required' } }
    const begun = (allCameras ? cameraIds(fixture, unitId) : [cameraId]).map((camera) => {
      const leaseId = `lease-${fixture.leases.size + 1}`
      const lease = { unitId, cameraId: camera, reason, minutes, quality, startedAtUnixMs: Date.now(), endsAtUnixMs: Date.now() + minutes * 60_000 }
      fixture.leases.set(leaseId, lease)
      return { leaseId, cameraId: camera, endsAtUnixMs: lease.endsAtUnixMs }
    })
    tell()
    return { body: { ...begun[0], leases: begun } }
  }

  const act = (leaseId, lease, what, body) => {
    if (!body.reason && what !== 'hand') return { status: 400, body: { code: 'reason_required' } }
    if (fixture.actStatus) return fixture.actStatus
    if (what === 'renew') Object.assign(lease, { reason: body.reason, endsAtUnixMs: Date.now() + body.minutes * 60_000 })
    if (what === 'hand') fixture.hands = [{ unitId: lease.unitId, cameraId: lease.cameraId, leaseId, account: 'chenlei', freeAtUnixMs: Date.now() + 15_000 }]
    if (what === 'snapshot' || what === 'mark') fixture.kept.push({ leaseId, what, ...body })
    tell()
    return { status: what === 'hand' ? 204 : 200, body: { exhibitId: `0192-${fixture.kept.length}`, endsAtUnixMs: lease.endsAtUnixMs } }
  }

  const answer = ({ method, path, body }) => {
    if (path === '/api/ptz') return fixture.ptzStatus ?? { status: 204 }
    if (path === '/api/live' && method === 'POST') return begin(body)
    const [, leaseId, what] = /^\/api\/live\/([^/]+)(?:\/(renew|snapshot|mark|hand))?$/.exec(path) ?? []
    if (!leaseId) return null
    if (what) return act(leaseId, fixture.leases.get(leaseId), what, body)
    const others = fixture.othersWatched.some((l) => l.leaseId === leaseId)
    fixture.othersWatched = fixture.othersWatched.filter((l) => l.leaseId !== leaseId)
    if (fixture.leases.has(leaseId)) fixture.endLease(leaseId, 'ended by the viewer')
    tell()
    return { status: others || fixture.leases.has(leaseId) ? 204 : 404, body: {} }
  }

  /** Null: not a live view's socket. */
  const accept = (path, socket) => {
    const [, leaseId] = /^\/api\/live\/([^/]+)\/video$/.exec(path) ?? []
    if (!leaseId) return null
    const lease = fixture.leases.get(leaseId)
    if (!lease || !clip) return false
    lease.socket = socket.greet()
    lease.stop = stream(socket, clip)
    tell()
    return true
  }
  return { now, answer, accept }
}
