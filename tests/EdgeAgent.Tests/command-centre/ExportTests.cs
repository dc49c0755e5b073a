using System.Globalization;
using System.Net;
using System.Xml.Linq;
using EdgeAgent.CommandCentre.Exports;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What other platforms are told, by peers that read the standards for themselves and share no code with the exports.</summary>
public sealed class ExportTests : IAsyncLifetime, IDisposable
{
    private readonly CentreUnderTest centre = CentreUnderTest.Make();
    private readonly CancellationTokenSource patience = new(TimeSpan.FromSeconds(40));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await centre.DisposeAsync();

    public void Dispose() => patience.Dispose();

    // From the standard: 0x30 7e 08 7d 55 becomes 7e 30 7d 02 08 7d 01 55 7e.
    [Fact]
    public void A_frame_escapes_its_flags_and_comes_back_whole()
    {
        var message = new Jt808Message(0x3008, "13800138000", 0x7E7D, [0x30, 0x7E, 0x08, 0x7D, 0x55]);
        var frame = Jt808Frame.Encode(message);
        Assert.Equal((0x7E, 0x7E, 2), (frame[0], frame[^1], frame.Count(b => b == 0x7E)));
        Assert.Contains("30-7D-02-08-7D-01-55", BitConverter.ToString(frame), StringComparison.Ordinal);
        var back = Jt808Frame.Decode(frame.AsSpan(1, frame.Length - 2))!;
        Assert.Equal((message.Id, message.Phone, message.Serial), (back.Id, back.Phone, back.Serial));
        Assert.Equal(message.Body, back.Body);
    }

