using System.Threading.Channels;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>
/// What one lease sends, for one call: the stream that its <see cref="VideoPace"/> wants. When that changes, the new stream is asked
/// for beside the old one and takes over with its first picture, which is a key frame, so that the picture never stands between.
/// </summary>
internal sealed class LeaseFeed(EyesMedia media, LiveLease asked, VideoPace pace, TrustedClock clock, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private LiveWatch? now, next;
    private long nextRefusedAt;
    private bool nextRefused;
    private ulong sequenceBefore, newest;
    private uint lost;
    private IReadOnlyList<EdgeAgent.Hw.Ptz.PtzPreset> presets = [];

    /// <returns>False: the camera has no live stream, or too many run.</returns>
    public bool Begin() => (now = Watch(pace.Quality)) is not null;

    public async Task<VideoStart> FirstStartAsync(CancellationToken over)
    {
        // Beside the wait for the first picture, so that a slow head does not delay it by more than its own bound.
        Task<IReadOnlyList<EdgeAgent.Hw.Ptz.PtzPreset>> asking = media.Heads.PresetsAsync(asked.CameraId, over);
        while (true)
        {
            LiveStep step = await now!.Steps.ReadAsync(over);
            if (step.Start is { } start)
            {
                presets = await asking;
                return StartOf(now, start.Mime, start.InitSegment);
            }
            if (step.Failed is not null)
                await AskAgainAsync(now, over);
        }
    }

    public async Task RunAsync(ChannelWriter<VideoChunk> chunks, CancellationToken over)
    {
        while (await now!.Steps.WaitToReadAsync(over))
        {
            while (now.Steps.TryRead(out LiveStep? step))
            {
                if (step.Failed is not null)
                    await AskAgainAsync(now, over);
                else if (step.Start is { } start)
                    await RestartAsync(chunks, start, over);
                else if (step.Fragment is { } fragment)
                    Pass(chunks, fragment, step.Skipped);
                if (await ChangedAsync(chunks, over))
                    break;
            }
        }
    }

    public void Dispose()
    {
        now?.Dispose();
        next?.Dispose();
    }

    private LiveWatch? Watch(LiveQuality quality) => media.WatchLive(asked.CameraId, quality == LiveQuality.Main);

    // Looked at with every picture of the old stream; true when the new one has taken over.
    private async Task<bool> ChangedAsync(ChannelWriter<VideoChunk> chunks, CancellationToken over)
    {
        bool wanted = pace.Quality == LiveQuality.Main;
        if (next is not null && next.Main != wanted)
            Drop();
        if (next is null && now!.Main != wanted && (!nextRefused || time.GetElapsedTime(nextRefusedAt) > Again))
            next = Watch(pace.Quality);
        while (next is not null && next.Steps.TryRead(out LiveStep? step))
        {
            if (step.Start is { } start)
            {
                now!.Dispose();
                (now, next, nextRefused) = (next, null, false);
                await RestartAsync(chunks, start, over);
                return true;
            }
            if (step.Failed is not null)
            {
                // There is no such stream, or not now: the old one goes on, as much of it as the link carries.
                (nextRefused, nextRefusedAt) = (true, time.GetTimestamp());
                Drop();
            }
        }
        return false;
    }

    // Each stream counts from one; what the centre confirms only grows.
    private ValueTask RestartAsync(ChannelWriter<VideoChunk> chunks, LiveStart start, CancellationToken over)
    {
        sequenceBefore = newest;
        return chunks.WriteAsync(new VideoChunk { Start = StartOf(now!, start.Mime, start.InitSegment) }, over);
    }

    private void Drop()
    {
        next?.Dispose();
        next = null;
    }

    private void Pass(ChannelWriter<VideoChunk> chunks, LiveFragment fragment, uint skipped)
    {
        newest = sequenceBefore + fragment.Sequence;
        var chunk = new VideoChunk
        {
            Fragment = new VideoFragment
            {
                Sequence = newest,
                CapturedAtUnixMs = clock.FromWall(fragment.CapturedUnixMs),
                Key = fragment.Key,
                Data = fragment.Data,
                Skipped = skipped + lost,
            },
        };
        // The uplink drops to key frames by itself; what does not even fit in here is lost and counted.
        lost = chunks.TryWrite(chunk) ? 0 : lost + 1;
    }

    private async Task AskAgainAsync(LiveWatch watch, CancellationToken over)
    {
        await Task.Delay(Again, time, over);
        media.Again(watch);
    }

    private VideoStart StartOf(LiveWatch watch, string mime, ByteString init) => new()
    {
        LeaseId = asked.LeaseId,
        CameraId = asked.CameraId,
        Mime = mime,
        InitSegment = init,
        Quality = watch.Main ? LiveQuality.Main : LiveQuality.Sub,
        Steerable = media.Heads.CanSteer(asked.CameraId),
        Presets = { presets.Select(p => new PtzPreset { Token = p.Token, Name = p.Name }) },
    };
}
