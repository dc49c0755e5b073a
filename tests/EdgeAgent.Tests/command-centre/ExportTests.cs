using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
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
    private static readonly Encoding Gbk = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;
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
        Assert.Equal((360, 90), (U16(first, 18), U16(first, 20)));
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

    private static int U16(byte[] body, int at) => (body[at] << 8) | body[at + 1];

    /// <summary>Reads JT/T 808-2019 from its text: flags, escapes, a header of 17 bytes, the sum.</summary>
    private sealed class Jt808Platform : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<(int Id, byte[] Body)> received = new();
        private TcpClient? current;

        public Jt808Platform()
        {
            listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public string Phone { get; private set; } = "";

        public string Plate { get; private set; } = "";

        public void HangUp() => current?.Close();

        public async Task<byte[]> NextAsync(int id, CancellationToken stop, Func<byte[], bool>? meant = null)
        {
            while (true)
            {
                while (received.TryDequeue(out var one))
                {
                    if (one.Id == id && (meant is null || meant(one.Body)))
                        return one.Body;
                }
                await Task.Delay(20, stop);
            }
        }

        public void Dispose()
        {
            listener.Stop();
            current?.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    current = await listener.AcceptTcpClientAsync();
                    _ = ReadAsync(current);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task ReadAsync(TcpClient client)
        {
            var (stream, frame, one) = (client.GetStream(), new List<byte>(), new byte[1]);
            try
            {
                while (await stream.ReadAsync(one) == 1)
                {
                    if (one[0] != 0x7E)
                        frame.Add(one[0]);
                    else if (frame.Count > 0)
                    {
                        await TakeAsync(stream, [.. frame]);
                        frame.Clear();
                    }
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Hung up.
            }
        }

        private async Task TakeAsync(NetworkStream stream, byte[] escaped)
        {
            var plain = new List<byte>();
            for (var at = 0; at < escaped.Length; at++)
                plain.Add(escaped[at] == 0x7D ? (byte)(0x7C + escaped[++at]) : escaped[at]);
            Assert.Equal(0, plain.Aggregate(0, (sum, b) => sum ^ b));
            var bytes = plain.ToArray();
            var (id, body) = (U16(bytes, 0), bytes[17..^1]);
            Assert.Equal((body.Length, 1, 1), (U16(bytes, 2) & 0x3FF, (U16(bytes, 2) >> 14) & 1, bytes[4]));
            Phone = Convert.ToHexString(bytes, 5, 10).TrimStart('0');
            if (id == 0x0100)
                Plate = Gbk.GetString(body, 76, body.Length - 76);
            if (id == 0x0102)
                Assert.Equal("code-7", Encoding.ASCII.GetString(body, 1, body[0]));
            byte[] answer = id == 0x0100 ? [bytes[15], bytes[16], 0, .. "code-7"u8] : [bytes[15], bytes[16], bytes[0], bytes[1], 0];
            await stream.WriteAsync(Frame(id == 0x0100 ? 0x8100 : 0x8001, answer));
            received.Enqueue((id, body));
        }

        private static byte[] Frame(int id, byte[] body)
        {
            List<byte> plain = [(byte)(id >> 8), (byte)id, (byte)(0x40 | (body.Length >> 8)), (byte)body.Length, 1, 0, 0, 0, 0, 1, 0x38, 0, 0x13, 0x80, 0, 0, 9, .. body];
            plain.Add((byte)plain.Aggregate(0, (sum, b) => sum ^ b));
            return [0x7E, .. plain.SelectMany(b => b switch { 0x7E => new byte[] { 0x7D, 2 }, 0x7D => [0x7D, 1], _ => [b] }), 0x7E];
        }
    }

    /// <summary>Asks for digest, fails on demand, keeps what it took.</summary>
    private sealed class ViidPlatform : IAsyncDisposable
    {
        private readonly HttpListener listener = new();
        private int asked;

        public Uri Address { get; private set; } = null!;

        public bool Failing { get; set; }

        public ConcurrentQueue<JsonNode> Taken { get; } = new();

        public static Task<ViidPlatform> StartAsync()
        {
            var platform = new ViidPlatform();
            var port = FreePort();
            platform.Address = new Uri($"http://127.0.0.1:{port}");
            platform.listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            platform.listener.Start();
            _ = platform.RunAsync();
            return Task.FromResult(platform);
        }

        public async Task AskedAsync(int times, CancellationToken stop)
        {
            while (Volatile.Read(ref asked) < times)
                await Task.Delay(20, stop);
        }

        public async Task TakenAsync(int count, CancellationToken stop)
        {
            while (Taken.Count < count)
                await Task.Delay(20, stop);
        }

        public ValueTask DisposeAsync()
        {
            listener.Close();
            return ValueTask.CompletedTask;
        }

        private async Task RunAsync()
        {
            try
            {
                while (true)
                    await AnswerAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(HttpListenerContext context)
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            var (path, status, answer) = (context.Request.Url!.AbsolutePath, 200, """{"ResponseStatusListObject":{"ResponseStatusObject":[{"StatusCode":0,"StatusString":"OK"}]}}""");
            if (path == "/VIID/System/Register" && !Authorised(context.Request.Headers["Authorization"] ?? "", path))
            {
                status = 401;
                context.Response.AddHeader("WWW-Authenticate", "Digest realm=\"viid\", qop=\"auth\", nonce=\"abc123\"");
            }
            else if (path != "/VIID/System/Register" && context.Request.Headers["User-Identify"] != "11010000001190000001")
                status = 400;
            else if (path == "/VIID/DispositionNotifications")
            {
                _ = Interlocked.Increment(ref asked);
                status = Failing ? 503 : 200;
                if (!Failing)
                    Taken.Enqueue(JsonNode.Parse(body)!);
            }
            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            context.Response.Close();
        }

        private static bool Authorised(string header, string path)
        {
            var parts = header.Split(',', ' ').Where(part => part.Contains('=', StringComparison.Ordinal)).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1].Trim('"'));
            return parts.TryGetValue("response", out var response)
                && response == Md5($"{Md5("centre:viid:platform password")}:abc123:{parts["nc"]}:{parts["cnonce"]}:auth:{Md5($"POST:{path}")}");
        }

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }

    /// <summary>An upper platform of GB/T 28181: digest, queries, and an INVITE that it must not get.</summary>
    private sealed class SipPlatform : IDisposable
    {
        private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        private readonly ConcurrentQueue<(string StartLine, string All, string Body)> received = new();
        private readonly TaskCompletionSource registered = new();
        private readonly string password;
        private IPEndPoint? lower;

        public SipPlatform(string id, string lowerId, string password)
        {
            (Id, Lower, this.password) = (id, lowerId, password);
            _ = RunAsync();
        }

        public string Id { get; }

        public string Lower { get; }

        public string Address => socket.Client.LocalEndPoint!.ToString()!;

        public Task RegisteredAsync(CancellationToken stop) => registered.Task.WaitAsync(stop);

        public Task SayAsync(string body) => RawAsync(Request("MESSAGE", body));

        public Task InviteAsync() => RawAsync(Request("INVITE", ""));

        public async Task RawAsync(string text) => _ = await socket.SendAsync(Gbk.GetBytes(text), lower!);

        public async Task<(string StartLine, string Body)> NextAsync(string start, CancellationToken stop, Func<string, bool>? meant = null)
        {
            while (true)
            {
                while (received.TryDequeue(out var one))
                {
                    if (one.StartLine.StartsWith(start, StringComparison.Ordinal) && (meant is null || meant(one.All)))
                        return (one.StartLine, one.Body);
                }
                await Task.Delay(20, stop);
            }
        }

        public void Dispose() => socket.Dispose();

        private string Request(string method, string body) => string.Join("\r\n",
            $"{method} sip:{Lower}@3402000000 SIP/2.0", $"Via: SIP/2.0/UDP {Address};branch=z9hG4bK{Guid.NewGuid():n}", $"From: <sip:{Id}@3402000000>;tag=1",
            $"To: <sip:{Lower}@3402000000>", $"Call-ID: {Guid.NewGuid():n}", $"CSeq: 1 {method}", $"Content-Length: {Gbk.GetByteCount(body)}", "", body);

        private async Task RunAsync()
        {
            try
            {
                while (true)
                    await TakeAsync(await socket.ReceiveAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task TakeAsync(UdpReceiveResult got)
        {
            lower = got.RemoteEndPoint;
            var text = Gbk.GetString(got.Buffer);
            var lines = text.Split("\r\n");
            if (!lines[0].StartsWith("REGISTER", StringComparison.Ordinal))
            {
                received.Enqueue((lines[0], text, text.Split("\r\n\r\n", 2)[1]));
                return;
            }
            var echo = string.Join("\r\n", lines.Where(line => line.StartsWith("Via:", StringComparison.Ordinal) || line.StartsWith("From:", StringComparison.Ordinal) || line.StartsWith("To:", StringComparison.Ordinal)
                || line.StartsWith("Call-ID:", StringComparison.Ordinal) || line.StartsWith("CSeq:", StringComparison.Ordinal)));
            var response = lines.FirstOrDefault(line => line.StartsWith("Authorization:", StringComparison.Ordinal))?.Split("response=\"")[1].Split('"')[0];
            var right = Md5($"{Md5($"{Lower}:3402000000:{password}")}:n0nce:{Md5($"REGISTER:sip:{Id}@3402000000")}");
            await RawAsync(response == right
                ? $"SIP/2.0 200 OK\r\n{echo}\r\nContent-Length: 0\r\n\r\n"
                : $"SIP/2.0 401 Unauthorized\r\n{echo}\r\nWWW-Authenticate: Digest realm=\"3402000000\", nonce=\"n0nce\", algorithm=MD5\r\nContent-Length: 0\r\n\r\n");
            if (response == right)
                _ = registered.TrySetResult();
        }
    }

    // What both standards ask for.
#pragma warning disable CA5351
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
