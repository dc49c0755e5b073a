using System.Collections.Concurrent;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>One picture of a camera at full resolution.</summary>
internal sealed record Still(string CameraId, long CapturedUnixMs, byte[] Jpeg);

/// <summary>
/// Pictures that an officer takes, through eyes. They are meant to leave the car, so where no live view may leave it (the cab camera, a
/// privacy place) there is none. What becomes of a picture, and that it is written down, is the caller's.
/// </summary>
internal sealed class StillDesk
{
    private const int MostAtOnce = 4;

    /// <summary>A group of pictures is decoded within a tenth of that; eyes that answer later are stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly EyesMedia media;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StillPicture?>> coming = [];

    public StillDesk(EyesMedia media, TrustedClock clock, TimeProvider time)
    {
        (this.media, this.clock, this.time) = (media, clock, time);
        media.StillCame += still =>
        {
            if (coming.TryGetValue(still.RequestId, out TaskCompletionSource<StillPicture?>? waiting))
                _ = waiting.TrySetResult(still.Error.Length == 0 ? still : null);
        };
        media.Replaced += () =>
        {
            foreach (TaskCompletionSource<StillPicture?> waiting in coming.Values)
                _ = waiting.TrySetResult(null);
        };
    }

    /// <summary>"" when pictures can be taken of it now; else unknown_camera, camera_not_leased or privacy_place.</summary>
    public string WhyNot(string cameraId) => media.WhyNoLease(cameraId);

    /// <summary>Takes a picture now. Null: it may not be taken, the camera gives none, or too many are being taken.</summary>
    public async Task<Still?> TakeAsync(string cameraId, CancellationToken stop)
    {
        if (WhyNot(cameraId).Length > 0 || coming.Count >= MostAtOnce)
            return null;
        string id = Guid.NewGuid().ToString("n");
        var waiting = new TaskCompletionSource<StillPicture?>(TaskCreationOptions.RunContinuationsAsynchronously);
        coming[id] = waiting;
        try
        {
            if (!media.AskFor(new MediaRequest { TakeStill = new TakeStill { RequestId = id, CameraId = cameraId } }))
                return null;
            StillPicture? taken = await waiting.Task.WaitAsync(Patience, time, stop);
            // The car may have come to a privacy place while it was being taken.
            return taken is null || WhyNot(cameraId).Length > 0 ? null : new Still(cameraId, clock.UnixMsAt(taken.CapturedMonoMs), taken.Jpeg.ToByteArray());
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _ = coming.TryRemove(id, out _);
        }
    }
}
