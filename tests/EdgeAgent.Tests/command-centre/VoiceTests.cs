using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class VoiceTestsOnPostgres : VoiceTests
{
    protected override CentreStore Store => CentreStore.Postgres;
}

/// <summary>Push to talk at the centre: whose turn it is, who hears it, and what of it is written down.</summary>
public class VoiceTests : IAsyncLifetime
{
    private CentreUnderTest centre = null!;
    private readonly List<IDisposable> opened = [];

    protected virtual CentreStore Store => CentreStore.Sqlite;

    public async Task InitializeAsync()
    {
        centre = await CentreUnderTest.StartAsync(store: Store);
        centre.AddAccount();
        centre.AddAccount("east", district: "east");
        centre.AddAccount("west", district: "west");
    }

    public async Task DisposeAsync()
    {
        opened.ForEach(one => one.Dispose());
        await centre.DisposeAsync();
    }

    [Fact]
    public async Task What_a_car_says_in_its_district_is_heard_there_and_nowhere_else()
    {
        var (one, two, three) = (await CarAsync("PB-1", "east"), await CarAsync("PB-2", "east"), await CarAsync("PB-3", "west"));
        await using var east = await ConsoleAsync("east");
        await using var west = await ConsoleAsync("west");
        var talk = await one.AskAsync("district");
        Assert.Equal("", await one.AnswerAsync(talk));
        for (uint n = 1; n <= 3; n++)
            await one.FrameAsync(talk, n, [(byte)n, 2, 3]);
        await one.OverAsync(talk);

        Assert.Equal((talk, "district:east", "PB-1", "Li"), two.Begun(await two.NextAsync()));
        for (uint n = 1; n <= 3; n++)
            Assert.Equal([(byte)n, 2, 3], (await two.NextAsync()).Frame.Opus.ToByteArray());
        Assert.Equal("", (await two.NextAsync()).Over.Code);
        Assert.Equal("PB-1", (string?)(await east.NextJsonAsync())["begin"]!["unitId"]);
        Assert.Equal([3, 2, 3], (await east.FramesAsync(3))[^1]);
        // What west hears first is of its own district, so nothing of the other came before it.
        Assert.Equal("", await three.AnswerAsync(await three.AskAsync("district")));
        Assert.Equal("district:west", (string?)(await west.NextJsonAsync())["begin"]!["channel"]);
        await AuditHasAsync("o1 voice_began district:east", "o1 voice_ended district:east");
    }

    [Fact]
    public async Task One_speaks_at_a_time_and_who_calls_for_help_goes_first()
    {
        var (one, two) = (await CarAsync("PB-1", "east"), await CarAsync("PB-2", "east"));
        await using var east = await ConsoleAsync("east");
        var first = await one.AskAsync("unit:PB-2");
        Assert.Equal("", await one.AnswerAsync(first));
        var second = await two.AskAsync("unit:PB-2");
        _ = await two.NextAsync();
        var refused = (await two.NextAsync()).Answer;
        Assert.Equal(("busy", "PB-1"), (refused.Code, refused.BusyWith.UnitId));
        Assert.NotEqual(second, refused.BusyWith.TalkId);

        var help = await two.AskAsync("unit:PB-2", emergency: true);
        // The former one is ended before the new one is answered.
        Assert.Equal("taken_over", (await two.NextAsync()).Over.Code);
        Assert.Equal("", await two.AnswerAsync(help));
        Assert.Equal("taken_over", (await one.NextAsync()).Over.Code);
        // A talk that lost the floor says nothing more, and the centre itself does not interrupt a call for help.
        await one.FrameAsync(first, 9, [9]);
        await two.FrameAsync(help, 1, [1]);
        _ = await east.FramesAsync(1);
        var told = await east.AskAsync("unit:PB-2");
        Assert.Equal("busy", (string?)(await east.UntilAsync("answer"))["code"]);
        Assert.Equal([[1]], east.Frames);
        await two.OverAsync(help);
        told = await east.AskAsync("unit:PB-2");
        Assert.Equal(told, (string?)(await east.UntilAsync("answer"))["talkId"]);
    }

    [Theory]
    [InlineData("unit:PB-9", "unknown_channel")]
    [InlineData("unit:PB-3", "unknown_channel")]
    [InlineData("unit:PB-2", "nobody_there")]
    [InlineData("district:west", "unknown_channel")]
    [InlineData("anything", "unknown_channel")]
    [InlineData("", "bad_talk")]
    public async Task A_car_speaks_to_nobody_whom_it_may_not_reach(string channel, string code)
    {
        var one = await CarAsync("PB-1", "east");
        _ = await centre.EnrolAsync("PB-2");
        centre.PlaceUnit("PB-2", "east");
        _ = await CarAsync("PB-3", "west");
        Assert.Equal(code, await one.AnswerAsync(await one.AskAsync(channel)));
    }

