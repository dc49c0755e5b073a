// node car.mjs PORT DIRECTORY: a car in grpc-js, for the C# centre to talk to. DIRECTORY holds ca.pem, unit.pem, unit.key,
// rogue.pem, rogue.key and signer.pem. Fails with a non-zero exit code at the first thing that is not as the contract says.
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { grpc, read, say, services, sha256, type, verifies } from './contract.mjs';

const [port, directory] = process.argv.slice(2);
const address = `localhost:${port}`;
const root = read(directory, 'ca.pem');
const as = who => grpc.credentials.createSsl(root, who && read(directory, `${who}.key`), who && read(directory, `${who}.pem`));
const deadline = () => ({ deadline: Date.now() + 10_000 });
const unary = (client, method, request) => new Promise(resolve => client[method](request, deadline(), (error, reply) => resolve(error ?? reply)));

function event(number, text) {
  return {
    id: Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6, 0x70]), randomBytes(9)]),
    lane: 'LANE_CALLS', number, priority: 'PRIORITY_URGENT', captured_at_unix_ms: 1780000000123, time_trust: 'TIME_TRUST_CENTRE',
    officer_id: '警官-7', call_step: { act: 'CALL_ACT_NOTE', text },
  };
}

const health = {
  id: Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6, 0x70]), randomBytes(9)]),
  lane: 'LANE_STATUS', number: 1, priority: 'PRIORITY_HISTORY', captured_at_unix_ms: 1780000000124, time_trust: 'TIME_TRUST_CENTRE',
  unit_health: {
    software_version: 'js', troubles: ['low_voltage'], judgement: { ill: [] },
    power: { ignition_on: false, battery_percent: 17.5, off_in_ms: 42000, off_reason: 'low_voltage' },
    modem: { condition: 'connected', technology: 'lte', operator_name: '中国移动' },
    clock: { trust: 'TIME_TRUST_GNSS', last_jump_ms: -86400000, jumped_by: 'TIME_TRUST_CENTRE' },
  },
};

/** Everything one session brings, by kind; `until` says when it is enough. */
function session(credentials, send, until) {
  const client = new services.Link(address, credentials);
  return new Promise(resolve => {
    const told = [];
    const call = client.Session(deadline());
    call.on('data', message => {
      told.push(message);
      if (message.body === 'command') call.write({ command_ack: { command_id: message.command.id, outcome: 'COMMAND_OUTCOME_STORED' } });
      if (until(told)) {
        call.write({ goodbye: { code: 'stopping' } });
        call.end();
      }
    });
    call.on('end', () => {});
    call.on('status', status => { client.close(); resolve({ told, status }); });
    call.on('error', () => {});
    for (const message of send) call.write(message);
  });
}

const hello = { hello: { version_min: 1, version_max: 1, software_version: 'js', incarnation: randomBytes(16), camera_ids: ['cam1'] } };
const first = event(1, '第一');
const nonce = randomBytes(16);
const done = told => told.filter(m => m.body === 'acks').flatMap(m => m.acks.acks).length >= 4
  && told.some(m => m.body === 'signed_time') && told.some(m => m.body === 'command');
const up = await session(as('unit'), [hello, { events: { events: [first, event(2, 'second')] } }, { events: { events: [first] } }, { events: { events: [health] } }, { time_request: { nonce } }], done);
assert.equal(up.status.code, grpc.status.OK, up.status.details);
assert.equal(up.told[0].welcome.unit_id, 'unit-js');
const acks = up.told.filter(m => m.body === 'acks').flatMap(m => m.acks.acks);
assert.deepEqual(acks.map(a => a.status), ['ACK_STATUS_STORED', 'ACK_STATUS_STORED', 'ACK_STATUS_DUPLICATE', 'ACK_STATUS_STORED']);
assert.deepEqual(acks[0].event_id, first.id);
say({ session: 'ok', command: up.told.find(m => m.body === 'command').command.instruction.text });

const envelope = up.told.find(m => m.body === 'signed_time').signed_time;
const spki = new X509Certificate(read(directory, 'signer.pem')).publicKey.export({ format: 'der', type: 'spki' });
assert.ok(verifies(envelope.payload_type, envelope.payload, spki, envelope.signatures[0].signature));
assert.deepEqual(envelope.signatures[0].key_id, sha256(spki));
const time = type('SignedTime').decode(envelope.payload);
assert.deepEqual([time.nonce, time.unit_id], [nonce, 'unit-js']);
say({ time: time.unix_ms });

const lists = new services.Watchlists(address, as('unit'));
const index = await unary(lists, 'Index', {});
const offer = index.offers[0];
const chunks = [];
for await (const chunk of lists.Fetch({ list_id: offer.list_id, version: offer.version }, deadline())) chunks.push(chunk.data);
const fetched = Buffer.concat(chunks);
assert.equal(fetched.length, offer.size_bytes);
assert.deepEqual(sha256(fetched), offer.sha256);
const gone = await new Promise(resolve => lists.Fetch({ list_id: 'no-such' }, deadline()).on('data', () => {}).on('error', resolve));
assert.equal(gone.code, grpc.status.NOT_FOUND);
say({ list: type('Watchlist').decode(type('SignedEnvelope').decode(fetched).payload).title_zh });

const evidence = new services.Evidence(address, as('unit'));
const content = randomBytes(200_000);
const attachment = { sha256: sha256(content), size_bytes: content.length, media_type: 'image/jpeg', role: 'ATTACHMENT_ROLE_SCENE' };
const upload = (id, offset, bytes) => new Promise(resolve => {
  const call = evidence.Upload(deadline(), (error, receipt) => resolve(error ?? receipt));
  call.write({ header: { attachment, event_id: id, offset } });
  for (let at = 0; at < bytes.length; at += 65536) call.write({ data: bytes.subarray(at, at + 65536) });
  call.end();
});
assert.equal((await upload(randomBytes(16), 0, content)).code, grpc.status.NOT_FOUND);
assert.equal((await upload(first.id, 5, content)).code, grpc.status.OUT_OF_RANGE);
const receipt = await upload(first.id, 0, content);
assert.deepEqual([receipt.sha256, receipt.size_bytes], [attachment.sha256, content.length]);
const status = await unary(evidence, 'Status', { sha256: [attachment.sha256, randomBytes(32)] });
assert.deepEqual(status.items.map(item => item.complete), [true, false]);
say({ evidence: content.length });

const nobody = await session(as(null), [hello], () => false);
assert.equal(nobody.status.code, grpc.status.UNAUTHENTICATED, nobody.status.details);
const rogue = await session(as('rogue'), [hello], () => false);
assert.equal(rogue.status.code, grpc.status.UNAVAILABLE, rogue.status.details);
say({ refused: ['nobody', 'rogue'] });
process.exit(0);
