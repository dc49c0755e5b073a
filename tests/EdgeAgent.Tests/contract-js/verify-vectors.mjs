// node verify-vectors.mjs FILE: checks dispatch-client/Contract/vectors with node:crypto alone.
import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import assert from 'node:assert/strict';
import { preAuthenticationEncoding, sha256, type, verifies } from './contract.mjs';

const vectors = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const bytes = text => Buffer.from(text, 'base64');

for (const v of vectors.signatures) {
  const spki = bytes(v.publicKey);
  assert.equal(preAuthenticationEncoding(v.payloadType, bytes(v.payload)).toString('base64'), v.preAuthenticationEncoding, v.name);
  assert.equal(sha256(spki).toString('hex'), v.keyId, v.name);
  assert.equal(verifies(v.payloadType, bytes(v.payload), spki, bytes(v.signature)), v.valid, v.name);
}
console.log(`signatures ${vectors.signatures.length}`);

const envelopeType = type('SignedEnvelope');
const listType = type('Watchlist');
for (const v of vectors.lists) {
  const envelope = envelopeType.decode(bytes(v.envelope));
  assert.equal(envelope.payload_type, 'application/vnd.patrol.watchlist.v1', v.name);
  const roots = v.roots.map(root => new X509Certificate(bytes(root)));
  const signers = envelope.signatures.map(signature => {
    const leaf = new X509Certificate(signature.certificates[0]);
    const spki = leaf.publicKey.export({ format: 'der', type: 'spki' });
    return {
      role: signature.role,
      key: sha256(spki).toString('hex'),
      trusted: roots.some(root => leaf.checkIssued(root) && leaf.verify(root.publicKey)),
      signed: sha256(spki).equals(signature.key_id) && verifies(envelope.payload_type, envelope.payload, spki, signature.signature),
    };
  });
  const issuer = signers.find(signer => signer.role === 'SIGNER_ROLE_ISSUER');
  const approvers = new Set(signers.filter(s => s.role === 'SIGNER_ROLE_APPROVER' && s.trusted && s.key !== issuer.key).map(s => s.key));
  const code = !issuer.trusted ? 'unknown_issuer'
    : signers.some(signer => !signer.signed) ? 'bad_signature'
    : approvers.size < 2 ? 'too_few_approvers'
    : 'accepted';
  // What stands in the certificate's own extension is ASN.1, which node:crypto does not read: its bytes must name the category.
  const named = new X509Certificate(envelope.signatures.find(s => s.role === 'SIGNER_ROLE_ISSUER').certificates[0]).raw.toString('latin1');
  const list = code === 'bad_signature' ? null : listType.decode(envelope.payload);
  const allowed = list === null || named.includes(list.category.replace('LIST_CATEGORY_', ''));
  assert.equal(code === 'accepted' && !allowed ? 'issuer_not_allowed_category' : code, v.code, v.name);
}
console.log(`lists ${vectors.lists.length}`);
