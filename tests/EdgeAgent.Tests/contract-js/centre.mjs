// node centre.mjs DIRECTORY [deaf]: a centre in grpc-js, for the C# car to talk to. DIRECTORY holds ca.pem, server.pem, server.key,
// signer.pem, signer.key and list.bin. Says {"port":N} first, then one line for each thing it was told. A line on standard
// input steers it: "command TEXT", "refuse CODE", "goodbye".
import { createInterface } from 'node:readline';
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { grpc, preAuthenticationEncoding, read, say, services, sha256, type } from './contract.mjs';

const directory = process.argv[2];
const signedTime = type('SignedTime');
const signer = createPrivateKey(read(directory, 'signer.key'));
const signerKeyId = sha256(new X509Certificate(read(directory, 'signer.pem')).publicKey.export({ format: 'der', type: 'spki' }));
const list = read(directory, 'list.bin');
const durable = new Set();
const objects = new Map();
let refuse = null;
let breakUpload = true;
let current = null;
let deaf = process.argv[3] === 'deaf';

function session(call) {
  const unit = call.getAuthContext().sslPeerCertificate.subject.CN;
  if (refuse !== null) return call.emit('error', { code: refuse, details: `${unit} 不受欢迎` });
  call.on('data', message => {
    if (message.body === 'hello') {
      say({ hello: message.hello.software_version, incarnation: message.hello.incarnation.length, unit });
      call.write({ welcome: { version: 1, unit_id: unit, session_id: Buffer.from([1, 2]), window_events: 4, watermarks: [] } });
      current = call;
      if (deaf) {
        // Reads no more and ends without a reset: what the car is writing is held back by flow control.
        deaf = false;
        call.pause();
        setTimeout(() => call.emit('error', { code: grpc.status.UNAVAILABLE, details: 'deaf' }), 200);
      }
    } else if (message.body === 'events') {
      call.write({ acks: { acks: message.events.events.map(answer) } });
    } else if (message.body === 'position') {
      say({ position: message.position.position.latitude_degrees, availability: message.position.availability });
    } else if (message.body === 'command_ack') {
      say({ commandAck: message.command_ack.command_id.toString('hex'), outcome: message.command_ack.outcome });
    } else if (message.body === 'time_request') {
      call.write({ signed_time: time(message.time_request.nonce, unit) });
    } else if (message.body === 'goodbye') {
      say({ goodbye: message.goodbye.code });
    }
  });
  call.on('end', () => call.end());
  call.on('error', () => {});
}

function answer(event) {
  const id = event.id.toString('hex');
  say({ event: event.number, lane: event.lane, text: event.call_step?.text, officer: event.officer_id, attachments: event.attachments.length });
  if (event.call_step?.text === 'refuse me') return { event_id: event.id, status: 'ACK_STATUS_REFUSED', code: 'odd', detail: '不收' };
  const status = durable.has(id) ? 'ACK_STATUS_DUPLICATE' : 'ACK_STATUS_STORED';
  durable.add(id);
  return { event_id: event.id, status };
}

function time(nonce, unit) {
  const payload = signedTime.encode({ nonce, unix_ms: 1788000000000, unit_id: unit });
  const payload_type = 'application/vnd.patrol.time.v1';
  const signature = sign('sha256', preAuthenticationEncoding(payload_type, payload), { key: signer, dsaEncoding: 'ieee-p1363' });
  return { payload_type, payload, signatures: [{ role: 'SIGNER_ROLE_CENTRE', algorithm: 'ES256', signature, key_id: signerKeyId }] };
}

function upload(call, done) {
  let header = null;
  let hash = null;
  let size = 0;
  call.on('data', message => {
    if (message.part === 'header') {
      header = message.header;
      const there = objects.get(header.attachment.sha256.toString('hex')) ?? Buffer.alloc(0);
      say({ upload: header.attachment.media_type, offset: header.offset });
      hash = createHash('sha256').update(there);
      size = there.length;
      header.data = [there];
      return;
    }
    header.data.push(message.data);
    hash.update(message.data);
    size += message.data.length;
    if (breakUpload && size >= 100000) {
      breakUpload = false;
      objects.set(header.attachment.sha256.toString('hex'), Buffer.concat(header.data));
      call.removeAllListeners('data');
      done({ code: grpc.status.UNAVAILABLE, details: 'cut' });
    }
  });
  call.on('end', () => {
    if (!hash.digest().equals(header.attachment.sha256)) return done({ code: grpc.status.DATA_LOSS, details: 'hash' });
    objects.set(header.attachment.sha256.toString('hex'), Buffer.concat(header.data));
    say({ complete: size });
    done(null, { sha256: header.attachment.sha256, size_bytes: size });
  });
}

const server = new grpc.Server();
server.addService(services.Link.service, { Session: session });
server.addService(services.Watchlists.service, {
  Index: (_, done) => done(null, { offers: [{ list_id: 'stolen-1', version: 3, kind: 'LIST_KIND_PLATES', size_bytes: list.length, sha256: sha256(list) }] }),
  Fetch: call => {
    if (call.request.list_id !== 'stolen-1') return call.emit('error', { code: grpc.status.NOT_FOUND, details: 'revoked' });
    for (let at = call.request.offset; at < list.length; at += 300) {
      call.write({ offset: at, data: list.subarray(at, at + 300), total_bytes: list.length });
    }
    call.end();
  },
});
server.addService(services.Evidence.service, {
  Status: (call, done) => done(null, {
    items: call.request.sha256.map(hash => {
      const there = objects.get(hash.toString('hex'));
      return { sha256: hash, durable_bytes: there?.length ?? 0, complete: there !== undefined && sha256(there).equals(hash) };
    }),
  }),
  Upload: upload,
});

createInterface({ input: process.stdin }).on('line', line => {
  const [verb, word] = line.split(' ');
  if (verb === 'command') current.write({ command: { id: Buffer.alloc(16, 7), issuer: 'dispatcher', instruction: { text: word } } });
  if (verb === 'refuse') refuse = grpc.status[word] ?? null;
  if (verb === 'goodbye') current.write({ goodbye: { code: 'maintenance', retry_after_ms: 1 } });
}).on('close', () => process.exit(0));

const credentials = grpc.ServerCredentials.createSsl(
  read(directory, 'ca.pem'), [{ cert_chain: read(directory, 'server.pem'), private_key: read(directory, 'server.key') }], true);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error) throw error;
  say({ port });
});
