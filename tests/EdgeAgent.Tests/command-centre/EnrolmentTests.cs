using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class EnrolmentTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync(store: Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task A_code_works_once_and_never_again()
    {
        var code = centre.EnrolmentCode("PB-1");
        using var car = await RawCar.EnrolAsync(centre.Grpc, code);
        Assert.Equal("PB-1", car.UnitId);
        Assert.Equal("PB-1", car.Certificate!.GetNameInfo(X509NameType.SimpleName, false));
        Assert.True(car.Certificate.NotAfter - car.Certificate.NotBefore <= TimeSpan.FromDays(398));
        var again = await Assert.ThrowsAsync<RpcException>(() => RawCar.EnrolAsync(centre.Grpc, code));
        Assert.Equal(StatusCode.Unauthenticated, again.StatusCode);
    }

    [Fact]
    public async Task A_wrong_code_and_one_past_its_time_are_refused_and_guessing_is_slowed_down()
    {
        var ended = centre.EnrolmentCode("PB-1", TimeSpan.FromHours(1), nowUnixMs: 1000);
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => RawCar.EnrolAsync(centre.Grpc, ended))).StatusCode);
        for (var guess = 0; guess < 4; guess++)
            Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => RawCar.EnrolAsync(centre.Grpc, $"GUESS{guess}"))).StatusCode);
        var good = centre.EnrolmentCode("PB-2");
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => RawCar.EnrolAsync(centre.Grpc, good))).StatusCode);
    }

    [Fact]
    public async Task A_broken_request_or_another_kind_of_key_is_refused_and_does_not_cost_the_code()
    {
        var code = centre.EnrolmentCode("PB-1");
        using var channel = RawCar.Dial(centre.Grpc, null);
        var client = new Enrolment.EnrolmentClient(channel);
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var tampered = RawCar.Request(p256).ToByteArray();
        tampered[^5] ^= 1;
        byte[][] bad =
        [
            [],
            [1, 2, 3],
            new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA256).CreateSigningRequest(),
            tampered,
            new byte[100_000],
        ];
        foreach (var request in bad)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.EnrolAsync(new EnrolRequest { Code = code, CertificateRequest = ByteString.CopyFrom(request) }));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }
        using var car = await RawCar.EnrolAsync(centre.Grpc, code);
        Assert.Equal("PB-1", car.UnitId);
    }

    [Fact]
    public async Task Without_a_certificate_everything_but_enrolment_is_refused()
    {
        using var nobody = RawCar.With(centre.Grpc, null);
        await RefusedAsync(nobody, StatusCode.Unauthenticated);
        var roots = await new Enrolment.EnrolmentClient(nobody.Channel).RootsAsync(new RootsRequest());
        using var authority = DeviceAuthority.Load(new DataFolder(centre.Data), TimeProvider.System);
        Assert.Equal(authority.Root.RawData, Assert.Single(roots.DeviceRoots).ToByteArray());
    }

    [Fact]
    public async Task Certificates_of_others_are_refused()
    {
        // Another CA with the very same name, our list root's issuer, and a self-signed one.
        using var foreignRoot = DeviceAuthority.CreateRoot("Patrol device CA", DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        using var foreign = new DeviceAuthority(foreignRoot, TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = foreign.IssueUnit("PB-1", RawCar.Request(key).Span);
        using var car = RawCar.With(centre.Grpc, issued.CopyWithPrivateKey(key));
        await RefusedAsync(car, StatusCode.Unauthenticated);

        using var issuer = RawCar.With(centre.Grpc, KeyPair.Load(new DataFolder(centre.Data), CentreKeys.ListIssuer));
        await RefusedAsync(issuer, StatusCode.Unauthenticated);

        using var server = RawCar.With(centre.Grpc, KeyPair.Load(new DataFolder(centre.Data), CentreKeys.Server));
        await RefusedAsync(server, StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_revoked_unit_loses_its_session_at_once_and_is_refused_from_then_on()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var revoked = await centre.CommandAsync(null, "units", "revoke", "--unit", "PB-1", "--reason", "box stolen");
        Assert.Equal(0, revoked.ExitCode);
        var word = await session.NextAsync(message => message.Goodbye is not null);
        Assert.Equal("revoked", word.Goodbye.Code);
        Assert.Equal(StatusCode.OK, await session.EndAsync());
        await RefusedAsync(car, StatusCode.PermissionDenied);
        var enrol = await centre.CommandAsync(null, "enrol", "--unit", "PB-1", "--label", "again");
        Assert.Equal(1, enrol.ExitCode);
        Assert.Contains("revoked", enrol.Error);
    }

    [Fact]
    public async Task A_new_box_for_a_unit_ends_the_right_of_the_old_one()
    {
        using var old = await centre.EnrolAsync("PB-1");
        using var running = await old.ConnectAsync();
        using var box = await centre.EnrolAsync("PB-1");
        Assert.Equal("replaced", (await running.NextAsync(message => message.Goodbye is not null)).Goodbye.Code);
        await RefusedAsync(old, StatusCode.PermissionDenied);
        using var session = await box.ConnectAsync();
        Assert.Equal("PB-1", session.Welcome.UnitId);
    }

    [Fact]
    public async Task A_certificate_is_renewed_with_another_key_and_both_serve()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var reply = await new Enrolment.EnrolmentClient(car.Channel).RenewAsync(new RenewRequest { CertificateRequest = RawCar.Request(key) });
        using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        using var renewed = RawCar.With(centre.Grpc, certificate.CopyWithPrivateKey(key));
        _ = await new Watchlists.WatchlistsClient(renewed.Channel).IndexAsync(new ListIndexRequest());
        _ = await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest());
    }

    [Fact]
    public async Task Only_a_hash_of_the_code_is_kept()
    {
        var code = centre.EnrolmentCode("PB-1");
        await centre.StopServerAsync();
        Assert.DoesNotContain(code, System.Text.Encoding.Latin1.GetString(centre.StoredBytes()));
    }

    [Fact]
    public void Init_again_changes_nothing_and_keys_are_for_their_owner_only()
    {
        var folder = new DataFolder(centre.Data);
        var before = Directory.GetFiles(folder.Keys).ToDictionary(file => file, File.ReadAllText);
        Assert.Empty(CentreKeys.Create(folder, TimeProvider.System));
        Assert.Equal(before, Directory.GetFiles(folder.Keys).ToDictionary(file => file, File.ReadAllText));
        Assert.All(before.Keys, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        File.Delete(folder.KeyFile(CentreKeys.StorageKeyFile));
        Assert.Contains("storage.key", Assert.Throws<CentreException>(() => CentreKeys.Create(folder, TimeProvider.System)).Message);
        File.WriteAllText(folder.KeyFile(CentreKeys.StorageKeyFile), before[folder.KeyFile(CentreKeys.StorageKeyFile)]);
    }

    private static async Task RefusedAsync(RawCar car, StatusCode expected)
    {
        var index = await Assert.ThrowsAsync<RpcException>(async () => await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest()));
        Assert.Equal(expected, index.StatusCode);
        using var call = new Link.LinkClient(car.Channel).Session();
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }
}

public sealed class EnrolmentTestsOnPostgres : EnrolmentTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
