using System.Collections.Concurrent;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Rig;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>What <c>bench replug</c> prints, milliseconds.</summary>
/// <param name="BackP50Ms">From the plug until a decoded picture of the camera is there.</param>
/// <param name="OthersBeforeP99Ms">Between two pictures of a camera that nobody touches, while nobody touches any.</param>
/// <param name="OthersDuringP99Ms">The same while another one is pulled and plugged.</param>
internal sealed record ReplugFigures(
    double BackP50Ms, double BackP95Ms, double BackMaxMs, double GoalMs, double OthersBeforeP99Ms, double OthersDuringP99Ms, double OthersMoved, double GoalMoved, int Tries, string Machine);

/// <summary>Seven cameras of the bench, read as the car reads them; one after the other is pulled for a while and plugged again.</summary>
internal static class ReplugBench
{
    private const double GoalMs = 3000, GoalMoved = 0.1;
    private const int Cameras = 7;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30), Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="InputException">Numbers out of range, or a camera did not come.</exception>
    public static async Task<ReplugFigures> RunAsync(int tries, int seed, TextWriter progress)
    {
        if (tries is < 1 or > 1000)
            throw new InputException($"--tries {tries}: 1 to 1000.");
        string state = Directory.CreateTempSubdirectory("replug-").FullName;
        try
        {
            var options = new RigOptions { StateDirectory = state, WithGnss = false, WithDiscovery = false };
            await using RigServer rig = await RigServer.StartAsync(options, new Progress<string>(), TimeProvider.System, CancellationToken.None);
            return await MeasureAsync(rig, tries, new Random(seed), progress);
        }
        catch (RigException e)
        {
            throw new InputException(e.Message);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<ReplugFigures> MeasureAsync(RigServer rig, int tries, Random random, TextWriter progress)
    {
        using var pool = new FramePool();
        var pictures = new ConcurrentQueue<(string Camera, long AtMs)>();
        var newest = new ConcurrentDictionary<string, long>();
        CameraReader[] readers = [.. rig.Endpoints.Cameras.Take(Cameras).Select(camera => new CameraReader(
            new CameraOptions(camera.Id, camera.Main, camera.Sub, KeepMain: true, new PacketRingOptions()), pool,
            new FrameTakers(frame =>
            {
                long now = TimeProvider.System.MonoMs();
                newest[frame.CameraId] = now;
                pictures.Enqueue((frame.CameraId, now));
                frame.Dispose();
            }), TimeProvider.System, NullLogger.Instance))];
        try
        {
            foreach (CameraReader reader in readers)
            {
                reader.Analysis.Fps = 10;
                reader.Start();
            }
            await UntilAsync(() => newest.Count == readers.Length, "seven cameras");
            pictures.Clear();
            await Task.Delay(Quiet, TimeProvider.System);
            List<double> before = Gaps(pictures, []);
            pictures.Clear();
            List<double> back = [];
            var pulledAt = new Dictionary<string, List<(long From, long To)>>();
            for (int at = 1; at <= tries; at++)
            {
                BenchCamera camera = rig.Cameras.First(c => c.Id == readers[at % readers.Length].Id);
                long pulled = TimeProvider.System.MonoMs();
                camera.Unplug();
                // Short and long ones: a loose plug, a cable that is exchanged.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 8000)), TimeProvider.System);
                long plugged = TimeProvider.System.MonoMs();
                camera.Plug();
                await UntilAsync(() => newest[camera.Id] > plugged, camera.Id);
                back.Add(newest[camera.Id] - plugged);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
                (pulledAt.TryGetValue(camera.Id, out var spans) ? spans : pulledAt[camera.Id] = []).Add((pulled, TimeProvider.System.MonoMs()));
                progress.WriteLine($"  try {at} of {tries}: {camera.Id} back after {back[^1]:0} ms");
            }
            List<double> during = Gaps(pictures, pulledAt);
            double quiet = Percentiles.Of(before, 0.99), busy = Percentiles.Of(during, 0.99);
            return new ReplugFigures(
                Percentiles.Of(back, 0.5), Percentiles.Of(back, 0.95), back.Max(), GoalMs, quiet, busy, Math.Round((busy / quiet) - 1, 3), GoalMoved, tries, Machines.Describe());
        }
        finally
        {
            foreach (CameraReader reader in readers)
                reader.Dispose();
        }
    }

    /// <summary>Between two pictures of one camera, without those between which it was itself pulled.</summary>
    private static List<double> Gaps(IEnumerable<(string Camera, long AtMs)> pictures, Dictionary<string, List<(long From, long To)>> pulled)
    {
        List<double> gaps = [];
        foreach (var camera in pictures.GroupBy(p => p.Camera))
        {
            List<(long From, long To)> own = pulled.GetValueOrDefault(camera.Key, []);
            long[] times = [.. camera.Select(p => p.AtMs).Order()];
            for (int i = 1; i < times.Length; i++)
                if (!own.Any(span => times[i] >= span.From && times[i - 1] <= span.To))
                    gaps.Add(times[i] - times[i - 1]);
        }
        return gaps;
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InputException($"{what}: no picture within {Patience.TotalSeconds:0} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
