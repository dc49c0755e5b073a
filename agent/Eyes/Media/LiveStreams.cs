using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Ffmpeg;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Media;

/// <summary>The live views that the host asked for: each one a muxer on the camera's thread and a task that sends its fragments.</summary>
internal sealed class LiveStreams(Func<string, CameraPipeline?> cameras, ChannelWriter<MediaMessage> media, CancellationToken stop)
{
    /// <summary>More viewers than this in one car are a mistake: the host shares one stream among its viewers.</summary>
    public const int MaxStreams = 16;

    private readonly ConcurrentDictionary<string, LiveView> _views = new();

    /// <summary>Begins a stream; the answer is a LiveStart with fragments behind it, or a LiveFailed.</summary>
    public void Start(StartLive request)
    {
        Stop(request.StreamId);
        var camera = cameras(request.CameraId);
        if (camera is null || camera.PreviewOnly)
            Fail(request.StreamId, camera is null ? $"there is no camera {request.CameraId}" : "this camera is for previews only");
        else if (_views.Count >= MaxStreams)
            Fail(request.StreamId, $"{MaxStreams} live streams are running already");
        else if (camera.Reader.OpenLive(request.Main) is not { } view)
            Fail(request.StreamId, Why(camera.Reader.State));
        else
            Begin(request.StreamId, view);
    }

    public void Stop(string streamId)
    {
        if (_views.TryRemove(streamId, out var view))
            view.Dispose();
    }

    public void StopAll()
    {
        foreach (string id in _views.Keys)
            Stop(id);
    }

    private void Begin(string streamId, LiveView view)
    {
        _views[streamId] = view;
        _ = SendAsync(streamId, view);
    }

    private async Task SendAsync(string streamId, LiveView view)
    {
        try
        {
            await foreach (var piece in view.Pieces.ReadAllAsync(stop))
                await media.WriteAsync(piece.Sequence == 0 ? Header(streamId, view, piece) : Fragment(streamId, piece), stop);
        }
        catch (FfmpegException e)
        {
            Fail(streamId, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The process ends, or the host is gone.
        }
        finally
        {
            // Only if it is still this one: the host may have started a new stream under the same name.
            _views.TryRemove(new KeyValuePair<string, LiveView>(streamId, view));
            view.Dispose();
        }
    }

    private void Fail(string streamId, string detail) =>
        _ = media.TryWrite(new MediaMessage { LiveFailed = new LiveFailed { StreamId = streamId, Detail = detail } });

    private static string Why(Hw.Cameras.CameraState state) => state.Phase == CameraPhase.Streaming
        ? $"no browser plays {state.Codec}, and there is no H.264 sub-stream"
        : "the camera is not streaming";

    private static MediaMessage Header(string streamId, LiveView view, LivePiece piece) => new()
    {
        LiveStart = new LiveStart
        {
            StreamId = streamId,
            Mime = view.MimeType,
            Width = (uint)view.Width,
            Height = (uint)view.Height,
            InitSegment = UnsafeByteOperations.UnsafeWrap(piece.Data),
        },
    };

    private static MediaMessage Fragment(string streamId, LivePiece piece) => new()
    {
        LiveFragment = new LiveFragment
        {
            StreamId = streamId,
            Sequence = (ulong)piece.Sequence,
            Key = piece.Key,
            CapturedUnixMs = piece.CapturedUnixMs,
            Data = UnsafeByteOperations.UnsafeWrap(piece.Data),
        },
    };
}