    [Fact]
    public void Every_changed_bit_and_every_cut_of_a_frame_is_noticed()
    {
        var frame = Jt808Frame.Encode(new Jt808Message(0x0200, "1", 7, [1, 2, 3, 0x7E]))[1..^1];
        for (var at = 0; at < frame.Length; at++)
        {
            Assert.Null(Jt808Frame.Decode(frame.AsSpan(0, at)));
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = frame.ToArray();
                changed[at] ^= (byte)(1 << bit);
                Assert.Null(Jt808Frame.Decode(changed));
            }
        }
    }

    [Fact]
    public async Task Positions_reach_a_jt808_platform_and_a_call_for_help_is_its_emergency()
    {
        using var platform = new Jt808Platform();
        var options = new ExportOptions { Jt808 = new Jt808Options { Host = "127.0.0.1", Port = platform.Port, EverySeconds = 1, Authority = "A", LegalReference = "R-1", Units = [new("PB-1", "013800138000", "京A12345警")] } };
        await using var server = await ServeAsync(options);
        using var car = await RawCar.EnrolAsync(server.Grpc, centre.EnrolmentCode("PB-1"));
        using var session = await car.ConnectAsync();
        await TellAsync(session, 39.908712, 116.397412);
        var first = await platform.NextAsync(0x0200, patience.Token);
        Assert.Equal("13800138000", platform.Phone);
        Assert.Equal("京A12345警", platform.Plate);
        Assert.Equal((0u, 3u), (U32(first, 0), U32(first, 4)));
        Assert.Equal((39_908_712u, 116_397_412u), (U32(first, 8), U32(first, 12)));
        Assert.Equal((360, 90), (Peers.U16(first, 18), Peers.U16(first, 20)));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(At).ToOffset(TimeSpan.FromHours(8)).ToString("yyMMddHHmmss", CultureInfo.InvariantCulture), Convert.ToHexString(first, 22, 6));

        _ = await session.StoreAsync(RawCar.Event(Lane.Calls, 1, e => e.Sos = new Sos { SosId = ByteString.CopyFrom(Uuid7.New(TimeProvider.System)) }));
        for (var at = 1; ; at++)
        {
            await TellAsync(session, 39.9, 116.4, At + (at * 1000));
            if (U32(await platform.NextAsync(0x0200, patience.Token), 0) == 1)
                break;
        }
        // The line breaks: it is taken up again, and goes on.
        platform.HangUp();
        await TellAsync(session, -33.8, -70.6, At + 900_000);
        Assert.Equal(2u | 1u | 4u | 8u, U32(await platform.NextAsync(0x0200, patience.Token, body => U32(body, 8) == 33_800_000), 4));
        Assert.Contains("centre export_started jt808 units 1 A R-1", centre.Audit());
    }

    [Fact]
    public async Task Only_confirmed_and_signed_alerts_of_named_categories_reach_a_gat1400_platform_each_under_one_id()
    {
        await using var platform = await ViidPlatform.StartAsync();
        var secret = Path.Combine(centre.Folder, "secret");
        PrivateFiles.Write(secret, "platform password"u8);
        var options = new ExportOptions { Viid = new ViidOptions { Platform = platform.Address, DeviceId = "11010000001190000001", User = "centre", PasswordFile = secret, Authority = "A", LegalReference = "R-2", Categories = ["stolen_vehicle"] } };
        await using (var server = await ServeAsync(options))
        {
            using var car = await RawCar.EnrolAsync(server.Grpc, centre.EnrolmentCode("PB-1"));
            using var session = await car.ConnectAsync();
            platform.Failing = true;
            _ = await session.StoreAsync(
                car.Decided(1), car.Decided(2, d => (d.Verdict, d.Reason) = (Verdict.Rejected, "not_same_plate")), car.Decided(3, changeAfterSigning: a => a.ListedText = "京B00000"), car.Decided(4));
            await platform.AskedAsync(1, patience.Token);
            platform.Failing = false;
            await platform.TakenAsync(2, patience.Token);
            // The mark follows the platform's answer; a centre that was killed between the two would tell the second again, under its id.
            while (server.Services.GetRequiredService<CentreDatabase>().Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT seq FROM export_marks")) < 4)
                await Task.Delay(20, patience.Token);
        }
        var told = platform.Taken.Select(body => body["DispositionNotificationListObject"]!["DispositionNotificationObject"]![0]!).ToList();
        Assert.Equal(["京A12345", "京A12345"], told.Select(one => (string)one["MotorVehicleObject"]!["PlateNo"]!));
        Assert.Equal(2, told.Select(one => (string)one["NotificationID"]!).Distinct().Count(id => id.Length == 33 && id.StartsWith("11010000001190000001", StringComparison.Ordinal)));
        Assert.Equal(2, centre.Audit().Count(row => row.StartsWith("centre alert_exported viid ", StringComparison.Ordinal) && row.EndsWith("A R-2", StringComparison.Ordinal)));
        Assert.DoesNotContain("SeenJpeg", string.Concat(platform.Taken.Select(body => body.ToJsonString())), StringComparison.OrdinalIgnoreCase);

        // A centre that starts again goes on after the last one.
        await using var again = await ServeAsync(options);
        await Task.Delay(2500, patience.Token);
        Assert.Equal(2, platform.Taken.Count);
    }

    [Fact]
    public async Task A_gb28181_platform_is_registered_at_gets_the_catalogue_and_no_video()
    {
        using var platform = new SipPlatform("34020000002000000001", "34020000001110000001", "sip password");
        var secret = Path.Combine(centre.Folder, "secret");
        PrivateFiles.Write(secret, "sip password"u8);
        var options = new ExportOptions { Gb28181 = new Gb28181Options { Server = platform.Address, ServerId = platform.Id, OwnId = platform.Lower, PasswordFile = secret, Authority = "A", LegalReference = "R-3", CameraPrefix = "34020000001320" } };
        await using var server = await ServeAsync(options);
        using var car = await RawCar.EnrolAsync(server.Grpc, centre.EnrolmentCode("PB-1"));
        using var session = await car.ConnectAsync(hello =>
        {
            hello.CameraIds.Clear();
            hello.CameraIds.Add(Enumerable.Range(1, 7).Select(n => $"cam{n}"));
        });
        await TellAsync(session, 39.9, 116.4);
        // Answered after the position was taken.
        _ = await session.StoreAsync(car.Health());
        await platform.RegisteredAsync(patience.Token);
        await platform.SayAsync($"<?xml version=\"1.0\"?><Query><CmdType>Catalog</CmdType><SN>17</SN><DeviceID>{platform.Lower}</DeviceID></Query>");
        var items = new List<XElement>();
        while (items.Count < 7)
        {
            var body = XElement.Parse((await platform.NextAsync("MESSAGE", patience.Token)).Body.Split("?>", 2)[1]);
            Assert.Equal(("Response", "17", "7"), (body.Name.LocalName, (string)body.Element("SN")!, (string)body.Element("SumNum")!));
            items.AddRange(body.Element("DeviceList")!.Elements("Item"));
        }
        Assert.Equal(7, items.Select(item => (string)item.Element("DeviceID")!).Distinct().Count(id => id.Length == 20));
        Assert.All(items, item => Assert.Equal(("ON", "39.9"), ((string)item.Element("Status")!, (string)item.Element("Latitude")!)));
        await platform.InviteAsync();
        Assert.StartsWith("SIP/2.0 403", (await platform.NextAsync("SIP/2.0", patience.Token, m => m.Contains("INVITE", StringComparison.Ordinal))).StartLine, StringComparison.Ordinal);
        // A hostile peer: nothing that it sends ends the line.
        await platform.RawAsync("nonsense");
        await platform.SayAsync("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Query><CmdType>&a;</CmdType></Query>");
        await platform.SayAsync($"<Query><CmdType>DeviceStatus</CmdType><SN>18</SN><DeviceID>{platform.Lower}</DeviceID></Query>");
        Assert.Contains("ONLINE", (await platform.NextAsync("MESSAGE", patience.Token)).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jt808":{"host":"h","port":1,"units":[{"unitId":"a","number":"1","plate":"p"}]}}""", "authority")]
    [InlineData("""{"viid":{"platform":"ftp://x","deviceId":"1","categories":["everything"]}}""", "20 digits")]
    [InlineData("""{"gb28181":{"server":"nowhere"}}""", "ADDRESS:PORT")]
    [InlineData("""{"jt808":""", "cannot be read")]
    public async Task Nothing_is_told_to_anybody_without_a_ground_and_a_sound_file(string file, string why)
    {
        var path = Path.Combine(centre.Folder, "exports.json");
        await File.WriteAllTextAsync(path, file);
        var result = await centre.CommandAsync(null, "serve", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--exports", path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
    }

    private const long At = 1_790_000_000_000;

    private static Task TellAsync(RawSession session, double latitude, double longitude, long at = At) => session.SendAsync(new CarMessage
    {
        Position = new LivePosition { Position = new Position { AtUnixMs = at, Fix = GnssFix._3D, LatitudeDegrees = latitude, LongitudeDegrees = longitude, SpeedMps = 10, HeadingDegrees = 90 } },
    });

    private Task<CentreServer> ServeAsync(ExportOptions exports) => CentreServer.StartAsync(
        new CentreOptions { DataDirectory = centre.Data, Grpc = new(IPAddress.Loopback, 0), Http = new(IPAddress.Loopback, 0), WebRoot = centre.Data, Exports = exports }, TimeProvider.System);

    private static uint U32(byte[] body, int at) => (uint)((body[at] << 24) | (body[at + 1] << 16) | (body[at + 2] << 8) | body[at + 3]);
}
