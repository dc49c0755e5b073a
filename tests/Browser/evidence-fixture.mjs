// The centre's side of evidence: what is found, one piece with what was made of it, holds, redactions, packages.
import { personPicture, platePicture } from './media.mjs'

const day = 86_400_000

export function evidenceFixture(fixture) {
  const at = Date.now() - 40 * 60_000
  const found = (id, kind, change = {}) => ({ ...{ id, kind, unitId: '京A-0731', cameraId: 'cam3', fromUnixMs: at, toUnixMs: at, latitude: 39.9089, longitude: 116.3952, category: '', alertKind: '', verdict: '', fileState: 'here', mediaType: 'video/mp4', callNumber: '', madeBy: '', held: false }, ...change })
  fixture.evidence = [
    found('0191-a001', 'alert', { category: 'stolen_vehicle', alertKind: 'plate', verdict: 'confirmed' }),
    found('0191-a002', 'alert', { category: 'missing_or_vulnerable', alertKind: 'face', verdict: 'rejected', fileState: 'none', mediaType: '', unitId: '京A-0744' }),
    found('0191-b001', 'snapshot', { mediaType: 'image/jpeg', callNumber: 'J-0417', madeBy: 'wang', held: true }),
    found('0191-c001', 'clip', { fileState: 'none', mediaType: '', madeBy: 'chenlei', stateReason: 'not_in_ring' }),
    found('0191-d001', 'copy', { madeBy: 'chenlei', sourceId: '0191-a001' }),
  ]
  fixture.holds = new Map([['0191-b001', { by: 'zhaomin', reason: '核对线索', atUnixMs: at }]])
  fixture.jobs = new Map()
  fixture.exports = []
  fixture.evidenceStatus = null
  const box = (frame, x, y) => ({ frame, x, y, width: 60, height: 60 })
  const tracks = () => [
    { id: 'face-1', kind: 'face', keep: false, boxes: [box(0, 80, 90), box(200, 300, 120)] },
    { id: 'plate-2', kind: 'plate', keep: false, boxes: [{ frame: 0, x: 420, y: 250, width: 90, height: 30 }, { frame: 239, x: 380, y: 240, width: 90, height: 30 }] },
  ]

  const detail = (f) => ({
    ...f,
    ...{ reason: f.kind === 'alert' ? '' : '核实现场', madeAtUnixMs: f.madeBy ? at : null, sourceId: f.sourceId ?? null, state: f.fileState, stateReason: f.stateReason ?? (f.kind === 'alert' ? 'no_video' : ''), sizeBytes: 1_000_000, sha256: f.fileState === 'here' ? 'ab12'.repeat(16) : '' },
    fileUrl: f.fileState === 'here' ? `/api/evidence/${f.id}/file` : null,
    incident: f.kind === 'alert' ? { category: f.category, listedText: f.alertKind === 'plate' ? '京A7F3K9' : 'MP-2026-0417', verdict: f.verdict } : null,
    hold: fixture.holds.get(f.id) ?? null,
    made: fixture.evidence.filter((m) => m.sourceId === f.id).map((m) => ({ id: m.id, kind: m.kind, madeBy: m.madeBy, madeAtUnixMs: at, state: m.fileState, stateReason: '', mediaType: m.mediaType })),
  })

  const search = ({ kinds, unitId, callNumber, plate, purpose, heldOnly, fromUnixMs, toUnixMs }) => {
    if (plate && !purpose) return { status: 400, body: { code: 'purpose_required' } }
    if (toUnixMs < fromUnixMs || toUnixMs - fromUnixMs > 400 * day) return { status: 400, body: { code: 'bad_search_span' } }
    const fits = (f) => kinds.includes(f.kind) && (!unitId || f.unitId === unitId) && (!callNumber || f.callNumber === callNumber) && (!heldOnly || fixture.holds.has(f.id)) && (!plate || f.alertKind === 'plate')
    return { body: { found: fixture.evidence.filter(fits).map((f) => ({ ...f, held: fixture.holds.has(f.id) })), more: false } }
  }

  const redaction = (jobId, method, what, body) => {
    const job = fixture.jobs.get(jobId)
    if (!job) return { status: 404, body: { code: 'unknown_redaction' } }
    if (method === 'DELETE') {
      job.state = 'cancelled'
      return { status: 204 }
    }
    if (what) {
      Object.assign(job, { edits: body, state: 'rendering', framesDone: 120 })
      setTimeout(() => {
        fixture.evidence.push(found('0191-d002', 'copy', { madeBy: 'chenlei', sourceId: job.itemId }))
        Object.assign(job, { state: 'done', copyId: '0191-d002' })
      }, 1500)
      return { status: 204 }
    }
    return { body: job }
  }

  const file = (f, { range }) => {
    if (f.mediaType.startsWith('image/')) return { type: 'image/svg+xml', bytes: personPicture('#39424a') }
    const [, from = '0', to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
    const end = Math.min(Number(to || fixture.video.length - 1), fixture.video.length - 1)
    return { status: range ? 206 : 200, type: 'video/mp4', bytes: fixture.video.subarray(Number(from), end + 1), headers: range ? { 'accept-ranges': 'bytes', 'content-range': `bytes ${from}-${end}/${fixture.video.length}` } : { 'accept-ranges': 'bytes' } }
  }

  const act = (f, what, { method, body }) => {
    if (method === 'POST' && !body.reason) return { status: 400, body: { code: 'reason_required' } }
    if (what === 'hold') {
      if (body.hold) fixture.holds.set(f.id, { by: 'chenlei', reason: body.reason, atUnixMs: Date.now() })
      else fixture.holds.delete(f.id)
      return { status: 204 }
    }
    if (what === 'export') {
      fixture.exports.push({ id: f.id, reason: body.reason })
      return fixture.evidenceStatus ?? { type: 'application/zip', bytes: Buffer.from('PK') }
    }
    if (what === 'custody')
      return { body: { origins: [{ eventId: f.id, unitId: f.unitId, capturedAtUnixMs: at, signatureValid: true }], steps: [{ atUnixMs: at, actor: 'wang', action: 'incident_read', subject: f.id, purpose: 'console' }, { atUnixMs: at + 1000, actor: 'zhaomin', action: 'evidence_held', subject: f.id, purpose: '核对线索' }] } }
    const jobId = `job-${fixture.jobs.size + 1}`
    const job = { state: 'finding', code: '', framesDone: 80, frames: 240, width: 640, height: 360, framesPerSecond: 12, itemId: f.id, copyId: null, tracks: [] }
    fixture.jobs.set(jobId, job)
    setTimeout(() => Object.assign(job, { state: 'ready', framesDone: 240, tracks: tracks() }), fixture.findingMs ?? 1000)
    return { body: { jobId } }
  }

  /** Null: nothing of evidence. */
  return (request) => {
    const { method, path, body } = request
    if (path === '/api/evidence/search') return search(body)
    const [, jobId, render] = /^\/api\/redactions\/([^/]+)(\/render)?$/.exec(path) ?? []
    if (jobId) return redaction(jobId, method, render, body)
    const [, thumb] = /^\/api\/incidents\/(0191-a00\d)\/seen\.jpg$/.exec(path) ?? []
    if (thumb) return { type: 'image/svg+xml', bytes: platePicture('京A7F3K9') }
    const [, id, what] = /^\/api\/evidence\/([^/]+)(?:\/(file|custody|hold|redactions|export))?$/.exec(path) ?? []
    if (!id) return null
    const f = fixture.evidence.find((e) => e.id === id)
    if (!f) return { status: 404, body: {} }
    if (what === 'file') return file(f, request)
    return what ? act(f, what, request) : { body: detail(f) }
  }
}
