using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.Contract;

/// <summary>Whom a verifier believes about lists.</summary>
/// <param name="Roots">Roots of list issuers and approvers; never the roots of devices.</param>
/// <param name="ApproversRequired">Different approvers needed, the issuer not counted.</param>
public sealed record ListTrust(IReadOnlyList<X509Certificate2> Roots, int ApproversRequired = 2);
