// The contract as grpc-js sees it: loaded from the .proto files, nothing shared with the C# code.
import { readFileSync } from 'node:fs';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const protos = join(dirname(fileURLToPath(import.meta.url)), '../../../dispatch-client/Contract/protos');
const files = ['link', 'watchlist', 'evidence', 'envelope', 'event', 'video', 'voice', 'enrolment'].map(f => `patrol/dispatch/v1/${f}.proto`);
const options = { keepCase: true, longs: Number, enums: String, bytes: Buffer, defaults: true, oneofs: true, includeDirs: [protos] };

export const services = grpc.loadPackageDefinition(loader.loadSync(files, options)).patrol.dispatch.v1;

/** One message type, for bytes that travel inside others. */
export function type(name) {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(protos, target);
  root.loadSync(files, { keepCase: true });
  const found = root.lookupType(`patrol.dispatch.v1.${name}`);
  return {
    decode: bytes => found.toObject(found.decode(bytes), { longs: Number, enums: String, bytes: Buffer, defaults: true }),
    encode: value => Buffer.from(found.encode(found.fromObject(value)).finish()),
  };
}

/** DSSE's pre-authentication encoding. */
export function preAuthenticationEncoding(payloadType, payload) {
  const t = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${t.length} `), t, Buffer.from(` ${payload.length} `), payload]);
}

/** ES256: r||s over the pre-authentication encoding, by a SubjectPublicKeyInfo. */
export function verifies(payloadType, payload, spki, signature) {
  if (signature.length !== 64) return false;
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify('sha256', preAuthenticationEncoding(payloadType, payload), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

export const sha256 = bytes => createHash('sha256').update(bytes).digest();

export const read = (directory, file) => readFileSync(join(directory, file));

/** One JSON line to whoever started us. */
export const say = value => process.stdout.write(JSON.stringify(value) + '\n');

export { grpc };