    [Fact]
    public async Task An_emergency_is_of_the_car_that_calls_for_help_and_of_no_other_channel()
    {
        var one = await CarAsync("PB-1", "east");
        Assert.Equal("not_allowed", await one.AnswerAsync(await one.AskAsync("district", emergency: true)));
    }

    [Fact]
    public async Task Who_speaks_already_and_calls_for_help_is_not_one_too_many()
    {
        var one = await CarAsync("PB-1", "east");
        var everyday = await one.AskAsync("unit:PB-1");
        Assert.Equal("", await one.AnswerAsync(everyday));
        Assert.Equal("too_many", await one.AnswerAsync(await one.AskAsync("district")));
        var help = await one.AskAsync("unit:PB-1", emergency: true);
        var ended = (await one.NextAsync()).Over;
        Assert.Equal((everyday, "taken_over"), (ended.TalkId, ended.Code));
        Assert.Equal("", await one.AnswerAsync(help));
        // Again, as a page does that was loaded anew while the old one's end is not known yet.
        var again = await one.AskAsync("unit:PB-1", emergency: true);
        Assert.Equal((help, "taken_over"), ((await one.NextAsync()).Over is { } over ? (over.TalkId, over.Code) : default));
        Assert.Equal("", await one.AnswerAsync(again));
    }

    [Fact]
    public async Task A_console_reaches_the_cars_that_it_sees()
    {
        var one = await CarAsync("PB-1", "east");
        await using var east = await ConsoleAsync("east");
        await using var west = await ConsoleAsync("west");
        _ = await west.AskAsync("unit:PB-1");
        Assert.Equal("unknown_channel", (string?)(await west.UntilAsync("answer"))["code"]);
        var talk = await east.AskAsync("unit:PB-1");
        Assert.Equal("", (string?)(await east.UntilAsync("answer"))["code"]);
        await east.FrameAsync(talk, 1, [7, 7]);
        Assert.Equal("east", (await one.NextAsync()).Begin.Speaker);
        Assert.Equal([7, 7], (await one.NextAsync()).Frame.Opus.ToByteArray());
        // The page goes away with the button held: nobody waits for it.
        await east.DisposeAsync();
        Assert.Equal("lost", (await one.NextAsync()).Over.Code);
        await AuditHasAsync("east voice_began unit:PB-1", "east voice_ended unit:PB-1");
    }

    [Fact]
    public async Task Frames_that_are_too_large_out_of_order_or_of_another_talk_are_left_out()
    {
        var (one, two) = (await CarAsync("PB-1", "east"), await CarAsync("PB-2", "east"));
        var talk = await one.AskAsync("district");
        Assert.Equal("", await one.AnswerAsync(talk));
        await one.FrameAsync(talk, 2, [2]);
        await one.FrameAsync(talk, 1, [1]);
        await one.FrameAsync(talk, 3, new byte[VoiceRules.MostFrameBytes + 1]);
        await one.FrameAsync(ByteString.CopyFrom(Uuid7.New(TimeProvider.System)), 4, [4]);
        await two.FrameAsync(talk, 5, [5]);
        // What came before it on the same stream has been looked at by then; the other car's frame either before or after it.
        await one.FrameAsync(talk, 6, [6]);
        await one.OverAsync(talk);
        Assert.Equal(talk, (await two.NextAsync()).Begin.TalkId);
        Assert.Equal([2], (await two.NextAsync()).Frame.Opus.ToByteArray());
        Assert.Equal([6], (await two.NextAsync()).Frame.Opus.ToByteArray());
        Assert.Equal("", (await two.NextAsync()).Over.Code);
    }

    [Fact]
    public async Task Whoever_has_no_part_in_the_shift_hears_nothing()
    {
        centre.AddAccount("clerk", "auditor");
        using var clerk = await ConsoleClient.SignedInAsync(centre.Http, "clerk");
        Assert.Equal(403, await clerk.SocketRefusalAsync("/api/voice"));
        using var stranger = new ConsoleClient(centre.Http);
        Assert.Equal(401, await stranger.SocketRefusalAsync("/api/voice"));
    }

