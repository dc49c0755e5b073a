using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A release root, a releaser, and bundles of small programs.</summary>
internal sealed class TestBundles : IDisposable
{
    public const string Product = ReleaseTrust.Agent;

    public TestBundles()
    {
        Root = ReleaseCertificates.CreateRoot("release root", TestPki.Begin, TestPki.End);
        Releaser = ReleaseCertificates.CreateReleaser(Root, "releaser", TestPki.Begin, TestPki.End);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Releaser { get; }

    public ReleaseTrust Trust => new([Root], Product, ReleaseTrust.ThisArchitecture);

    public static ReleaseManifest Head(string version, ulong number) => new()
    {
        Product = Product,
        Architecture = ReleaseTrust.ThisArchitecture,
        Version = version,
        Number = number,
        IssuedAtUnixMs = TestPki.Begin.AddDays(30).ToUnixTimeMilliseconds(),
        Program = Product,
        Sbom = "sbom.cdx.json",
    };

    /// <summary>A folder as a release has one: a program, a page, a list of parts.</summary>
    public static string Folder(string at, string program = "#!/bin/sh\nexit 0\n")
    {
        Directory.CreateDirectory(Path.Combine(at, "wwwroot"));
        File.WriteAllText(Path.Combine(at, Product), program);
        File.SetUnixFileMode(Path.Combine(at, Product), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(at, "wwwroot", "index.html"), "<p>page</p>");
        File.WriteAllText(Path.Combine(at, "sbom.cdx.json"), "{}");
        File.WriteAllBytes(Path.Combine(at, "empty"), []);
        return at;
    }

    public string Pack(TemporaryDirectory place, string version, ulong number, string program = "#!/bin/sh\nexit 0\n")
    {
        string to = place.At($"{version}.bundle");
        BundleWriter.Write(Folder(place.At($"source-{version}"), program), Head(version, number), Signer(), to, CompressionLevel.Fastest);
        return to;
    }

    /// <summary>A bundle signed as it is, whatever its manifest says.</summary>
    public string PackAs(TemporaryDirectory place, string bundle, Action<ReleaseManifest> spoil, EnvelopeSigner? signer = null, string type = Envelopes.ReleaseType)
    {
        using Bundle good = Bundle.Open(bundle, Trust);
        ReleaseManifest manifest = good.Manifest.Clone();
        spoil(manifest);
        return Repack(place, bundle, Envelopes.Sign(type, manifest.ToByteArray(), signer ?? Signer()));
    }

    public string Repack(TemporaryDirectory place, string bundle, SignedEnvelope envelope)
    {
        using Bundle good = Bundle.Open(bundle, Trust);
        byte[] all = File.ReadAllBytes(bundle);
        string payload = place.At($"{Guid.NewGuid():N}.payload"), to = place.At($"{Guid.NewGuid():N}.bundle");
        File.WriteAllBytes(payload, all[^(int)good.Manifest.PayloadBytes..]);
        BundleWriter.WriteBundle(envelope, payload, to);
        return to;
    }

    public EnvelopeSigner Signer(X509Certificate2? certificate = null) => TestPki.Signer(SignerRole.Issuer, certificate ?? Releaser);

    public void Dispose()
    {
        Root.Dispose();
        Releaser.Dispose();
    }
}
