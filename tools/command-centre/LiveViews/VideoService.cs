using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.Contract;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LiveViews;

/// <summary>A car's camera, on the way to those who may watch it: only under a lease of this very unit and camera that still runs.</summary>
internal sealed class VideoService(LiveLeases leases, TimeProvider time, ILogger<VideoService> log) : Video.VideoBase
{
    private const int MostFragmentBytes = 4 << 20;
    private const int MostPresets = 32;

    /// <summary>The car measures its link by these.</summary>
    private static readonly TimeSpan FeedbackEvery = TimeSpan.FromMilliseconds(200);

    public override async Task Publish(
        IAsyncStreamReader<VideoChunk> requestStream, IServerStreamWriter<VideoFeedback> responseStream, ServerCallContext context)
    {
        var unitId = context.UnitId();
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.PartCase != VideoChunk.PartOneofCase.Start)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "Video begins with its start."));
        var start = requestStream.Current.Start;
        var lease = Require(unitId, start);
        LiveLog.Published(log, unitId, lease.Row.CameraId);
        Begin(lease, start);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lease.Ended);
        var progress = new Progress();
        var telling = TellAsync(responseStream, progress, over.Token);
        try
        {
            await ReceiveAsync(requestStream, lease, progress, over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The car hung up, or the lease ended: which of them shows below.
        }
        finally
        {
            await over.CancelAsync();
            await telling;
            LiveLog.Unpublished(log, unitId, lease.Row.CameraId);
        }
        if (lease.Ended.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            var end = new VideoFeedback { ReceivedSequence = progress.Sequence, End = true, Reason = lease.EndReason };
            await responseStream.WriteAsync(end, context.CancellationToken);
        }
    }

    private LiveView Require(string unitId, VideoStart start)
    {
        var lease = start.LeaseId.Length == Uuid7.Length ? leases.Find(Uuid7.ToGuid(start.LeaseId.Span)) : null;
        if (lease is null || lease.Row.UnitId != unitId || lease.Row.CameraId != start.CameraId || lease.Left <= TimeSpan.Zero)
            throw new RpcException(new Status(StatusCode.PermissionDenied, "There is no running live view of this camera of this unit."));
        return lease;
    }

    private static void Begin(LiveView lease, VideoStart start)
    {
        if (start.InitSegment.Length is 0 or > MostFragmentBytes || start.Mime.Length is 0 or > 200 || start.Mime.Any(char.IsControl))
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The start needs a MIME type and an init segment."));
        var (width, height) = InitSegment.Size(start.InitSegment.Span);
        var format = new LiveFormat(start.Mime, width, height)
        {
            Steerable = start.Steerable,
            Presets = [.. start.Presets.Where(IsSound).Take(MostPresets).Select(preset => new LivePreset(preset.Token, preset.Name))],
        };
        lease.FanOut.Start(format, start.InitSegment.Memory);
    }

    private static bool IsSound(PtzPreset preset) =>
        preset.Token.Length is > 0 and <= 60 && preset.Name.Length <= 60 && !preset.Token.Any(char.IsControl) && !preset.Name.Any(char.IsControl);

    private static async Task ReceiveAsync(IAsyncStreamReader<VideoChunk> requests, LiveView lease, Progress progress, CancellationToken over)
    {
        while (await requests.MoveNext(over))
        {
            switch (requests.Current.PartCase)
            {
                case VideoChunk.PartOneofCase.Fragment:
                    var fragment = requests.Current.Fragment;
                    progress.Sequence = fragment.Sequence;
                    lease.FanOut.Add(fragment);
                    break;
                case VideoChunk.PartOneofCase.Start when requests.Current.Start.CameraId == lease.Row.CameraId:
                    Begin(lease, requests.Current.Start);
                    break;
                default:
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "After the start come fragments of the same camera."));
            }
        }
    }

    /// <summary>Tells the car how far its pictures got, so that it can leave out frames when the line narrows.</summary>
    private async Task TellAsync(IServerStreamWriter<VideoFeedback> writer, Progress progress, CancellationToken over)
    {
        using var timer = new PeriodicTimer(FeedbackEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
                await writer.WriteAsync(new VideoFeedback { ReceivedSequence = progress.Sequence }, CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream is over.
        }
    }

    private sealed class Progress
    {
        private ulong sequence;

        public ulong Sequence
        {
            get => Volatile.Read(ref sequence);
            set => Volatile.Write(ref sequence, value);
        }
    }
}
