using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class ContractVectorTests
{
    [Fact]
    public void Signatures_are_as_the_vectors_say()
    {
        var vectors = ContractVectors.Read().Signatures;
        Assert.True(vectors.Count >= 8);
        foreach (var vector in vectors)
        {
            var payload = Convert.FromBase64String(vector.Payload);
            Assert.Equal(vector.PreAuthenticationEncoding, Convert.ToBase64String(Envelopes.PreAuthenticationEncoding(vector.PayloadType, payload)));
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(vector.PublicKey), out _);
            Assert.Equal(vector.KeyId, Convert.ToHexStringLower(Envelopes.KeyId(key)));
            var signature = new Signature
            {
                Algorithm = Envelopes.Es256,
                KeyId = ByteString.CopyFrom(Convert.FromHexString(vector.KeyId)),
                Signature_ = ByteString.FromBase64(vector.Signature),
            };
            var envelope = new SignedEnvelope { PayloadType = vector.PayloadType, Payload = ByteString.CopyFrom(payload) };
            Assert.True(vector.Valid == Envelopes.VerifySignature(envelope, signature, key), vector.Name);
        }
    }

    [Fact]
    public void Lists_are_judged_as_the_vectors_say()
    {
        foreach (var vector in ContractVectors.Read().Lists)
        {
            var trust = new ListTrust([.. vector.Roots.Select(root => X509CertificateLoader.LoadCertificate(Convert.FromBase64String(root)))]);
            var check = new ListCheck { NowUnixMs = vector.NowUnixMs, EmbeddingModelSha256 = Convert.FromHexString(vector.EmbeddingModelSha256) };
            var verdict = WatchlistVerifier.Verify(Convert.FromBase64String(vector.Envelope), trust, check);
            Assert.True(vector.Code == verdict.Code, $"{vector.Name}: {verdict.Code}");
        }
    }

    [Fact]
    public void No_private_key_lies_among_them()
    {
        var text = File.ReadAllText(ContractVectors.File);
        Assert.DoesNotContain("PRIVATE KEY", text);
        foreach (var value in text.Split('"').Where(value => value.Length > 40 && Convert.TryFromBase64String(value, new byte[value.Length], out _)))
        {
            using var key = ECDsa.Create();
            Assert.ThrowsAny<CryptographicException>(() => key.ImportPkcs8PrivateKey(Convert.FromBase64String(value), out _));
            Assert.ThrowsAny<CryptographicException>(() => key.ImportECPrivateKey(Convert.FromBase64String(value), out _));
        }
    }

    [NodeFact]
    public async Task Node_verifies_them_with_its_own_cryptography()
    {
        var output = await Node.RunAsync("verify-vectors.mjs", ContractVectors.File);
        Assert.Contains("lists 7", output);
        Assert.Contains("signatures 8", output);
    }
}
