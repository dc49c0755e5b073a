// Case records and requests on the terminal's fixture, answered as the host does.
import { personPicture } from './media.mjs'

const minute = 60_000
const blank = (id, now) => ({
  id,
  state: 'draft',
  createdAtUnixMs: now,
  officerId: '041207',
  fields: { kind: 'dispute', callId: '', place: '', happenedAtUnixMs: now, persons: [], statement: '', outcome: '', legalBasis: '' },
  personSignatures: [],
  officerSignature: '',
  pictures: [],
  answer: '',
})

/** `fixture.records` by id; `fixture.refuse` is the code of the next refusal. */
export function withRecords(fixture) {
  const now = Date.now()
  fixture.records = new Map()
  fixture.refuse = ''
  fixture.state.position.speedMps = 0.2
  let made = 0
  let hashes = 0
  const hash = () => String(++hashes).padStart(64, '0')
  const tell = () => {
    fixture.state.areas = {
      ...fixture.state.areas,
      records: {
        cases: [...fixture.records.values()].map((r) => ({ id: r.id, kind: r.fields.kind, state: r.state, atUnixMs: r.createdAtUnixMs, officerId: r.officerId, persons: r.fields.persons.length, pictures: r.pictures.length, answer: r.answer })),
        requests: fixture.requestsMade,
      },
    }
  }
  fixture.requestsMade = [{ id: 'q-0', kind: 'office', office: 'household', state: 'answered', atUnixMs: now - 90 * minute, officerId: '041207', answer: '请到户籍窗口办理' }]
  fixture.addRecord = (change = {}) => {
    const record = { ...blank(`r-${++made}`, now - 30 * minute), ...change }
    fixture.records.set(record.id, record)
    tell()
    return record
  }
  tell()
  fixture.extra = ({ method, path, body }) => {
    if (method !== 'GET' && fixture.refuse && (path.startsWith('/api/records') || path.startsWith('/api/requests'))) {
      const code = fixture.refuse
      fixture.refuse = ''
      return { status: 409, body: { code } }
    }
    if (path === '/api/pictures') return { body: { id: `00000000-0000-7000-8000-00000000000${++made}`, cameraId: body.cameraId, capturedUnixMs: Date.now() } }
    if (path.startsWith('/api/pictures/')) return { status: 204 }
    if (path === '/api/requests') {
      fixture.requestsMade = [{ id: `q-${++made}`, kind: body.kind, office: body.office, state: 'sent', atUnixMs: Date.now(), officerId: '041207', answer: '' }, ...fixture.requestsMade]
      tell()
      return { body: { id: 'q' } }
    }
    if (path === '/api/records') return { body: fixture.addRecord({ createdAtUnixMs: Date.now() }) }
    const [, id, rest] = /^\/api\/records\/([^/]+)(.*)$/.exec(path) ?? []
    const record = fixture.records.get(id)
    if (!id) return null
    if (!record) return { status: 404, body: { code: 'unknown_record' } }
    const unsign = () => Object.assign(record, { personSignatures: [], officerSignature: '' })
    if (rest === '' && method === 'GET') return { body: structuredClone(record) }
    if (rest === '' && method === 'DELETE') fixture.records.delete(id)
    else if (rest === '') Object.assign(unsign(), { fields: body })
    else if (rest === '/finish') record.state = 'sent'
    else if (rest === '/pictures') Object.assign(unsign(), { pictures: [...record.pictures, hash()] })
    else if (rest === '/signatures' && body.person === null) record.officerSignature = hash()
    else if (rest === '/signatures') record.personSignatures = record.fields.persons.map((_, n) => (n === body.person ? hash() : record.personSignatures[n] ?? ''))
    else if (method === 'GET') return { type: 'image/svg+xml', bytes: personPicture('#39424a') }
    else if (method === 'DELETE') Object.assign(unsign(), { pictures: record.pictures.filter((p) => !rest.endsWith(p)) })
    tell()
    return { status: 204 }
  }
  return fixture
}

export const fullFields = (now = Date.now()) => ({
  kind: 'dispute',
  callId: '',
  place: '望江路 12 号',
  happenedAtUnixMs: now,
  persons: [
    { role: 'party', name: '王建国', idNumber: '11010519491231002X', phone: '13800138000', statement: '他先占了车位。', refused: false },
    { role: 'party', name: '赵雨薇', idNumber: '', phone: '', statement: '', refused: false },
  ],
  statement: '双方因停车位发生争执，无人受伤。',
  outcome: '双方互相道歉，当场和解。',
  legalBasis: '',
})
