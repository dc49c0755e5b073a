using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeAgent.Eyes.Media;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Eyes;

/// <summary>Which clips are held, sent and let go of; that real ones are cut out of real rings is <see cref="EyesSessionTests"/>' part.</summary>
public sealed class ClipRequestTests : IDisposable
{
    private const ulong Room = 1 << 20;
    private readonly Channel<MediaMessage> media = Channel.CreateUnbounded<MediaMessage>();
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = [];
    private readonly ConcurrentDictionary<string, byte[]> cut = [];
    private readonly ClipRequests requests;

    public ClipRequestTests() => requests = new ClipRequests(CutAsync, media.Writer, TimeProvider.System, stop.Token);

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    [Fact]
    public async Task Nothing_is_sent_until_it_is_wanted_and_then_all_of_it_once()
    {
        await HeldAsync("a", 300_000);
        Assert.False(media.Reader.TryRead(out _));
        requests.Send("a");
        (byte[] content, ClipChunk end) = await SentAsync("a");
        Assert.Equal(cut["a"], content);
        Assert.Equal(("", 100, 200), (end.Error, end.FirstMonoMs, end.LastMonoMs));
        Assert.Equal(0, requests.HeldBytes);
        requests.Send("a");
        Assert.NotEmpty((await SentAsync("a")).End.Error);
    }

    [Fact]
    public async Task Wanted_before_it_was_cut_it_is_sent_as_soon_as_it_is()
    {
        var gate = gates["slow"] = new TaskCompletionSource();
        requests.Hold(Request("slow", "slow"));
        requests.Send("slow");
        Assert.False(media.Reader.TryRead(out _));
        gate.SetResult();
        Assert.Equal(cut["slow"], (await SentAsync("slow")).Content);
        Assert.Equal(0, requests.HeldBytes);
    }

    [Fact]
    public async Task While_the_ring_has_it_it_is_cut_only_when_it_is_wanted()
    {
        HoldClip request = Request("a", "a 1000");
        request.CutByMonoMs = TimeProvider.System.MonoMs() + 60_000;
        requests.Hold(request);
        request = Request("dropped", "dropped 1000");
        request.CutByMonoMs = TimeProvider.System.MonoMs() + 60_000;
        requests.Hold(request);
        request = Request("late", "late 1000");
        request.CutByMonoMs = TimeProvider.System.MonoMs() + 300;
        requests.Hold(request);
        requests.Drop("dropped");
        await Eventually.HoldsAsync(() => requests.HeldBytes == 1000, "the ring would lose it");
        Assert.Equal(["late"], cut.Keys);
        requests.Send("a");
        byte[] sent = (await SentAsync("a")).Content;
        Assert.Equal(cut["a"], sent);
        Assert.False(cut.ContainsKey("dropped"));
    }

    [Fact]
    public async Task What_is_let_go_of_is_wiped_also_when_it_is_still_being_cut()
    {
        await HeldAsync("a", 1000);
        byte[] kept = cut["a"];
        requests.Drop("a");
        Assert.All(kept, b => Assert.Equal(0, b));
        var gate = gates["slow"] = new TaskCompletionSource();
        requests.Hold(Request("slow", "slow"));
        requests.Drop("slow");
        gate.SetResult();
        await HeldAsync("b", 500);
        requests.DropAll();
        Assert.All(cut["b"], b => Assert.Equal(0, b));
        Assert.Equal(0, requests.HeldBytes);
        foreach (string gone in (string[])["a", "slow", "b"])
        {
            requests.Send(gone);
            Assert.NotEmpty((await SentAsync(gone)).End.Error);
        }
        Assert.False(media.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Beyond_the_room_the_oldest_goes()
    {
        await HeldAsync("first", 500_000, from: 1);
        await HeldAsync("second", 500_000, from: 2);
        requests.Hold(Request("third", "third 500000", from: 3));
        await Eventually.HoldsAsync(() => cut.ContainsKey("third") && requests.HeldBytes == 1_000_000, "there is room again");
        Assert.All(cut["first"], b => Assert.Equal(0, b));
        requests.Send("first");
        Assert.NotEmpty((await SentAsync("first")).End.Error);
        requests.Send("third");
        Assert.Equal(500_000, (await SentAsync("third")).Content.Length);
    }

    [Fact]
    public async Task What_nobody_asks_for_goes_at_its_time()
    {
        await HeldAsync("a", 1000, keepMs: 200);
        await Eventually.HoldsAsync(() => requests.HeldBytes == 0, "its time is over");
        Assert.All(cut["a"], b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task A_flood_of_requests_is_bounded()
    {
        for (int i = 0; i < 3 * ClipRequests.MaxHeld; i++)
        {
            gates[$"{i}"] = new TaskCompletionSource();
            requests.Hold(Request($"{i}", $"{i}"));
        }
        requests.Send($"{ClipRequests.MaxHeld}");
        Assert.NotEmpty((await SentAsync($"{ClipRequests.MaxHeld}")).End.Error);
        for (int i = 0; i <= ClipRequests.MaxAtOnce; i++)
        {
            gates[$"cut{i}"] = new TaskCompletionSource();
            requests.Cut(new CutClip { RequestId = $"cut{i}", CameraId = $"cut{i}" });
        }
        Assert.NotEmpty((await SentAsync($"cut{ClipRequests.MaxAtOnce}")).End.Error);
    }

    // The camera's name says what is cut: its gate, or its name and its bytes.
    private async Task<CutPieces> CutAsync(string camera, long from, long to, CancellationToken cancelled)
    {
        string[] words = camera.Split(' ');
        if (gates.TryGetValue(words[0], out var gate))
            await gate.Task;
        byte[] content = TestOutbox.Noise(words[0].Length, words.Length > 1 ? int.Parse(words[1]) : 1000);
        cut[words[0]] = content;
        // As one piece, so that the test sees what is wiped.
        return new CutPieces([content], 100, 200, "");
    }

    private static HoldClip Request(string id, string camera, long from = 1, long keepMs = 60_000) => new()
    {
        RequestId = id,
        CameraId = camera,
        FromMonoMs = from,
        ToMonoMs = from + 1,
        KeepUntilMonoMs = TimeProvider.System.MonoMs() + keepMs,
        MostBytes = Room,
    };

    private async Task HeldAsync(string id, int bytes, long from = 1, long keepMs = 60_000)
    {
        long before = requests.HeldBytes;
        requests.Hold(Request(id, $"{id} {bytes}", from, keepMs));
        await Eventually.HoldsAsync(() => requests.HeldBytes == before + bytes, $"{id} is held");
    }

    private async Task<(byte[] Content, ClipChunk End)> SentAsync(string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var content = new List<byte>();
        while (true)
        {
            ClipChunk chunk = (await media.Reader.ReadAsync(limit.Token)).Clip;
            Assert.Equal(id, chunk.RequestId);
            content.AddRange(chunk.Data.Span);
            if (chunk.Last)
                return ([.. content], chunk);
        }
    }
}
