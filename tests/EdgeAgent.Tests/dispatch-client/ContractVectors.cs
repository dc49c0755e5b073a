using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Contract;
using EdgeAgent.Tests.Support;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>
/// dispatch-client/Contract/vectors/envelopes.json: what another implementation checks itself against. Made once with keys that
/// were thrown away; to make it anew: EDGEAGENT_TEST_CHILD=contract-vectors dotnet exec EdgeAgent.Tests.dll FILE.
/// </summary>
internal static class ContractVectors
{
    public const string Writer = "contract-vectors";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string File { get; } = Path.Combine(Repository.Root, "dispatch-client", "Contract", "vectors", "envelopes.json");

    public sealed record Vectors(string About, IReadOnlyList<SignatureVector> Signatures, IReadOnlyList<ListVector> Lists);

    /// <param name="Name">What it shows.</param>
    /// <param name="PayloadType">Text.</param>
    /// <param name="Payload">Base64.</param>
    /// <param name="PreAuthenticationEncoding">Base64 of the bytes signed.</param>
    /// <param name="PublicKey">Base64 of the SubjectPublicKeyInfo.</param>
    /// <param name="KeyId">Hexadecimal.</param>
    /// <param name="Signature">Base64 of r||s.</param>
    /// <param name="Valid">Whether it must verify.</param>
    public sealed record SignatureVector(
        string Name, string PayloadType, string Payload, string PreAuthenticationEncoding, string PublicKey, string KeyId, string Signature, bool Valid);

    /// <param name="Name">What it shows.</param>
    /// <param name="Envelope">Base64 of the serialised SignedEnvelope.</param>
    /// <param name="Roots">Base64 of the DER certificates to believe.</param>
    /// <param name="NowUnixMs">The time to check at.</param>
    /// <param name="EmbeddingModelSha256">Hexadecimal.</param>
    /// <param name="Code">What the check must answer.</param>
    public sealed record ListVector(string Name, string Envelope, IReadOnlyList<string> Roots, long NowUnixMs, string EmbeddingModelSha256, string Code);

    public static Vectors Read() => JsonSerializer.Deserialize<Vectors>(System.IO.File.ReadAllText(File), Json)!;

    public static void Write(string path)
    {
        using var pki = new TestPki();
        var vectors = new Vectors(
            "Envelopes of patrol.dispatch.v1. The private keys were thrown away when this file was made.",
            [.. SignatureVectors()],
            [.. ListVectors(pki)]);
        System.IO.File.WriteAllText(path, JsonSerializer.Serialize(vectors, Json) + "\n");
    }

    private static IEnumerable<SignatureVector> SignatureVectors()
    {
        foreach (var (name, type, payload) in (ValueTuple<string, string, byte[]>[])
            [
                ("ascii", "http://example.com/HelloWorld", "hello world"u8.ToArray()),
                ("empty payload", Envelopes.TimeType, []),
                ("multi-byte type", "类型", "内容"u8.ToArray()),
                ("every byte", Envelopes.DecisionType, [.. Enumerable.Range(0, 256).Select(i => (byte)i)]),
            ])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var envelope = Envelopes.Sign(type, payload, new EnvelopeSigner(SignerRole.Unit, key, []));
            var signature = envelope.Signatures[0].Signature_.ToByteArray();
            yield return Vector(name, type, payload, key, signature, valid: true);
            signature[40] ^= 1;
            yield return Vector(name + ", signature changed", type, payload, key, signature, valid: false);
        }
    }

    private static SignatureVector Vector(string name, string type, byte[] payload, ECDsa key, byte[] signature, bool valid) => new(
        name,
        type,
        Convert.ToBase64String(payload),
        Convert.ToBase64String(Envelopes.PreAuthenticationEncoding(type, payload)),
        Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
        Convert.ToHexStringLower(Envelopes.KeyId(key)),
        Convert.ToBase64String(signature),
        valid);

    private static IEnumerable<ListVector> ListVectors(TestPki pki)
    {
        yield return List("plates", pki, pki.Sign(TestLists.Plates()), "accepted");
        yield return List("faces", pki, pki.Sign(TestLists.Faces()), "accepted");
        var payload = TestLists.Plates().ToByteArray();
        yield return List("one approver", pki, Sign(payload, pki.IssuerSigner(), pki.Approvers()[0]), ListRefusals.TooFewApprovers);
        yield return List("the same approver twice", pki, Sign(payload, pki.IssuerSigner(), pki.Approvers()[0], pki.Approvers()[0]), ListRefusals.TooFewApprovers);
        using var platesOnly = ListCertificates.CreateIssuer(pki.ListRoot, "plates only", [ListCategory.StolenVehicle], TestPki.Begin, TestPki.End);
        yield return List(
            "an issuer without the category", pki, Sign(TestLists.Faces().ToByteArray(), [TestPki.Signer(SignerRole.Issuer, platesOnly), .. pki.Approvers()]), ListRefusals.IssuerNotAllowedCategory);
        var changed = Envelopes.Sign(Envelopes.WatchlistType, payload, [pki.IssuerSigner(), .. pki.Approvers()]);
        changed.Payload = ByteString.CopyFrom([.. payload[..^1], (byte)(payload[^1] ^ 1)]);
        yield return List("payload changed after signing", pki, changed.ToByteArray(), ListRefusals.BadSignature);
        using var strangers = new TestPki();
        yield return List("another root", pki, strangers.Sign(TestLists.Plates()), ListRefusals.UnknownIssuer);
    }

    private static byte[] Sign(byte[] payload, params EnvelopeSigner[] signers) =>
        Envelopes.Sign(Envelopes.WatchlistType, payload, signers).ToByteArray();

    private static ListVector List(string name, TestPki pki, byte[] envelope, string code) => new(
        name,
        Convert.ToBase64String(envelope),
        [Convert.ToBase64String(pki.ListRoot.RawData)],
        TestLists.Now,
        Convert.ToHexStringLower(TestLists.Model),
        code);
}