    private async Task<Talker> CarAsync(string unitId, string district)
    {
        var car = await centre.EnrolAsync(unitId);
        centre.PlaceUnit(unitId, district);
        var session = await car.ConnectAsync();
        var call = new Voice.VoiceClient(car.Channel).Talk();
        opened.AddRange([car, session, call]);
        var talker = new Talker(call);
        // The stream is open once the centre has answered something.
        Assert.Equal("unknown_channel", await talker.AnswerAsync(await talker.AskAsync("unit:nobody")));
        return talker;
    }

    private async Task<ConsoleVoice> ConsoleAsync(string user)
    {
        using var client = await ConsoleClient.SignedInAsync(centre.Http, user);
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", client.CookieHeader);
        await socket.ConnectAsync(new Uri($"ws://{centre.Http.Authority}/api/voice"), CancellationToken.None);
        var voice = new ConsoleVoice(socket);
        _ = await voice.AskAsync("unit:nobody");
        Assert.Equal("unknown_channel", (string?)(await voice.UntilAsync("answer"))["code"]);
        return voice;
    }

    private async Task AuditHasAsync(params string[] beginnings)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!beginnings.All(b => centre.Audit().Any(row => row.StartsWith(b, StringComparison.Ordinal))))
            await Task.Delay(50, limit.Token);
    }

    private sealed class Talker(AsyncDuplexStreamingCall<VoiceUp, VoiceDown> call)
    {
        public async Task<ByteString> AskAsync(string channel, bool emergency = false)
        {
            var id = ByteString.CopyFrom(Uuid7.New(TimeProvider.System));
            await call.RequestStream.WriteAsync(new VoiceUp { Ask = new VoiceAsk { TalkId = id, Channel = channel, OfficerId = "o1", Speaker = "Li", Emergency = emergency } });
            return id;
        }

        public async Task<string> AnswerAsync(ByteString talk)
        {
            var answer = (await NextAsync()).Answer;
            Assert.Equal(talk, answer.TalkId);
            return answer.Code;
        }

        public Task FrameAsync(ByteString talk, uint sequence, byte[] opus) =>
            call.RequestStream.WriteAsync(new VoiceUp { Frame = new VoiceFrame { TalkId = talk, Sequence = sequence, Opus = ByteString.CopyFrom(opus) } });

        public Task OverAsync(ByteString talk) => call.RequestStream.WriteAsync(new VoiceUp { Over = new VoiceOver { TalkId = talk } });

        public async Task<VoiceDown> NextAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            Assert.True(await call.ResponseStream.MoveNext(limit.Token));
            return call.ResponseStream.Current;
        }

        public (ByteString, string, string, string) Begun(VoiceDown word) => (word.Begin.TalkId, word.Begin.Channel, word.Begin.UnitId, word.Begin.Speaker);
    }

    private sealed class ConsoleVoice(ClientWebSocket socket) : IAsyncDisposable
    {
        public List<byte[]> Frames { get; } = [];

        public async Task<string> AskAsync(string channel)
        {
            var id = Uuid7.ToGuid(Uuid7.New(TimeProvider.System)).ToString();
            await SendAsync(Encoding.UTF8.GetBytes(new JsonObject { ["ask"] = new JsonObject { ["talkId"] = id, ["channel"] = channel } }.ToJsonString()), WebSocketMessageType.Text);
            return id;
        }

        public Task FrameAsync(string talk, uint sequence, byte[] opus) =>
            SendAsync([.. VoiceWords.IdOf(talk).Span, .. BitConverter.GetBytes(sequence), .. opus], WebSocketMessageType.Binary);

        public async Task<JsonNode> NextJsonAsync()
        {
            while (true)
            {
                if (await NextAsync() is { } json)
                    return json;
            }
        }

        public async Task<JsonNode> UntilAsync(string word)
        {
            while (true)
            {
                if ((await NextJsonAsync())[word] is { } found)
                    return found;
            }
        }

        public async Task<IReadOnlyList<byte[]>> FramesAsync(int count)
        {
            while (Frames.Count < count)
                _ = await NextAsync();
            return Frames;
        }

        private async Task<JsonNode?> NextAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var buffer = new byte[4096];
            var message = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            Assert.NotEqual(WebSocketMessageType.Close, message.MessageType);
            if (message.MessageType == WebSocketMessageType.Text)
                return JsonNode.Parse(buffer.AsSpan(0, message.Count));
            Frames.Add(buffer[20..message.Count]);
            return null;
        }

        private Task SendAsync(byte[] message, WebSocketMessageType type) => socket.SendAsync(message, type, true, CancellationToken.None);

        public ValueTask DisposeAsync()
        {
            socket.Abort();
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
