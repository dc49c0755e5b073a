using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// Whether the other end is the centre: its certificate leads to one of our device roots, is a server's and bears the name that
/// was dialled. The system's roots count for nothing.
/// </summary>
internal sealed class CentreTrust(string host, X509Certificate2Collection roots, Func<TrustedNow> clock)
{
    private const string ServerAuthenticationOid = "1.3.6.1.5.5.7.3.1";

    /// <summary>Why the last certificate was not believed, null if it was.</summary>
    public string? Refusal { get; private set; }

    public bool Accept(X509Certificate? certificate, X509Chain? sent)
    {
        Refusal = certificate is X509Certificate2 leaf ? Judge(leaf, sent) : "The centre showed no certificate.";
        return Refusal is null;
    }

    public SslClientAuthenticationOptions ToSslOptions(X509Certificate2? client)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => Accept(certificate, chain),
        };
        if (client is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(client, additionalCertificates: null, offline: true);
        return options;
    }

    private string? Judge(X509Certificate2 leaf, X509Chain? sent)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ServerAuthenticationOid));
        if (sent is not null)
            policy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = At(policy.ExtraStore.Append(leaf)).UtcDateTime;
        if (!chain.Build(leaf))
            return $"The centre's certificate is not trusted: {string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation.Trim())).Trim()}";
        return leaf.MatchesHostname(host) ? null : $"The centre's certificate is not for {host}.";
    }

    // A clock that may be behind cannot tell that a certificate has not begun, only that it has ended: otherwise a car whose
    // battery was out could never again be told the time.
    private DateTimeOffset At(IEnumerable<X509Certificate2> shown)
    {
        var now = clock();
        if (!now.MayBeBehind)
            return now.At;
        var begun = shown.Concat(roots).Max(certificate => new DateTimeOffset(certificate.NotBefore.ToUniversalTime()));
        return now.At > begun ? now.At : begun;
    }
}
