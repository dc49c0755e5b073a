using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public class SessionTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync() => centre = await CentreUnderTest.StartAsync(store: Store);

    public async Task DisposeAsync() => await centre.DisposeAsync();

    [Fact]
    public async Task Hello_must_come_first_fit_and_share_a_version()
    {
        using var car = await centre.EnrolAsync("PB-1");
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => car.ConnectAsync(hello => (hello.VersionMin, hello.VersionMax) = (2, 3)))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => car.ConnectAsync(hello => hello.Incarnation = ByteString.CopyFrom(1, 2)))).StatusCode);
        using var call = new Link.LinkClient(car.Channel).Session();
        await call.RequestStream.WriteAsync(new CarMessage { TimeRequest = new TimeRequest() });
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task Events_are_on_disk_when_they_are_acked()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var events = Enumerable.Range(0, 50).Select(_ => car.Health()).ToList();
        var acks = await session.StoreAsync(events);
        // Another connection, another snapshot: only what is committed can be seen.
        var books = centre.Books("PB-1");
        Assert.All(acks, ack => Assert.Equal(AckStatus.Stored, ack.Status));
        Assert.Equal(events.Select(e => e.Id), acks.Select(ack => ack.EventId));
        Assert.Equal(events.Select(e => Uuid7.ToGuid(e.Id.Span).ToString()), books.Ids!);
    }

    [Fact]
    public async Task What_comes_again_is_a_duplicate_with_one_row()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var one = car.Health();
        Assert.Equal([AckStatus.Stored, AckStatus.Duplicate], (await session.StoreAsync(one, one)).Select(ack => ack.Status));
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await session.StoreAsync(one)).Status);
        using var later = await car.ConnectAsync();
        Assert.Equal(AckStatus.Duplicate, Assert.Single(await later.StoreAsync(one)).Status);
        var books = centre.Books("PB-1");
        Assert.Equal((1, 3, 0), (books.Events, books.DuplicatesAttempted, books.RefusedEvents));
    }

    [Fact]
    public async Task Crowd_and_traffic_are_numbers_of_the_last_minute_over_all_cameras()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        centre.AddAccount();
        using var console = await ConsoleClient.SignedInAsync(centre.Http);
        Assert.Null((await UnitAsync(console))["vehiclesPerMinute"]);
        ulong number = 0;
        Event Counted(Action<SceneCounts> change) => RawCar.Event(Lane.Status, ++number, e => e.SceneCounts = Scene(change));
        await session.StoreAsync(
            Counted(s => (s.CameraId, s.Vehicles, s.HeadsMedian, s.HeadsMax) = ("cam1", 7, 2, 5)),
            Counted(s => (s.CameraId, s.Vehicles) = ("cam2", 4)),
            // An hour ago, sent late: of no present minute. An older minute of cam1: no step back.
            Counted(s => (s.CameraId, s.Vehicles, s.FromUnixMs, s.ToUnixMs) = ("cam3", 900, s.FromUnixMs - 3_600_000, s.ToUnixMs - 3_600_000)),
            Counted(s => (s.CameraId, s.Vehicles, s.FromUnixMs, s.ToUnixMs) = ("cam1", 800, s.FromUnixMs - 60_000, s.ToUnixMs - 60_000)));
        await EvidenceTests.UntilAsync(async () => (await UnitAsync(console))["vehiclesPerMinute"] is { } n && (long)n == 11);
        Assert.Equal(2, (long)(await UnitAsync(console))["heads"]!);
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> UnitAsync(ConsoleClient console) =>
        System.Text.Json.Nodes.JsonNode.Parse(await console.Http.GetStringAsync(new Uri("/api/units", UriKind.Relative)))!.AsArray().Single(u => (string)u!["unitId"]! == "PB-1")!;

    private static SceneCounts Scene(Action<SceneCounts> change)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var scene = new SceneCounts { CameraId = "cam1", FromUnixMs = now - 60_000, ToUnixMs = now, Frames = 600 };
        change(scene);
        return scene;
    }

    [Fact]
    public async Task Malformed_events_are_refused_by_name_and_the_others_stored_in_the_same_session()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var good = car.Health(1);
        var otherId = car.Health(1);
        var otherNumber = car.Health(2);
        otherNumber.Id = good.Id;
        Event Bad(ulong number, Action<Event> spoil)
        {
            var e = car.Health(number);
            spoil(e);
            return e;
        }
        (Event Event, string? Code)[] batch =
        [
            (good, null),
            (Bad(2, e => e.Id = ByteString.CopyFrom(1, 2, 3)), "bad_id"),
            (Bad(3, e => e.Lane = (Lane)77), "bad_lane"),
            (Bad(0, _ => { }), "bad_number"),
            (Bad(ulong.MaxValue, _ => { }), "bad_number"),
            (Bad(4, e => e.ClearBody()), "no_body"),
            (Bad(5, e => e.Attachments.Add(new AttachmentRef { Sha256 = ByteString.CopyFrom(1) })), "bad_attachment"),
            (Bad(6, e => e.AlertDecided = new AlertDecided()), "bad_decision"),
            (Bad(7, e => e.Tombstone = new Tombstone { Lane = Lane.Status, FromNumber = 9, ToNumber = 8 }), "bad_tombstone"),
            (Bad(8, e => e.Tombstone = new Tombstone { Lane = Lane.Audit, FromNumber = 1, ToNumber = 2 }), "bad_tombstone"),
            (Bad(9, e => e.CallStep = new CallStep { Act = CallAct.Close }), "centre_only"),
            (Bad(10, e => e.Track = new TrackSegment { Base = new Position(), TimeDelta = { 1 } }), "bad_track"),
            (Bad(12, e => e.SceneCounts = Scene(s => s.ToUnixMs = s.FromUnixMs)), "bad_scene"),
            (Bad(13, e => e.SceneCounts = Scene(s => (s.HeadsMedian, s.HeadsMax) = (9, 3))), "bad_scene"),
            (Bad(14, e => e.SceneCounts = Scene(s => s.Vehicles = 1_000_000)), "bad_scene"),
            (otherId, "number_reused"),
            (otherNumber, "id_reused"),
            (car.Health(11), null),
        ];
        var acks = await session.StoreAsync(batch.Select(item => item.Event));
        Assert.Equal(batch.Select(item => item.Code ?? ""), acks.Select(ack => ack.Code));
        Assert.Equal(batch.Select(item => item.Code is null ? AckStatus.Stored : AckStatus.Refused), acks.Select(ack => ack.Status));
        Assert.All(acks.Where(ack => ack.Status == AckStatus.Refused), ack => Assert.NotEmpty(ack.Detail));
        Assert.Equal(AckStatus.Stored, Assert.Single(await session.StoreAsync(car.Health(12))).Status);
        var books = centre.Books("PB-1");
        // The one in a lane that there is not leaves its own lane's number open.
        Assert.Equal((3, 16, 1), (books.Events, books.RefusedEvents, books.MissingNumbers));
        // What was refused is kept, named, and repeated only once in the books.
        _ = await session.StoreAsync(batch[1].Event);
        Assert.Equal(16, centre.Books("PB-1").RefusedEvents);
    }

    [Fact]
    public async Task An_id_of_one_unit_says_nothing_to_another()
    {
        using var first = await centre.EnrolAsync("PB-1");
        using var second = await centre.EnrolAsync("PB-2");
        var e = first.Health();
        using var one = await first.ConnectAsync();
        using var two = await second.ConnectAsync();
        _ = await one.StoreAsync(e);
        Assert.Equal("id_reused", Assert.Single(await two.StoreAsync(e)).Code);
    }

    [Fact]
    public async Task A_gap_is_noted_asked_for_and_closed()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(car.Health(1), car.Health(2), car.Health(6));
        Assert.Equal([3, 5], Assert.Single(Assert.Single(centre.Books("PB-1").Lanes).Missing));
        var asked = (await session.NextAsync(message => message.Resend is not null)).Resend;
        Assert.Equal((Lane.Status, 3UL, 5UL), (asked.Lane, asked.FromNumber, asked.ToNumber));
        Assert.Equal(car.Incarnation, asked.Incarnation.ToByteArray());
        _ = await session.StoreAsync(car.Health(4), Stone(7, 3, 3), Stone(8, 5, 5));
        Assert.Equal(0, centre.Books("PB-1").MissingNumbers);
        var marks = (await session.NextAsync(message => message.Watermarks?.Lanes.Any(lane => lane.Number == 8) == true)).Watermarks;
        Assert.Equal(car.Incarnation, Assert.Single(marks.Lanes).Incarnation.ToByteArray());
    }

    [Fact]
    public async Task A_watermark_never_passes_a_gap_and_stands_in_the_next_welcome()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using (var session = await car.ConnectAsync())
            _ = await session.StoreAsync(car.Health(1), car.Health(2), car.Health(9));
        using var again = await car.ConnectAsync();
        Assert.Equal(2UL, Assert.Single(again.Welcome.Watermarks).Number);
        using var newDisk = await car.ConnectAsync(hello => hello.Incarnation = ByteString.CopyFrom(new byte[16]));
        Assert.Empty(newDisk.Welcome.Watermarks);
    }

    [Fact]
    public async Task Numbers_that_only_the_car_knows_of_are_asked_for()
    {
        // As after the centre's return from a backup: the car has given out 1 to 4 and holds 3 and 4.
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync(hello => hello.Lanes.Add(new LaneState { Lane = Lane.Decisions, FirstHeld = 3, NextNumber = 5 }));
        var below = (await session.NextAsync(message => message.Resend is not null)).Resend;
        Assert.Equal((1UL, 2UL), (below.FromNumber, below.ToNumber));
        _ = await session.StoreAsync(RawCar.Event(Lane.Decisions, 5, e => e.Tombstone = new Tombstone { Lane = Lane.Decisions, FromNumber = 1, ToNumber = 2 }));
        var rest = (await session.NextAsync(message => message.Resend is not null)).Resend;
        Assert.Equal((3UL, 4UL), (rest.FromNumber, rest.ToNumber));
    }

    [Fact]
    public async Task The_newest_session_of_a_unit_takes_the_place_of_the_former()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var first = await car.ConnectAsync();
        using var second = await car.ConnectAsync();
        Assert.Equal("replaced", (await first.NextAsync(message => message.Goodbye is not null)).Goodbye.Code);
        Assert.Equal(StatusCode.OK, await first.EndAsync());
        Assert.Equal(AckStatus.Stored, Assert.Single(await second.StoreAsync(car.Health())).Status);
    }

    [Fact]
    public async Task Time_is_signed_over_the_cars_own_nonce()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16));
        await session.SendAsync(new CarMessage { TimeRequest = new TimeRequest { Nonce = nonce } });
        var envelope = (await session.NextAsync(message => message.SignedTime is not null)).SignedTime;
        using var signer = X509CertificateLoader.LoadCertificate(car.Reply!.CentreSigners[0].Span);
        var payload = Envelopes.OpenTrusted(envelope, Envelopes.TimeType, SignerRole.Centre, [signer]);
        var time = SignedTime.Parser.ParseFrom(payload!.Value.Span);
        Assert.Equal((nonce, "PB-1"), (time.Nonce, time.UnitId));
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - time.UnixMs, 0, 5000);
    }

    [Fact]
    public async Task Decisions_are_checked_against_the_units_key_and_false_ones_kept_with_a_flag()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var thief = await centre.EnrolAsync("PB-2");
        using var session = await car.ConnectAsync();
        var stolen = thief.Decided(4, decision => decision.UnitId = "PB-1");
        var rejectedLater = car.Decided(7, decision => (decision.Verdict, decision.Reason) = (Verdict.Rejected, "not_same_plate"));
        rejectedLater.AlertDecided.Alert = ByteString.Empty;
        var acks = await session.StoreAsync(
            car.Decided(1),
            car.Decided(2, changeAfterSigning: alert => alert.ListedText = "京B99999"),
            car.Decided(3, decision => decision.UnitId = "PB-9"),
            stolen,
            car.Decided(5, decision => decision.OfficerId = ""),
            car.Decided(6, decision => decision.Verdict = Verdict.Rejected),
            rejectedLater);
        Assert.All(acks, ack => Assert.Equal(AckStatus.Stored, ack.Status));
        Assert.Equal([true, false, false, false, false, false, true], centre.Books("PB-1").Decisions!.Select(decision => decision.SignatureValid));
    }

    [Fact]
    public async Task A_roster_reaches_the_car_signed_and_is_sent_until_it_is_acknowledged()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        var added = await centre.CommandAsync("123456", "officers", "add", "--unit", "PB-1", "--officer", "010001", "--name", "张三", "--pin-stdin", "--json");
        Assert.Equal(0, added.ExitCode);
        var command = await session.CommandAsync(Command.BodyOneofCase.Officers);
        var roster = Roster(car, command);
        Assert.Equal((1UL, "PB-1"), (roster.Version, roster.UnitId));
        var officer = Assert.Single(roster.Officers);
        Assert.True(officer.PinIterations >= 200_000);
        Assert.Equal(
            Rfc2898DeriveBytes.Pbkdf2("123456"u8, officer.PinSalt.Span, (int)officer.PinIterations, HashAlgorithmName.SHA256, officer.PinHash.Length),
            officer.PinHash.ToByteArray());

        // Not acknowledged: it comes again with the next session, until it is.
        using var second = await car.ConnectAsync();
        var again = await second.CommandAsync(Command.BodyOneofCase.Officers);
        Assert.Equal(command.Id, again.Id);
        await second.AcceptAsync(again);
        _ = await second.StoreAsync(car.Health());
        _ = await centre.CommandAsync("654321", "officers", "add", "--unit", "PB-1", "--officer", "010002", "--name", "李四", "--pin-stdin");
        var next = Roster(car, await second.CommandAsync(Command.BodyOneofCase.Officers));
        Assert.Equal((2UL, 2), (next.Version, next.Officers.Count));
        await centre.StopServerAsync();
        Assert.DoesNotContain("张三", System.Text.Encoding.UTF8.GetString(centre.StoredBytes()));
    }

    [Fact]
    public async Task A_car_with_a_new_disk_gets_its_roster_again()
    {
        using var car = await centre.EnrolAsync("PB-1");
        _ = await centre.CommandAsync("123456", "officers", "add", "--unit", "PB-1", "--officer", "1", "--name", "A", "--pin-stdin");
        using (var session = await car.ConnectAsync())
        {
            await session.AcceptAsync(await session.CommandAsync(Command.BodyOneofCase.Officers));
            _ = await session.StoreAsync(car.Health());
        }
        using var fresh = await car.ConnectAsync(hello => hello.RosterVersion = 0);
        Assert.Equal(2UL, Roster(car, await fresh.CommandAsync(Command.BodyOneofCase.Officers)).Version);
    }

    [Fact]
    public async Task A_short_pin_is_refused_with_a_sentence()
    {
        using var car = await centre.EnrolAsync("PB-1");
        var refused = await centre.CommandAsync("1234", "officers", "add", "--unit", "PB-1", "--officer", "1", "--name", "A", "--pin-stdin");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("6 to 32 digits", refused.Error);
        Assert.DoesNotContain("1234", refused.Error);
    }

    [Fact]
    public async Task Cars_see_where_the_others_are_and_impossible_positions_are_left_out()
    {
        using var first = await centre.EnrolAsync("PB-1");
        using var second = await centre.EnrolAsync("PB-2");
        using var one = await first.ConnectAsync();
        using var two = await second.ConnectAsync();
        await one.SendAsync(Live(39.9, 116.4));
        await one.SendAsync(Live(double.NaN, 116.4));
        await one.SendAsync(Live(500, 116.4));
        var seen = (await two.NextAsync(message => message.Fleet?.Units.Count > 0)).Fleet;
        var unit = Assert.Single(seen.Units);
        Assert.Equal(("PB-1", "Beat PB-1", 39.9), (unit.UnitId, unit.Label, unit.Position.LatitudeDegrees));
        Assert.InRange(unit.AgeMs, 0, 3000);
        Assert.Empty((await one.NextAsync(message => message.Fleet is not null)).Fleet.Units);
    }

    [Fact]
    public async Task A_goodbye_at_the_stop_of_the_centre_and_all_that_was_acked_is_in_one_file()
    {
        using var car = await centre.EnrolAsync("PB-1");
        using var session = await car.ConnectAsync();
        _ = await session.StoreAsync(Enumerable.Range(0, 20).Select(_ => car.Health()));
        var goodbye = session.NextAsync(message => message.Goodbye is not null);
        var stopping = centre.StopServerAsync();
        Assert.Equal("stopping", (await goodbye).Goodbye.Code);
        await stopping;
        Assert.False(File.Exists(Path.Combine(centre.Data, "centre.db-wal")));
        Assert.Equal(20, centre.Books("PB-1").Events);
    }

    private static CarMessage Live(double latitude, double longitude) => new()
    {
        Position = new LivePosition { Position = new Position { Fix = GnssFix._3D, LatitudeDegrees = latitude, LongitudeDegrees = longitude }, Availability = "free" },
    };

    private static Event Stone(ulong number, ulong from, ulong to) =>
        RawCar.Event(Lane.Status, number, e => e.Tombstone = new Tombstone { Lane = Lane.Status, FromNumber = from, ToNumber = to });

    private static OfficerRoster Roster(RawCar car, Command command)
    {
        using var signer = X509CertificateLoader.LoadCertificate(car.Reply!.CentreSigners[0].Span);
        return OfficerRoster.Parser.ParseFrom(Envelopes.OpenTrusted(command.Officers, Envelopes.OfficersType, SignerRole.Centre, [signer])!.Value.Span);
    }
}

public sealed class SessionTestsOnPostgres : SessionTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}
