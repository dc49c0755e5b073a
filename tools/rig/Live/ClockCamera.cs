using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Live;

/// <summary>
/// A camera whose pictures say when they were taken: drawn and encoded live, main and sub-stream, in an RTSP server. Drawing and
/// encoding are part of what a viewer waits for, as they are in a real one.
/// </summary>
internal sealed class ClockCamera : IAsyncDisposable
{
    public const int FramesPerSecond = 25;
    private const int SubBitsPerSecond = 600_000, MainBitsPerSecond = 4_000_000;
    private const int MainWidth = 1920, MainHeight = 1080;
    private const int Seed = 5;
    private static readonly TimeSpan MaxLateness = TimeSpan.FromMilliseconds(500);

    private readonly string id;
    private readonly RtspServer server;
    private readonly TimeProvider time;
    private readonly ClockStream[] streams;
    private readonly CancellationTokenSource stopping = new();
    private readonly long start;
    private Task playing = Task.CompletedTask;

    private ClockCamera(string id, RtspServer server, bool withMain, TimeProvider time)
    {
        this.id = id;
        this.server = server;
        this.time = time;
        start = time.GetTimestamp();
        var sub = new ClockStream("sub", VideoEncoder.SubWidth, VideoEncoder.SubHeight, SubBitsPerSecond, time);
        streams = withMain ? [sub, new ClockStream("main", MainWidth, MainHeight, MainBitsPerSecond, time)] : [sub];
    }

    public string Id => id;

    /// <summary>Main and sub-stream; the same where there is only one.</summary>
    public string Urls => $"{server.UrlOf($"{id}/{streams[^1].Name}")},{server.UrlOf($"{id}/{streams[0].Name}")}";

    /// <summary>From the picture's instant to the encoded picture, of the sub-stream's newest ones, in ms.</summary>
    public IReadOnlyList<double> EncodingMs => streams[0].EncodingMs;

    /// <param name="server">Disposed with the camera.</param>
    /// <param name="withMain">False: one stream serves as both, which spares the machine a second encoder.</param>
    public static async Task<ClockCamera> StartAsync(string id, RtspServer server, bool withMain, TimeProvider time, CancellationToken stop)
    {
        var camera = new ClockCamera(id, server, withMain, time);
        try
        {
            camera.playing = camera.PlayAsync();
            foreach (ClockStream stream in camera.streams)
                server.Add(await stream.MountAsync(id, stop));
            return camera;
        }
        catch
        {
            await camera.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await playing;
        foreach (ClockStream stream in streams)
            await stream.DisposeAsync();
        await server.DisposeAsync();
        stopping.Dispose();
    }

    private async Task PlayAsync()
    {
        try
        {
            for (long number = 0; ; number++)
            {
                TimeSpan due = TimeSpan.FromTicks(number * TimeSpan.TicksPerSecond / FramesPerSecond) - time.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, time, stopping.Token);
                else if (-due > MaxLateness)
                    // The machine was stopped for a while: a camera would not send all of it at once.
                    number += (long)(-due.TotalSeconds * FramesPerSecond);
                var at = new MediaInstant(unchecked((uint)(number * (Mount.ClockHz / FramesPerSecond))), time.GetUtcNow());
                foreach (ClockStream stream in streams)
                    await stream.TakeAsync(number, at, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>One size: its drawing, its encoder, its mount.</summary>
    private sealed class ClockStream : IAsyncDisposable
    {
        private const int MostEncodings = 2000;

        private readonly PictureClock clock;
        private readonly LiveEncoder encoder;
        private readonly TimeProvider time;
        private readonly Queue<double> encodingMs = new();
        private readonly Lock gate = new();
        private volatile Mount? mount;

        public ClockStream(string name, int width, int height, int bitsPerSecond, TimeProvider time)
        {
            Name = name;
            this.time = time;
            clock = new PictureClock(width, height, Seed);
            encoder = new LiveEncoder(width, height, FramesPerSecond, bitsPerSecond, Encoded);
        }

        public string Name { get; }

        public IReadOnlyList<double> EncodingMs
        {
            get { lock (gate) return [.. encodingMs]; }
        }

        public async Task<Mount> MountAsync(string cameraId, CancellationToken stop)
        {
            IReadOnlyList<ReadOnlyMemory<byte>> sets = await encoder.ParameterSets.WaitAsync(stop);
            return mount = new Mount($"{cameraId}/{Name}", VideoCodec.H264, sets, FramesPerSecond);
        }

        public Task TakeAsync(long number, MediaInstant at, CancellationToken stop) =>
            encoder.WriteAsync(clock.Draw(number, at.CapturedAt.ToUnixTimeMilliseconds()), at, stop);

        public ValueTask DisposeAsync() => encoder.DisposeAsync();

        private void Encoded(AccessUnit unit, MediaInstant at)
        {
            mount?.Push(unit, at);
            lock (gate)
            {
                encodingMs.Enqueue((time.GetUtcNow() - at.CapturedAt).TotalMilliseconds);
                if (encodingMs.Count > MostEncodings)
                    _ = encodingMs.Dequeue();
            }
        }
    }
}
