using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAgent.DispatchClient.Uplink;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A live view over a real connection that becomes narrow and wide again.</summary>
public sealed class NarrowLinkTests : IDisposable
{
    private const int FramesPerSecond = 25;

    private readonly TestPki pki = new();
    private readonly ConcurrentQueue<(VideoLevel Level, bool Key, double AgeMs, uint KbitS)> arrived = new();

    public void Dispose() => pki.Dispose();

    [Fact]
    public async Task A_view_falls_with_the_link_stays_fresh_and_climbs_back()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(240));
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Video.Feedback = Arrive;
        await using var narrow = new NarrowRelay(centre.Address.Port);
        await using var car = new TestCar(pki, new Uri($"https://localhost:{narrow.Port}")).Start();
        await Eventually.HoldsAsync(() => car.Link.State.Phase == LinkPhase.Up && car.Times.Count == 1, "up");

        var pace = new VideoPace(LiveQuality.Main, TimeProvider.System);
        var fragments = Channel.CreateBounded<VideoChunk>(64);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        Task filming = FilmAsync(pace, fragments.Writer, over.Token);
        Task<VideoEnd> publishing = car.Link.PublishVideoAsync(new VideoStart { CameraId = "cam1", Quality = LiveQuality.Main }, fragments, pace, stop.Token);

        await StandsAsync(VideoLevel.Main, mostAgeMs: 400, stop.Token);
        narrow.BitsPerSecond = 1_500_000;
        await StandsAsync(VideoLevel.Sub, mostAgeMs: 700, stop.Token);
        narrow.BitsPerSecond = 150_000;
        await StandsAsync(VideoLevel.KeyFrames, mostAgeMs: 1500, stop.Token);
        // Of a picture every second or two, three seconds hold one or two.
        Assert.All(arrived.Where(a => a.Level == VideoLevel.KeyFrames).TakeLast(3), a => Assert.True(a.Key));
        Assert.InRange(arrived.Last().KbitS, 1u, 220u);
        narrow.BitsPerSecond = NarrowRelay.Wide;
        await StandsAsync(VideoLevel.Main, mostAgeMs: 400, stop.Token);

        // Also between: what was in the pipe when it narrowed is as old as that second of the wider stream takes.
        Assert.InRange(arrived.Max(a => a.AgeMs), 0, 6000);
        await over.CancelAsync();
        await filming;
        Assert.Equal("source_ended", (await publishing).Reason);
    }

    private VideoFeedback Arrive(VideoFragment fragment)
    {
        arrived.Enqueue((fragment.Level, fragment.Key, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - fragment.CapturedAtUnixMs, fragment.LinkKbitS));
        return new VideoFeedback { ReceivedSequence = fragment.Sequence };
    }

    // Three seconds of this level, whose pictures arrive no older than this but for one in ten.
    private async Task StandsAsync(VideoLevel level, double mostAgeMs, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (arrived.LastOrDefault().Level != level)
                continue;
            int before = arrived.Count;
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            (VideoLevel Level, bool Key, double AgeMs, uint KbitS)[] since = [.. arrived.Skip(before)];
            if (since.Length > 0 && since.All(a => a.Level == level) && since.Count(a => a.AgeMs <= mostAgeMs) >= 0.9 * since.Length)
                return;
        }
        Assert.Fail($"never {level} for three seconds; lately {string.Join(", ", arrived.TakeLast(30))}");
    }

    // A camera of 3.8 Mbit/s with a sub-stream of 600 kbit/s, a key frame a second; it follows the pace as the car's feed does.
    private static async Task FilmAsync(VideoPace pace, ChannelWriter<VideoChunk> to, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / FramesPerSecond), TimeProvider.System);
        LiveQuality quality = LiveQuality.Main;
        try
        {
            for (ulong number = 0; await timer.WaitForNextTickAsync(over); number++)
            {
                bool key = number % FramesPerSecond == 0;
                if (key && pace.Quality != quality)
                {
                    quality = pace.Quality;
                    await to.WriteAsync(new VideoChunk { Start = new VideoStart { CameraId = "cam1", Quality = quality } }, over);
                }
                int bytes = (quality == LiveQuality.Main ? 18_000 : 2_600) * (key ? 4 : 1);
                _ = to.TryWrite(new VideoChunk { Fragment = new VideoFragment { Sequence = number + 1, Key = key, CapturedAtUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), Data = ByteString.CopyFrom(new byte[bytes]) } });
            }
        }
        catch (OperationCanceledException)
        {
            to.Complete();
        }
    }

    /// <summary>Carries TCP connections to a port of this machine, upwards no faster than told, with a modem's small buffer.</summary>
    private sealed class NarrowRelay : IAsyncDisposable
    {
        public const long Wide = 100_000_000;
        private const int BufferBytes = 16 * 1024;

        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stop = new();
        private readonly Task accepting;
        private long bitsPerSecond = Wide;

        public NarrowRelay(int target)
        {
            // Inherited by what is accepted: the window that the sender sees.
            listener.Server.ReceiveBufferSize = BufferBytes;
            listener.Start();
            accepting = AcceptAsync(target);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public long BitsPerSecond { set => Volatile.Write(ref bitsPerSecond, value); }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await accepting;
            listener.Dispose();
            stop.Dispose();
        }

        private async Task AcceptAsync(int target)
        {
            var carried = new List<Task>();
            try
            {
                while (true)
                    carried.Add(CarryAsync(await listener.AcceptTcpClientAsync(stop.Token), target));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(carried);
            }
        }

        private async Task CarryAsync(TcpClient car, int target)
        {
            using TcpClient near = car, far = new();
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                (near.NoDelay, far.NoDelay) = (true, true);
                await await Task.WhenAny(UpAsync(near.GetStream(), far.GetStream()), far.GetStream().CopyToAsync(near.GetStream(), stop.Token));
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // Either end hung up, or the test is over.
            }
        }

        private async Task UpAsync(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[2048];
            // A timer that comes late on a busy machine must not make the link narrower than told: what it owes is made good.
            long owed = TimeProvider.System.TimestampFrequency / 5, free = TimeProvider.System.GetTimestamp();
            while (await from.ReadAsync(buffer, stop.Token) is > 0 and int bytes)
            {
                free = Math.Max(free, TimeProvider.System.GetTimestamp() - owed) + (bytes * 8 * TimeProvider.System.TimestampFrequency / Volatile.Read(ref bitsPerSecond));
                TimeSpan wait = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), free);
                // Shorter waits are not waited but owed.
                if (wait > TimeSpan.FromMilliseconds(2))
                    await Task.Delay(wait, TimeProvider.System, stop.Token);
                await to.WriteAsync(buffer.AsMemory(0, bytes), stop.Token);
            }
        }
    }
}
