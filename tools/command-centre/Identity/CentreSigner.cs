using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>Signs what the centre itself vouches for: time, rosters, configuration. Never lists. Safe from any thread.</summary>
internal sealed class CentreSigner : IDisposable
{
    private readonly Lock gate = new();
    private readonly ECDsa key;

    public CentreSigner(X509Certificate2 certificate)
    {
        Certificate = certificate;
        key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The centre signer has no key.", nameof(certificate));
    }

    public X509Certificate2 Certificate { get; }

    public static CentreSigner Load(DataFolder folder) => new(KeyPair.Load(folder, CentreKeys.CentreSigner));

    public SignedEnvelope Sign(string type, IMessage payload) => Sign(type, payload.ToByteArray());

    /// <summary>Bytes as they stand.</summary>
    public SignedEnvelope Sign(string type, byte[] payload)
    {
        lock (gate)
            return Envelopes.Sign(type, payload, new EnvelopeSigner(SignerRole.Centre, key, []));
    }

    public void Dispose()
    {
        key.Dispose();
        Certificate.Dispose();
    }
}
