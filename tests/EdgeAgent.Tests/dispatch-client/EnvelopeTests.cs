using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData("http://example.com/HelloWorld", "hello world", "DSSEv1 29 http://example.com/HelloWorld 11 hello world")] // the DSSE specification's own vector
    [InlineData("t", "", "DSSEv1 1 t 0 ")]
    [InlineData("类型", "内容", "DSSEv1 6 类型 6 内容")]
    public void The_signed_bytes_are_those_of_DSSE(string type, string payload, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Envelopes.PreAuthenticationEncoding(type, Encoding.UTF8.GetBytes(payload))));

    [Fact]
    public void A_signature_holds_for_its_key_alone()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var envelope = Envelopes.Sign(Envelopes.DecisionType, [1, 2, 3], new EnvelopeSigner(SignerRole.Unit, key, []));
        var signature = Assert.Single(envelope.Signatures);
        Assert.Equal(Envelopes.SignatureBytes, signature.Signature_.Length);
        Assert.True(Envelopes.VerifySignature(envelope, signature, key));
        Assert.False(Envelopes.VerifySignature(envelope, signature, other));
    }

    [Fact]
    public void Bytes_moved_between_type_and_payload_do_not_verify()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var envelope = Envelopes.Sign("ab", "cd"u8.ToArray(), new EnvelopeSigner(SignerRole.Unit, key, []));
        envelope.PayloadType = "abc";
        envelope.Payload = ByteString.CopyFromUtf8("d");
        Assert.False(Envelopes.VerifySignature(envelope, envelope.Signatures[0], key));
    }

    [Fact]
    public void Another_algorithm_curve_or_length_is_no_signature()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var envelope = Envelopes.Sign("t", [1], new EnvelopeSigner(SignerRole.Unit, key, []), new EnvelopeSigner(SignerRole.Unit, larger, []));
        Assert.False(Envelopes.VerifySignature(envelope, envelope.Signatures[1], larger));
        envelope.Signatures[0].Algorithm = "ES384";
        Assert.False(Envelopes.VerifySignature(envelope, envelope.Signatures[0], key));
        envelope.Signatures[0].Algorithm = Envelopes.Es256;
        envelope.Signatures[0].Signature_ = ByteString.CopyFrom(envelope.Signatures[0].Signature_.Span[..63]);
        Assert.False(Envelopes.VerifySignature(envelope, envelope.Signatures[0], key));
    }

    [Fact]
    public void Only_a_trusted_signer_in_the_right_role_opens_an_envelope()
    {
        using var pki = new TestPki();
        using var stranger = TestPki.Root("stranger");
        var envelope = Envelopes.Sign(Envelopes.TimeType, [7], TestPki.Signer(SignerRole.Centre, pki.CentreSigner));
        Assert.Equal([7], Envelopes.OpenTrusted(envelope, Envelopes.TimeType, SignerRole.Centre, [stranger, pki.CentreSigner])!.Value.ToArray());
        Assert.Null(Envelopes.OpenTrusted(envelope, Envelopes.TimeType, SignerRole.Centre, [stranger]));
        Assert.Null(Envelopes.OpenTrusted(envelope, Envelopes.TimeType, SignerRole.Issuer, [pki.CentreSigner]));
        Assert.Null(Envelopes.OpenTrusted(envelope, Envelopes.OfficersType, SignerRole.Centre, [pki.CentreSigner]));
        Assert.Null(Envelopes.OpenTrusted(new SignedEnvelope { PayloadType = Envelopes.TimeType }, Envelopes.TimeType, SignerRole.Centre, [pki.CentreSigner]));
    }

    [Fact]
    public void Ids_sort_by_age_and_survive_the_way_through_a_Guid()
    {
        var early = Uuid7.New(new FixedTime(1_000));
        var late = Uuid7.New(new FixedTime(2_000));
        Assert.True(early.AsSpan().SequenceCompareTo(late) < 0);
        Assert.Equal(1_000, Uuid7.UnixMs(early));
        Assert.Equal(early, Uuid7.ToBytes(Uuid7.ToGuid(early)));
        Assert.Equal(7, early[6] >> 4);
        Assert.Throws<ArgumentException>(() => Uuid7.ToGuid([1, 2, 3]));
    }

    private sealed class FixedTime(long unixMs) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
    }
}
