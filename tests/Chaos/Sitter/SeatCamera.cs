using EdgeAgent.Chaos.Login;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Live;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>The cab camera before the seat: drawn and encoded live, one stream under both of a camera's paths.</summary>
internal sealed class SeatCamera : IAsyncDisposable
{
    public const int FramesPerSecond = 10;
    private const int BitsPerSecond = 1_200_000;
    private const string MainPath = "cab/main", SubPath = "cab/sub";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1.0 / FramesPerSecond);

    private readonly Seat seat;
    private readonly RtspServer server;
    private readonly TimeProvider time;
    private readonly LiveEncoder encoder;
    private readonly Frame420 picture = new(CabLens.Width, CabLens.Height);
    private readonly CancellationTokenSource stopping = new();
    private volatile Mount[] mounts = [];

    private SeatCamera(Seat seat, RtspServer server, TimeProvider time)
    {
        (this.seat, this.server, this.time) = (seat, server, time);
        encoder = new LiveEncoder(CabLens.Width, CabLens.Height, FramesPerSecond, BitsPerSecond, Encoded);
        Playing = Task.Run(PlayAsync);
    }

    /// <summary>Ends with this object; earlier with what went wrong.</summary>
    public Task Playing { get; }

    public string Main => server.UrlOf(MainPath);

    public string Sub => server.UrlOf(SubPath);

    /// <param name="server">Disposed with the camera.</param>
    public static async Task<SeatCamera> StartAsync(Seat seat, RtspServer server, TimeProvider time, CancellationToken stop)
    {
        var camera = new SeatCamera(seat, server, time);
        try
        {
            IReadOnlyList<ReadOnlyMemory<byte>> sets = await camera.encoder.ParameterSets.WaitAsync(stop);
            camera.mounts = [.. ((string[])[MainPath, SubPath]).Select(path => new Mount(path, VideoCodec.H264, sets, FramesPerSecond))];
            foreach (Mount mount in camera.mounts)
                server.Add(mount);
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
        await Playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await encoder.DisposeAsync();
        await server.DisposeAsync();
        stopping.Dispose();
    }

    private async Task PlayAsync()
    {
        long start = time.GetTimestamp();
        try
        {
            while (true)
            {
                TimeSpan since = time.GetElapsedTime(start);
                var at = new MediaInstant(unchecked((uint)(long)(since.TotalSeconds * Mount.ClockHz)), time.GetUtcNow());
                using (Frame frame = seat.Shoot((float)since.TotalMilliseconds))
                    Convert(frame.View, picture);
                await encoder.WriteAsync(picture.Bytes, at, stopping.Token);
                TimeSpan left = since + Interval - time.GetElapsedTime(start);
                // A machine that cannot draw so fast sends fewer pictures, each of its own instant.
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, time, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Encoded(AccessUnit unit, MediaInstant at)
    {
        foreach (Mount mount in mounts)
            mount.Push(unit, at);
    }

    /// <summary>Blue, green, red to the encoder's planes.</summary>
    private static void Convert(BgrView from, Frame420 to)
    {
        for (int y = 0; y < to.Height; y++)
        {
            ReadOnlySpan<byte> row = from.Row(y);
            for (int x = 0; x < to.Width; x++)
            {
                (float luma, float blueness, float redness) = Sprite.Convert(row[3 * x + 2], row[3 * x + 1], row[3 * x], 1);
                to.Luma[y * to.Width + x] = (byte)(luma + 0.5f);
                if (((x | y) & 1) != 0)
                    continue;
                int at = y / 2 * (to.Width / 2) + x / 2;
                to.Blueness[at] = (byte)(blueness + 0.5f);
                to.Redness[at] = (byte)(redness + 0.5f);
            }
        }
    }
}
