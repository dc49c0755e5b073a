using System.Security.Cryptography;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>One who signs an envelope.</summary>
/// <param name="Role">The part that the signer plays; verifiers hold it against the signer's certificate.</param>
/// <param name="Key">P-256 private key. The caller owns it.</param>
/// <param name="CertificatesDer">Certificates to send along, leaf first, without the root; none where the verifier knows the key.</param>
public sealed record EnvelopeSigner(SignerRole Role, ECDsa Key, IReadOnlyList<byte[]> CertificatesDer);
