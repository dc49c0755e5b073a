using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class ListTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync(store: Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task An_issued_list_is_offered_fetched_and_accepted_by_the_cars_own_check()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var file = Path.Combine(centre.Folder, "stolen.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(CentreUnderTest.PlateDraft("stolen", "京A·12345", "沪b 98765"), JsonSerializerOptions.Web));
        var issued = await centre.CommandAsync(null, "lists", "issue", "--file", file, "--json");
        Assert.True(issued.ExitCode == 0, issued.Error);
        var (offer, envelope) = await FetchAsync(car, "stolen");
        Assert.Equal((1UL, ListKind.Plates, (ulong)envelope.Length), (offer.Version, offer.Kind, offer.SizeBytes));
        Assert.Equal(SHA256.HashData(envelope), offer.Sha256.ToByteArray());
        var verdict = WatchlistVerifier.Verify(envelope, car.ListTrust, new ListCheck { NowUnixMs = Now() });
        Assert.True(verdict.Accepted, verdict.SentenceEn);
        Assert.Equal(["京A12345", "沪B98765"], verdict.List!.Plates.Select(plate => plate.Plate));
        Assert.Equal(PlateClass.Blue, verdict.List.Plates[0].PlateClass);
    }

    [Fact]
    public async Task A_connected_car_hears_of_a_new_list_and_of_its_revocation_within_a_second()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        _ = centre.IssuePlates("stolen", "京A12345");
        var start = Stopwatch.GetTimestamp();
        _ = await session.CommandAsync(Command.BodyOneofCase.ListsChanged);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        using (var cli = new OpenCentre(centre.Data))
            cli.Issuing().Revoke("stolen", "vehicle found");
        start = Stopwatch.GetTimestamp();
        var command = await session.CommandAsync(Command.BodyOneofCase.RevokeList);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(("stolen", "vehicle found", 0L), (command.RevokeList.ListId, command.RevokeList.Reason, command.ExpiresAtUnixMs));
        var index = await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest());
        Assert.Empty(index.Offers);
        Assert.Equal(["stolen"], index.RevokedListIds);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(car, "stolen", 1))).StatusCode);
        Assert.Contains("revoked", Assert.Throws<CentreException>(() => centre.IssuePlates("stolen", "京A12345")).Message);
    }

    [Fact]
    public async Task A_revocation_waits_for_a_car_that_is_away()
    {
        using var car = await centre.EnrolAsync("PB-1");
        _ = centre.IssuePlates("stolen", "京A12345");
        var revoked = await centre.CommandAsync(null, "lists", "revoke", "--list", "stolen", "--reason", "order withdrawn");
        Assert.Equal(0, revoked.ExitCode);
        using var session = await car.ConnectAsync();
        var command = await session.CommandAsync(Command.BodyOneofCase.RevokeList);
        await session.AcceptAsync(command);
        _ = await session.StoreAsync(car.Health());
        using var open = new OpenCentre(centre.Data);
        Assert.Empty(open.Commands.Open("PB-1", Now()));
    }

    [Fact]
    public async Task Versions_rise_by_one_and_only_the_newest_is_served()
    {
        using var car = await centre.EnrolAsync("PB-1");
        Assert.Equal(1, centre.IssuePlates("stolen", "京A12345").Version);
        Assert.Equal(2, centre.IssuePlates("stolen", "京A12345", "京A12346").Version);
        Assert.Equal(2UL, (await FetchAsync(car, "stolen")).Offer.Version);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(car, "stolen", 1))).StatusCode);
    }

    [Fact]
    public async Task A_list_for_some_units_is_nothing_to_the_others()
    {
        using var one = await centre.EnrolAsync("PB-1");
        using var two = await centre.EnrolAsync("PB-2");
        using (var cli = new OpenCentre(centre.Data))
            _ = cli.Issuing().Issue(ListBuilder.Build(CentreUnderTest.PlateDraft("beat1", "京A12345"), centre.Folder, TimeProvider.System), ["PB-1"]);
        Assert.Single((await new Watchlists.WatchlistsClient(one.Channel).IndexAsync(new ListIndexRequest())).Offers);
        Assert.Empty((await new Watchlists.WatchlistsClient(two.Channel).IndexAsync(new ListIndexRequest())).Offers);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(two, "beat1", 1))).StatusCode);
    }

    [Fact]
    public async Task A_fetch_goes_on_from_an_offset_in_chunks_of_64_KiB_at_most()
    {
        using var car = await centre.EnrolAsync("PB-1");
        _ = centre.IssuePlates("many", [.. Enumerable.Range(0, 5000).Select(at => $"京A{at:00000}")]);
        var whole = await FetchBytesAsync(car, "many", 1);
        Assert.True(whole.Length > 64 << 10);
        Assert.Equal(whole[70_000..], await FetchBytesAsync(car, "many", 1, 70_000));
        Assert.Equal(StatusCode.OutOfRange, (await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(car, "many", 1, (ulong)whole.Length))).StatusCode);
    }

    [Theory]
    [InlineData("authority", "ordered")]
    [InlineData("legalReference", "legal reference")]
    [InlineData("purpose", "purpose")]
    [InlineData("category", "not a category")]
    [InlineData("hours", "validHours")]
    [InlineData("incident", "longer than its kind")]
    [InlineData("entries", "no entries")]
    [InlineData("twice", "entry of the list is not valid")]
    [InlineData("picture", "no picture")]
    public void What_the_cars_would_refuse_is_not_issued(string fault, string sentence)
    {
        var good = CentreUnderTest.PlateDraft("stolen", "京A12345");
        var draft = fault switch
        {
            "authority" => good with { Authority = " " },
            "legalReference" => good with { LegalReference = "" },
            "purpose" => good with { Purpose = "" },
            "category" => good with { Category = "person_of_interest" },
            "hours" => good with { ValidHours = double.NaN },
            "incident" => good with { ValidHours = 73, Category = "named_incident_vehicle" },
            "entries" => good with { Entries = [] },
            "twice" => good with { Entries = [good.Entries[0], good.Entries[0]] },
            _ => good with { Entries = [good.Entries[0] with { Picture = "a.png" }] },
        };
        var refused = Assert.Throws<CentreException>(() =>
        {
            using var cli = new OpenCentre(centre.Data);
            return cli.Issuing().Issue(ListBuilder.Build(draft, centre.Folder, TimeProvider.System), []);
        });
        Assert.Contains(sentence, refused.Message);
        using var open = new OpenCentre(centre.Data);
        Assert.Empty(open.Lists.All());
    }

    [Fact]
    public async Task A_file_with_an_unknown_key_or_broken_json_is_refused_naming_the_file()
    {
        var file = Path.Combine(centre.Folder, "bad.json");
        foreach (var text in (string[])["{", """{"listId":"a","personOfInterest":true}""", ""])
        {
            await File.WriteAllTextAsync(file, text);
            var refused = await centre.CommandAsync(null, "lists", "issue", "--file", file);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(file, refused.Error);
        }
    }

    [Fact]
    public async Task A_new_version_is_offered_whole_and_as_what_leads_to_it()
    {
        using var car = await centre.EnrolAsync("PB-1");
        _ = centre.IssuePlates("stolen", [.. Enumerable.Range(0, 300).Select(at => $"京A{at:00000}")]);
        var before = Read((await FetchAsync(car, "stolen")).Envelope);
        var issued = centre.IssuePlates("stolen", [.. Enumerable.Range(0, 301).Select(at => at == 7 ? "京B00007" : $"京A{at:00000}")]);
        Assert.InRange(issued.DeltaBytes, 1, issued.SizeBytes / 2);
        _ = centre.IssuePlates("stolen", [.. Enumerable.Range(0, 299).Select(at => $"京A{at:00000}")]);
        var offers = (await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest())).Offers;
        Assert.Equal([(3UL, 0UL), (2UL, 1UL), (3UL, 2UL)], offers.Select(offer => (offer.Version, offer.DeltaFromVersion)));
        foreach (var offer in offers.Skip(1))
        {
            var bytes = await FetchBytesAsync(car, "stolen", offer.Version, from: offer.DeltaFromVersion);
            Assert.Equal(offer.Sha256.ToByteArray(), SHA256.HashData(bytes));
            Assert.True(WatchlistVerifier.Verify(bytes, car.ListTrust, new ListCheck { NowUnixMs = Now(), HeldVersion = before.Version }).Accepted);
            before = WatchlistDelta.Apply(before, Read(bytes))!;
        }
        Assert.True(WatchlistDelta.SameEntries(Read((await FetchAsync(car, "stolen")).Envelope), before));
        var missing = await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(car, "stolen", 3, from: 1));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);
        using (var cli = new OpenCentre(centre.Data))
            cli.Issuing().Revoke("stolen", "found");
        missing = await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(car, "stolen", 3, from: 2));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Deltas_are_kept_for_sixteen_versions_and_only_for_the_units_of_the_list()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var other = await centre.EnrolAsync("PB-2");
        for (var version = 1; version <= 18; version++)
        {
            using var cli = new OpenCentre(centre.Data);
            var draft = CentreUnderTest.PlateDraft("stolen", [.. Enumerable.Range(0, 20 + version).Select(at => $"京A{at:00000}")]);
            Assert.Equal(version > 1, cli.Issuing().Issue(ListBuilder.Build(draft, centre.Folder, TimeProvider.System), ["PB-1"]).DeltaBytes > 0);
        }
        var offers = (await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest())).Offers;
        Assert.Equal(Enumerable.Range(3, 16).Select(version => (ulong)version), offers.Where(offer => offer.DeltaFromVersion > 0).Select(offer => offer.Version));
        Assert.Empty((await new Watchlists.WatchlistsClient(other.Channel).IndexAsync(new ListIndexRequest())).Offers);
        var missing = await Assert.ThrowsAsync<RpcException>(() => FetchBytesAsync(other, "stolen", 18, from: 17));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_delta_signed_elsewhere_comes_in_beside_its_list_when_it_leads_there()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var root = KeyPair.Load(new DataFolder(centre.Data), CentreKeys.ListRoot);
        var before = ListBuilder.Build(CentreUnderTest.PlateDraft("order-17", "京A12345", "京A12346"), centre.Folder, TimeProvider.System);
        before.Version = 1;
        var after = ListBuilder.Build(CentreUnderTest.PlateDraft("order-17", "京A12345", "京A12399"), centre.Folder, TimeProvider.System);
        after.Version = 2;
        var delta = WatchlistDelta.Between(before, after)!;
        var wrong = delta.Clone();
        wrong.Plates[0].Plate = "京A00000";
        var (whole, change) = (Path.Combine(centre.Folder, "whole.envelope"), Path.Combine(centre.Folder, "delta.envelope"));
        await File.WriteAllBytesAsync(whole, SignedBy(root, before, "One", "Two"));
        Assert.Equal(0, (await centre.CommandAsync(null, "lists", "import", "--envelope", whole)).ExitCode);
        await File.WriteAllBytesAsync(whole, SignedBy(root, after, "One", "Two"));
        await File.WriteAllBytesAsync(change, SignedBy(root, wrong, "One", "Two"));
        Assert.Contains("does not lead", (await centre.CommandAsync(null, "lists", "import", "--envelope", whole, "--delta", change)).Error);
        // The same entries, for longer than the list itself says.
        var longer = delta.Clone();
        longer.ValidToUnixMs += 1000;
        await File.WriteAllBytesAsync(change, SignedBy(root, longer, "One", "Two"));
        Assert.Contains("does not lead", (await centre.CommandAsync(null, "lists", "import", "--envelope", whole, "--delta", change)).Error);
        await File.WriteAllBytesAsync(change, SignedBy(root, delta, "One"));
        Assert.Contains("too_few_approvers", (await centre.CommandAsync(null, "lists", "import", "--envelope", whole, "--delta", change)).Error);
        await File.WriteAllBytesAsync(change, SignedBy(root, delta, "One", "Two"));
        var taken = await centre.CommandAsync(null, "lists", "import", "--envelope", whole, "--delta", change);
        Assert.True(taken.ExitCode == 0, taken.Error);
        Assert.Equal(await File.ReadAllBytesAsync(change), await FetchBytesAsync(car, "order-17", 2, from: 1));
    }

    private static Watchlist Read(byte[] envelope) => Watchlist.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(envelope).Payload);

    [Fact]
    public async Task A_list_signed_elsewhere_comes_in_and_one_by_strangers_does_not()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var list = ListBuilder.Build(CentreUnderTest.PlateDraft("order-17", "京A12345"), centre.Folder, TimeProvider.System);
        list.Version = 1;
        var file = Path.Combine(centre.Folder, "order.envelope");
        // Persons with keys of their own under the same root, as in a city.
        using var root = KeyPair.Load(new DataFolder(centre.Data), CentreKeys.ListRoot);
        await File.WriteAllBytesAsync(file, SignedBy(root, list, "One", "Two"));
        var taken = await centre.CommandAsync(null, "lists", "import", "--envelope", file);
        Assert.True(taken.ExitCode == 0, taken.Error);
        Assert.Equal(1UL, (await FetchAsync(car, "order-17")).Offer.Version);
        Assert.Contains("does not follow", (await centre.CommandAsync(null, "lists", "import", "--envelope", file)).Error);

        list.Version = 2;
        await File.WriteAllBytesAsync(file, SignedBy(root, list, "One", "One"));
        Assert.Contains("too_few_approvers", (await centre.CommandAsync(null, "lists", "import", "--envelope", file)).Error);
        using var foreign = ListCertificates.CreateRoot("Patrol list root", DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        await File.WriteAllBytesAsync(file, SignedBy(foreign, list, "One", "Two"));
        Assert.Contains("unknown_issuer", (await centre.CommandAsync(null, "lists", "import", "--envelope", file)).Error);
        await File.WriteAllBytesAsync(file, [1, 2, 3, 4]);
        Assert.Contains("not_an_envelope", (await centre.CommandAsync(null, "lists", "import", "--envelope", file)).Error);
    }

    private static byte[] SignedBy(X509Certificate2 root, Watchlist list, params string[] approvers)
    {
        var (from, to) = (DateTimeOffset.UnixEpoch.AddYears(51), DateTimeOffset.UnixEpoch.AddYears(89));
        var signers = new List<EnvelopeSigner>();
        void Add(SignerRole role, X509Certificate2 certificate) => signers.Add(new EnvelopeSigner(role, certificate.GetECDsaPrivateKey()!, [certificate.RawData]));
        Add(SignerRole.Issuer, ListCertificates.CreateIssuer(root, "Judge", [ListCategory.StolenVehicle], from, to));
        foreach (var approver in approvers)
            Add(SignerRole.Approver, ListCertificates.CreateApprover(root, approver, from, to));
        return Envelopes.Sign(Envelopes.WatchlistType, list.ToByteArray(), [.. signers]).ToByteArray();
    }

    internal static async Task<(ListOffer Offer, byte[] Envelope)> FetchAsync(RawCar car, string listId)
    {
        var index = await new Watchlists.WatchlistsClient(car.Channel).IndexAsync(new ListIndexRequest());
        var offer = index.Offers.Single(offer => offer.ListId == listId && offer.DeltaFromVersion == 0);
        return (offer, await FetchBytesAsync(car, listId, offer.Version));
    }

    private static async Task<byte[]> FetchBytesAsync(RawCar car, string listId, ulong version, ulong offset = 0, ulong from = 0)
    {
        var request = new FetchListRequest { ListId = listId, Version = version, Offset = offset, DeltaFromVersion = from };
        using var call = new Watchlists.WatchlistsClient(car.Channel).Fetch(request);
        using var bytes = new MemoryStream();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            var chunk = call.ResponseStream.Current;
            Assert.Equal(offset + (ulong)bytes.Length, chunk.Offset);
            Assert.InRange(chunk.Data.Length, 1, 64 << 10);
            chunk.Data.WriteTo(bytes);
        }
        return bytes.ToArray();
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}

public sealed class ListTestsOnPostgres : ListTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
