using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>Asks for the centre's time over a fresh nonce and believes one answer to it, once.</summary>
internal sealed class TimeExchange(string unitId, X509Certificate2Collection signers, TimeProvider time)
{
    private const int NonceBytes = 16;
    private readonly Lock gate = new();
    private byte[]? nonce;
    private long askedAt;

    public TimeRequest Ask()
    {
        lock (gate)
        {
            nonce = RandomNumberGenerator.GetBytes(NonceBytes);
            askedAt = time.GetTimestamp();
            return new TimeRequest { Nonce = ByteString.CopyFrom(nonce) };
        }
    }

    /// <summary>The time, or null and why the answer is not believed.</summary>
    public VerifiedTime? Take(SignedEnvelope answer, out string why)
    {
        var receivedAt = time.GetTimestamp();
        if (Envelopes.OpenTrusted(answer, Envelopes.TimeType, SignerRole.Centre, signers) is not { } payload)
        {
            why = "it is not signed by the centre's key";
            return null;
        }
        SignedTime said;
        try
        {
            said = SignedTime.Parser.ParseFrom(payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            why = "it cannot be read";
            return null;
        }
        lock (gate)
        {
            why = said.UnitId != unitId ? "it is for another unit"
                : nonce is null || !said.Nonce.Span.SequenceEqual(nonce) ? "it does not answer what was asked last"
                : "";
            if (why.Length > 0)
                return null;
            nonce = null;
            return new VerifiedTime(said.UnixMs, time.GetElapsedTime(askedAt, receivedAt), receivedAt);
        }
    }
}
