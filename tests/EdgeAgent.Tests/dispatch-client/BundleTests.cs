using System.IO.Compression;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Releases;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>What is no release for this box is refused with a code, before a byte of it is written.</summary>
public sealed class BundleTests : IDisposable
{
    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();
    private readonly string bundle;

    public BundleTests() => bundle = releases.Pack(place, "1.1.0", 11);

    public void Dispose()
    {
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public void A_bundle_comes_out_as_it_went_in()
    {
        using Bundle opened = Bundle.Open(bundle, releases.Trust);
        opened.VerifyPayload();
        Directory.CreateDirectory(place.At("out"));
        opened.Extract(place.At("out"));
        Assert.Equal(["edge-agent", "empty", "sbom.cdx.json", "wwwroot/index.html"], opened.Manifest.Files.Select(f => f.Path));
        foreach (ReleaseFile file in opened.Manifest.Files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(place.At("source-1.1.0"), file.Path)), File.ReadAllBytes(Path.Combine(place.At("out"), file.Path)));
        Assert.True((File.GetUnixFileMode(place.At("out/edge-agent")) & UnixFileMode.UserExecute) != 0);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(place.At("out/wwwroot/index.html")));
        Assert.Null(AppSlots.Problem(place.At("out"), opened.Manifest, SlotLook.Bytes, null));
    }

    [Fact]
    public void Cut_off_anywhere_it_is_refused()
    {
        byte[] all = File.ReadAllBytes(bundle);
        string cut = place.At("cut.bundle");
        for (int length = 0; length < all.Length; length++)
        {
            File.WriteAllBytes(cut, all[..length]);
            Assert.Contains(Code(cut), (string[])[ReleaseCodes.NotABundle, ReleaseCodes.Truncated]);
        }
        File.WriteAllBytes(cut, [.. all, 0]);
        Assert.Equal(ReleaseCodes.Trailing, Code(cut));
    }

    [Fact]
    public void With_any_byte_changed_it_is_refused()
    {
        byte[] all = File.ReadAllBytes(bundle);
        string changed = place.At("changed.bundle");
        var codes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int at = 0; at < all.Length; at++)
        {
            all[at] ^= 0x20;
            File.WriteAllBytes(changed, all);
            all[at] ^= 0x20;
            string code = Code(changed);
            Assert.Contains(code, ReleaseCodes.All);
            codes[code] = codes.GetValueOrDefault(code) + 1;
        }
        // It is not one check that catches everything.
        Assert.True(codes.Keys.Intersect([ReleaseCodes.NotABundle, ReleaseCodes.BadSignature, ReleaseCodes.UnknownReleaser, ReleaseCodes.Damaged]).Count() == 4, string.Join(' ', codes));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../edge-agent")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("fichier-é")]
    [InlineData("edge-agent/x")]
    [InlineData("empty")]
    public void A_path_that_leads_out_or_stands_twice_is_refused_however_well_it_is_signed(string path)
    {
        string evil = releases.PackAs(place, bundle, m =>
        {
            m.Files.Single(f => f.Path == "wwwroot/index.html").Path = path;
            ReleaseFile[] sorted = [.. m.Files.OrderBy(f => f.Path, StringComparer.Ordinal)];
            m.Files.Clear();
            m.Files.AddRange(sorted);
        });
        Assert.Equal(ReleaseCodes.BadManifest, Code(evil));
    }

    [Fact]
    public void A_manifest_beyond_its_bounds_is_refused_however_well_it_is_signed()
    {
        (Action<ReleaseManifest> Spoil, string Code)[] spoilt =
        [
            (m => m.Number = 0, ReleaseCodes.BadManifest),
            (m => m.Version = "", ReleaseCodes.BadManifest),
            (m => m.Version = "1.0 ; rm", ReleaseCodes.BadManifest),
            (m => m.Files.Clear(), ReleaseCodes.BadManifest),
            (m => m.Files.Add(m.Files[^1]), ReleaseCodes.BadManifest),
            (m => m.Files.Insert(0, m.Files[2]), ReleaseCodes.BadManifest),
            (m => m.Files[0].SizeBytes = ulong.MaxValue, ReleaseCodes.BadManifest),
            (m => m.Files.ToList().ForEach(f => f.SizeBytes = 4UL << 30), ReleaseCodes.BadManifest),
            (m => m.Files[0].Sha256 = ByteString.Empty, ReleaseCodes.BadManifest),
            (m => m.Files[0].Executable = false, ReleaseCodes.BadManifest),
            (m => m.Program = "other", ReleaseCodes.BadManifest),
            (m => m.Sbom = "none", ReleaseCodes.BadManifest),
            (m => m.PayloadSha256 = ByteString.Empty, ReleaseCodes.BadManifest),
            (m => m.PayloadBytes = ulong.MaxValue, ReleaseCodes.BadManifest),
            (m => m.PayloadBytes++, ReleaseCodes.Truncated),
            (m => m.PayloadBytes--, ReleaseCodes.Trailing),
            (m => m.PayloadSha256 = ByteString.CopyFrom(new byte[32]), ReleaseCodes.Damaged),
            (m => m.Files[0].SizeBytes++, ReleaseCodes.Damaged),
            (m => m.Files[^1].SizeBytes++, ReleaseCodes.Damaged),
            (m => m.Files[^1].SizeBytes--, ReleaseCodes.Damaged),
            (m => m.Files.RemoveAt(3), ReleaseCodes.Damaged),
            (m => m.Files[2].Sha256 = ByteString.CopyFrom(new byte[32]), ReleaseCodes.Damaged),
            (m => m.Product = "command-centre", ReleaseCodes.ForeignProduct),
            (m => m.Architecture = "riscv64", ReleaseCodes.ForeignArchitecture),
            (m => m.IssuedAtUnixMs = TestPki.Begin.AddYears(-1).ToUnixTimeMilliseconds(), ReleaseCodes.UnknownReleaser),
            (m => m.IssuedAtUnixMs = TestPki.End.AddDays(1).ToUnixTimeMilliseconds(), ReleaseCodes.UnknownReleaser),
        ];
        for (int i = 0; i < spoilt.Length; i++)
            Assert.Equal((i, spoilt[i].Code), (i, Code(releases.PackAs(place, bundle, spoilt[i].Spoil))));
    }

    [Fact]
    public void Only_who_may_release_under_this_boxs_root_is_believed()
    {
        using var others = new TestBundles();
        Assert.Equal(ReleaseCodes.UnknownReleaser, Code(releases.PackAs(place, bundle, _ => { }, others.Signer())));
        using var approver = ListCertificates.CreateApprover(releases.Root, "approver", TestPki.Begin, TestPki.End);
        Assert.Equal(ReleaseCodes.NotForReleases, Code(releases.PackAs(place, bundle, _ => { }, releases.Signer(approver))));
        Assert.Equal(ReleaseCodes.NotForReleases, Code(releases.PackAs(place, bundle, _ => { }, releases.Signer(releases.Root))));
        Assert.Equal(ReleaseCodes.NotABundle, Code(releases.PackAs(place, bundle, _ => { }, type: Envelopes.WatchlistType)));
        Assert.Equal(ReleaseCodes.NoSignature, Code(releases.PackAs(place, bundle, _ => { }, TestPki.Signer(SignerRole.Approver, releases.Releaser))));
        // Somebody else's signature under the releaser's certificate.
        EnvelopeSigner forger = others.Signer() with { CertificatesDer = [releases.Releaser.RawData] };
        Assert.Equal(ReleaseCodes.BadSignature, Code(releases.PackAs(place, bundle, _ => { }, forger)));
    }

    [Fact]
    public void One_releases_manifest_does_not_carry_anothers_files()
    {
        string other = releases.Pack(place, "1.2.0", 12, "#!/bin/sh\nexit 1\n");
        using Bundle newer = Bundle.Open(other, releases.Trust);
        string swapped = releases.Repack(place, bundle, SignedEnvelope.Parser.ParseFrom(newer.EnvelopeBytes));
        Assert.Contains(Code(swapped), (string[])[ReleaseCodes.Damaged, ReleaseCodes.Truncated, ReleaseCodes.Trailing]);
    }

    [Fact]
    public void A_folder_with_a_link_is_not_packed()
    {
        string folder = TestBundles.Folder(place.At("linked"));
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/etc/passwd");
        ReleaseException refused = Assert.Throws<ReleaseException>(
            () => BundleWriter.Write(folder, TestBundles.Head("1", 1), releases.Signer(), place.At("linked.bundle"), CompressionLevel.Fastest));
        Assert.Equal(ReleaseCodes.BadManifest, refused.Code);
        Assert.False(File.Exists(place.At("linked.bundle")));
    }

    private string Code(string file)
    {
        using var to = new TemporaryDirectory(place.Path);
        try
        {
            using Bundle opened = Bundle.Open(file, releases.Trust);
            opened.VerifyPayload();
            opened.Extract(to.Path);
            return "";
        }
        catch (ReleaseException refused)
        {
            return refused.Code;
        }
    }
}
