using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Tests.Support;
using Grpc.Core;
using Patrol.Dispatch.V1;
using Enrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>An identity whose key was born in a TPM and stays there.</summary>
[Collection(TpmCollection.Name)]
public sealed class TpmIdentityTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();
    private TestTpm tpm = null!;

    private string Identity => directory.At("identity");

    public async Task InitializeAsync()
    {
        if (new TpmFactAttribute().Skip is null)
            tpm = await TestTpm.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (tpm is not null)
            await tpm.DisposeAsync();
    }

    public void Dispose()
    {
        pki.Dispose();
        directory.Dispose();
    }

    [TpmFact]
    public async Task Enrolment_leaves_no_private_key_on_the_disk_and_the_TPM_signs_decisions_and_opens_the_link()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var identity = await EnrolAsync(centre);
        Assert.Equal(["centre-signers.pem", "device-roots.pem", "key.tpm", "list-roots.pem", "unit.crt", "unit.json"], Directory.EnumerateFiles(Identity).Select(Path.GetFileName).Order());
        Assert.All(Directory.EnumerateFiles(Identity), file => Assert.DoesNotContain("PRIVATE", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.Equal(tpm.Tcti, identity.KeyInTpm!.Tcti);

        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(Identity, "unit.crt")));
        var envelope = identity.SignEnvelope(Envelopes.DecisionType, [1, 2]);
        Assert.True(Envelopes.VerifySignature(envelope, Assert.Single(envelope.Signatures), certificate));
        Assert.True(SignsFor(certificate, identity, [1, 2, 3]));
        Assert.Equal("unit-5", await GreetAsync(centre, identity));
    }

    [TpmFact]
    public async Task The_key_cannot_be_had_out_of_the_TPM()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var identity = await EnrolAsync(centre);
        using var key = identity.Certificate.GetECDsaPrivateKey()!;
        Assert.ThrowsAny<CryptographicException>(() => key.ExportParameters(includePrivateParameters: true));
        Assert.ThrowsAny<CryptographicException>(key.ExportPkcs8PrivateKey);
        Assert.ThrowsAny<CryptographicException>(() => identity.Certificate.Export(X509ContentType.Pfx));
        var described = tpm.Tool("tpm2_readpublic", "-c", identity.KeyInTpm!.Handle);
        Assert.Contains("value: fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign\n", described, StringComparison.Ordinal);
    }

    [TpmFact]
    public async Task Many_threads_sign_while_links_are_opened()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var identity = await EnrolAsync(centre);
        var signing = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            // As TLS takes it: past the identity's own lock.
            using var key = identity.Certificate.GetECDsaPrivateKey()!;
            using var certified = identity.Certificate.GetECDsaPublicKey()!;
            byte[] said = [(byte)thread];
            return Enumerable.Range(0, 50).Count(_ =>
                certified.VerifyData(said, key.SignData(said, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256) && SignsFor(identity.Certificate, identity, said));
        }));
        var greeting = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
                Assert.Equal("unit-5", await GreetAsync(centre, identity));
        }));
        var (signed, greeted) = (Task.WhenAll(signing), Task.WhenAll(greeting));
        Assert.All(await signed, good => Assert.Equal(50, good));
        await greeted;
    }

    [TpmFact]
    public async Task A_child_does_not_inherit_the_open_TPM()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var lent = await EnrolAsync(centre);
        File.WriteAllText(Path.Combine(Identity, "key.tpm"), new TpmKeyPlace(lent.KeyInTpm!.Handle, tpm.HeldTcti).Text);
        using var identity = UnitIdentity.Load(Identity);
        using var child = Process.Start(new ProcessStartInfo("ls", ["/proc/self/fd"]) { RedirectStandardOutput = true })!;
        var held = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        // Its standard streams and the folder that it lists.
        Assert.Equal(["0", "1", "2", "3"], held.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [TpmFact]
    public async Task The_power_may_go_at_any_time_as_often_as_it_likes()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var enrolled = await EnrolAsync(centre);
        var secret = tpm.Tpm.Seal([1, 2, 3]);
        enrolled.Dispose();
        // A TPM takes each use that no orderly end follows for a wrong password, and locks after a few: 3 here, 32 on many chips.
        for (var cut = 0; cut < 6; cut++)
        {
            using var identity = UnitIdentity.Load(Identity);
            Assert.True(SignsFor(identity.Certificate, identity, [(byte)cut]));
            Assert.Equal([1, 2, 3], tpm.Tpm.Unseal(secret));
            await tpm.UnplugAsync();
            await tpm.PlugAsync();
        }
        Assert.Contains("TPM2_PT_LOCKOUT_COUNTER: 0x0\n", tpm.Tool("tpm2_getcap", "properties-variable"), StringComparison.Ordinal);
    }

    [TpmFact]
    public async Task It_signs_again_after_the_way_to_the_TPM_was_cut()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var identity = await EnrolAsync(centre);
        await tpm.RestartManagerAsync();
        Assert.True(SignsFor(identity.Certificate, identity, [1]));
        Assert.Equal("unit-5", await GreetAsync(centre, identity));
    }

    [TpmFact]
    public async Task A_TPM_that_goes_while_the_car_drives_fails_signatures_and_links_until_it_is_back()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var identity = await EnrolAsync(centre);
        await tpm.UnplugAsync();
        Assert.ThrowsAny<CryptographicException>(() => identity.Sign([1]));
        await Assert.ThrowsAsync<RpcException>(() => GreetAsync(centre, identity));
        await tpm.PlugAsync();
        Assert.True(SignsFor(identity.Certificate, identity, [1]));
        Assert.Equal("unit-5", await GreetAsync(centre, identity));
    }

    [TpmFact]
    public async Task A_TPM_that_is_gone_cleared_or_another_one_is_named()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        var handle = (await EnrolAsync(centre)).KeyInTpm!.Handle;

        await using var other = await TestTpm.StartAsync();
        File.WriteAllText(Path.Combine(Identity, "key.tpm"), new TpmKeyPlace(handle, other.Tcti).Text);
        AssertFault("tpm_key_missing", handle);
        Assert.Equal(handle, other.Tpm.MakeKey().Handle);
        AssertFault("identity_mixed", "another box's");

        File.WriteAllText(Path.Combine(Identity, "key.tpm"), new TpmKeyPlace(handle, tpm.Tcti).Text);
        UnitIdentity.Load(Identity).Dispose();
        tpm.Tool("tpm2_evictcontrol", "-C", "o", "-c", handle);
        AssertFault("tpm_key_missing", handle);
        await tpm.UnplugAsync();
        AssertFault("tpm_unavailable", tpm.Tcti);
        File.WriteAllText(Path.Combine(Identity, "key.tpm"), """{"handle":"file:/etc/passwd","tcti":"x"}""");
        AssertFault("identity_unreadable", "key.tpm");
    }

    [TpmFact]
    public async Task An_enrolment_that_fails_leaves_no_key_in_the_TPM_and_keys_of_others_stay()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        using var first = await EnrolAsync(centre);
        var held = tpm.Tool("tpm2_getcap", "handles-persistent");
        var fault = await Assert.ThrowsAsync<IdentityException>(() => EnrolAsync(centre, "used", force: true));
        Assert.Equal("refused", fault.Code);
        Assert.Equal(held, tpm.Tool("tpm2_getcap", "handles-persistent"));

        centre.Enrolment.UnitsByCode["B"] = "unit-6";
        using var second = await EnrolAsync(centre, "B", force: true);
        Assert.NotEqual(first.KeyInTpm!.Handle, second.KeyInTpm!.Handle);
        using var old = UnitIdentity.Load(Directory.EnumerateDirectories(directory.Path, "identity.old-*").Single());
        Assert.Equal(("unit-5", "unit-6"), (old.UnitId, second.UnitId));
    }

    [TpmFact]
    public async Task What_was_sealed_opens_in_no_other_TPM_and_not_when_it_is_damaged()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var closed = tpm.Tpm.Seal(secret);
        Assert.Equal(secret, tpm.Tpm.Unseal(closed));
        Assert.Equal(-1, closed.AsSpan().IndexOf(secret));
        await using var other = await TestTpm.StartAsync();
        Assert.ThrowsAny<CryptographicException>(() => other.Tpm.Unseal(closed));
        for (var at = 0; at < closed.Length; at += 7)
        {
            byte[] damaged = [.. closed];
            damaged[at] ^= 0x10;
            Assert.ThrowsAny<CryptographicException>(() => tpm.Tpm.Unseal(damaged));
            Assert.ThrowsAny<CryptographicException>(() => tpm.Tpm.Unseal(closed.AsSpan(0, at)));
        }
    }

    private async Task<UnitIdentity> EnrolAsync(TestCentre centre, string? code = null, bool force = false)
    {
        if (code is null)
            centre.Enrolment.UnitsByCode[code = "A"] = "unit-5";
        var fingerprint = Convert.ToHexString(SHA256.HashData(pki.DeviceRoot.RawData));
        await Enrolment.EnrolAsync(
            centre.Address, $"{code}.{fingerprint}", Identity, new EnrolmentOptions { Tpm = tpm.Tpm, Force = force }, TimeProvider.System, CancellationToken.None);
        return UnitIdentity.Load(Identity);
    }

    /// <summary>Opens a link of its own over mutual TLS.</summary>
    /// <returns>Whom the centre's TLS took it for.</returns>
    private static async Task<string> GreetAsync(TestCentre centre, UnitIdentity identity)
    {
        var trust = new CentreTrust("localhost", identity.DeviceRoots, () => new TrustedNow(DateTimeOffset.FromUnixTimeMilliseconds(TestLists.Now), false));
        using var channel = CentreConnection.Dial(new LinkOptions { Centre = centre.Address }, trust, identity.Certificate);
        using var session = new Link.LinkClient(channel).Session();
        await session.RequestStream.WriteAsync(new CarMessage { Hello = new Hello() });
        Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        return session.ResponseStream.Current.Welcome.UnitId;
    }

    private static bool SignsFor(X509Certificate2 certificate, UnitIdentity identity, byte[] said)
    {
        using var certified = certificate.GetECDsaPublicKey()!;
        return certified.VerifyData(said, identity.Sign(said), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private void AssertFault(string code, string named)
    {
        var fault = Assert.Throws<IdentityException>(() => UnitIdentity.Load(Identity));
        Assert.Equal(code, fault.Code);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", fault.Message, StringComparison.Ordinal);
    }
}
