using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Rig;

/// <summary>Two short clips, small, without people: so that no picture has to be had. Kept in the cache between runs.</summary>
public sealed class BenchClips : IAsyncLifetime
{
    internal static ClipOptions Options { get; } = new() { LoopSeconds = 4, Width = 960, Height = 540, BitsPerSecond = 1_000_000 };

    internal static string CacheFolder { get; } = Path.Combine(Repository.Root, ".cache", "rig");

    internal static Cast Cast { get; } = new(seed: 1, persons: []);

    internal MadeClip H264 { get; private set; } = null!;

    internal MadeClip H265 { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        using var maker = new ClipMaker(Options, CacheFolder, new Unheard());
        H264 = await maker.CaptureAsync("cam2", 2, VideoCodec.H264, Cast, CancellationToken.None);
        H265 = await maker.CaptureAsync("cam7", 7, VideoCodec.H265, Cast, CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}

internal sealed class Unheard : IProgress<string>
{
    public void Report(string value)
    {
    }
}
