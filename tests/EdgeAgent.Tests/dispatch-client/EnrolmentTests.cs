using System.Security.Cryptography;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Enrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class EnrolmentTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();

    private string Identity => directory.At("identity");

    public void Dispose()
    {
        pki.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABCD")]
    [InlineData("ABCD.00ff")]
    [InlineData("ABCD.zzzz")]
    [InlineData(".0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_code_of_another_shape_is_named_before_anything_is_dialled(string code)
    {
        var fault = await EnrolFailsAsync(new Uri("https://localhost:9"), code);
        Assert.Equal("bad_code", fault.Code);
    }

    [Fact]
    public async Task A_centre_that_is_not_there_or_not_https_is_named()
    {
        Assert.Equal("unreachable", (await EnrolFailsAsync(new Uri("https://localhost:9"), Code("A"))).Code);
        Assert.Equal("bad_code", (await EnrolFailsAsync(new Uri("http://localhost:9"), Code("A"))).Code);
    }

    [Fact]
    public async Task A_centre_with_another_root_never_learns_the_code()
    {
        using var strangers = new TestPki();
        await using var centre = await TestCentre.StartAsync(strangers);
        Assert.Equal("wrong_fingerprint", (await EnrolFailsAsync(centre.Address, Code("A"))).Code);
        Assert.Equal(0, centre.Enrolment.Asked);
    }

    [Fact]
    public async Task One_who_shows_our_root_without_its_key_never_learns_the_code()
    {
        using var strangers = new TestPki();
        await using var centre = await TestCentre.StartAsync(pki, server: strangers.Server);
        Assert.Equal("wrong_fingerprint", (await EnrolFailsAsync(centre.Address, Code("A"))).Code);
        Assert.Equal(0, centre.Enrolment.Asked);
    }

    [Fact]
    public async Task An_enrolled_unit_has_a_key_of_its_own_that_only_its_owner_may_read()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Enrolment.UnitsByCode["A"] = "unit-5";
        Assert.Equal("unit-5", await Enrolment.EnrolAsync(centre.Address, Code("A"), Identity, CancellationToken.None));
        Assert.Equal(["centre-signers.pem", "device-roots.pem", "key.pem", "list-roots.pem", "unit.crt", "unit.json"], Directory.EnumerateFiles(Identity).Select(Path.GetFileName).Order());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Identity, "key.pem")));
        using var identity = UnitIdentity.Load(Identity);
        Assert.Equal(("unit-5", centre.Address), (identity.UnitId, identity.Centre));
        Assert.Equal(pki.ListRoot.RawData, Assert.Single(identity.ListRoots).RawData);
        Assert.Equal(pki.CentreSigner.RawData, Assert.Single(identity.CentreSigners).RawData);
        var envelope = identity.SignEnvelope(Envelopes.DecisionType, [1, 2]);
        Assert.True(Envelopes.VerifySignature(envelope, envelope.Signatures[0], identity.Certificate));
        Assert.Equal(64, identity.Sign([1, 2, 3]).Length);
    }

    [Fact]
    public async Task A_code_serves_once_and_a_refusal_leaves_nothing_behind()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        var fault = await EnrolFailsAsync(centre.Address, Code("used"));
        Assert.Equal("refused", fault.Code);
        Assert.Contains("no such code", fault.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task An_identity_is_replaced_only_on_purpose_and_the_old_one_is_kept()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        (centre.Enrolment.UnitsByCode["A"], centre.Enrolment.UnitsByCode["B"]) = ("unit-5", "unit-6");
        await Enrolment.EnrolAsync(centre.Address, Code("A"), Identity, CancellationToken.None);
        Assert.Equal("identity_exists", (await EnrolFailsAsync(centre.Address, Code("B"))).Code);
        Assert.Equal(1, centre.Enrolment.Asked);
        await Enrolment.EnrolAsync(centre.Address, Code("B"), Identity, new EnrolmentOptions { Force = true }, TimeProvider.System, CancellationToken.None);
        using var identity = UnitIdentity.Load(Identity);
        Assert.Equal("unit-6", identity.UnitId);
        using var old = UnitIdentity.Load(Directory.EnumerateDirectories(directory.Path, "identity.old-*").Single());
        Assert.Equal("unit-5", old.UnitId);
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("another name")]
    [InlineData("no list roots")]
    [InlineData("no signers")]
    [InlineData("other device roots")]
    [InlineData("garbage")]
    public async Task An_answer_that_does_not_fit_is_not_written(string fault)
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Enrolment.UnitsByCode["A"] = "unit-5";
        using var other = pki.UnitCertificate("unit-5");
        centre.Enrolment.Change = reply =>
        {
            switch (fault)
            {
                case "another key": reply.Certificate = ByteString.CopyFrom(other.RawData); break;
                case "another name": reply.UnitId = "unit-9"; break;
                case "no list roots": reply.ListRoots.Clear(); break;
                case "no signers": reply.CentreSigners.Clear(); break;
                case "other device roots": reply.DeviceRoots[0] = ByteString.CopyFrom(pki.ListRoot.RawData); break;
                default: reply.Certificate = ByteString.CopyFromUtf8("garbage"); break;
            }
        };
        Assert.Equal("bad_reply", (await EnrolFailsAsync(centre.Address, Code("A"))).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public void An_identity_that_is_not_there_or_does_not_fit_together_is_named()
    {
        Assert.Equal("no_identity", Assert.Throws<IdentityException>(() => UnitIdentity.Load(Identity)).Code);
        pki.WriteIdentity(Identity, "unit-5", new Uri("https://centre"));
        pki.WriteIdentity(directory.At("other"), "unit-6", new Uri("https://centre"));
        File.Copy(Path.Combine(directory.At("other"), "unit.crt"), Path.Combine(Identity, "unit.crt"), overwrite: true);
        Assert.Equal("identity_unreadable", Assert.Throws<IdentityException>(() => UnitIdentity.Load(Identity)).Code);
        File.Copy(Path.Combine(directory.At("other"), "key.pem"), Path.Combine(Identity, "key.pem"), overwrite: true);
        Assert.Equal("identity_mixed", Assert.Throws<IdentityException>(() => UnitIdentity.Load(Identity)).Code);
        File.WriteAllText(Path.Combine(Identity, "key.pem"), "nonsense");
        var fault = Assert.Throws<IdentityException>(() => UnitIdentity.Load(Identity));
        Assert.Equal("identity_unreadable", fault.Code);
        Assert.Contains("key.pem", fault.Message);
    }

    private string Code(string secret) => $"{secret}.{Convert.ToHexString(SHA256.HashData(pki.DeviceRoot.RawData))}";

    private async Task<IdentityException> EnrolFailsAsync(Uri centre, string code) =>
        await Assert.ThrowsAsync<IdentityException>(() => Enrolment.EnrolAsync(centre, code, Identity, CancellationToken.None));
}
