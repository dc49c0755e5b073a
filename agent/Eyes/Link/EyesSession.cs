using System.Reflection;
using System.Threading.Channels;
using EdgeAgent.Eyes.Cab;
using EdgeAgent.Eyes.Media;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.Reading;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Eyes.Link;

/// <summary>
/// The whole of eyes for one attachment: models, stages, cameras, and the two streams to the host. It ends when the host says so or is
/// gone, and then gives everything back: cameras, detection, reading, in the order of the data.
/// </summary>
internal sealed partial class EyesSession : IDisposable
{
    /// <summary>Three frames of 640x360 for each of seven cameras are 15 MB; the rest is for crops out of the main stream.</summary>
    private const long PoolBytes = 48L << 20;

    /// <summary>Facts that wait for the host: minutes of a busy street. When full, the newest is dropped and counted.</summary>
    private const int FactsWaiting = 512;

    /// <summary>Pictures and video that wait. Full: previews are dropped, live views and clips wait, each with a bound of its own.</summary>
    private const int MediaWaiting = 64;
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly FramePool _pool = new(PoolBytes);
    private readonly Counters _counters = new();
    private readonly Seeing _seeing = new();
    private readonly Channel<EyesMessage> _facts = Channel.CreateBounded<EyesMessage>(
        new BoundedChannelOptions(FactsWaiting) { SingleReader = true });
    private readonly Channel<MediaMessage> _media = Channel.CreateBounded<MediaMessage>(
        new BoundedChannelOptions(MediaWaiting) { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ModelStore _models;
    private readonly LookQueue _looks;
    private readonly DetectionStage _detection;
    private readonly ReadingStage _reading;
    private readonly CabStage _cab;
    private readonly CameraSet _cameras;
    private readonly StatusReporter _status;
    private bool _disposed;

    /// <summary>
    /// Begins to load the models. The host is told of this process and the cameras are opened meanwhile: after a crash the car is blind
    /// until the slower of both is done, and no longer for their sum.
    /// </summary>
    /// <param name="models">The networks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">What it says.</param>
    /// <param name="onDetection">What the detection thread does once its networks are loaded.</param>
    /// <param name="onReading">What the reading thread does once its networks are loaded.</param>
    public EyesSession(ModelStore models, TimeProvider time, ILoggerFactory loggers, Action? onDetection = null, Action? onReading = null)
    {
        _time = time;
        _logger = loggers.CreateLogger<EyesSession>();
        _models = models;
        _looks = new LookQueue(_counters);
        var parts = new PipelineParts(_pool, _counters, _media.Writer, time, loggers);
        _detection = new DetectionStage(models, _pool, _seeing, _looks, _counters, time, loggers.CreateLogger<DetectionStage>(), onDetection);
        _detection.MinutePassed += minute => Tell(new EyesMessage { Scene = minute });
        _reading = new ReadingStage(models, parts, _seeing, _looks, Tell, loggers.CreateLogger<ReadingStage>(), onReading);
        _cab = new CabStage(_models, Tell, time, loggers.CreateLogger<CabStage>());
        _cameras = new CameraSet(parts, _detection, _reading, _cab, _seeing);
        _status = new StatusReporter(_cameras, _counters, _pool, Tell, time);
        _detection.Start();
        _reading.Start();
        _cab.Start();
    }

    /// <summary>Attaches and works until told to stop (true) or until the host is gone (false).</summary>
    /// <exception cref="ModelException">A model is missing or altered.</exception>
    public async Task<bool> RunAsync(EyesLink.EyesLinkClient host, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var loading = TellWhenLoadedAsync(ending.Token);
        var talking = TalkAsync(host, ending);
        _ = await Task.WhenAny(loading, talking);
        await ending.CancelAsync();
        bool told = await talking;
        await Quietly(loading);
        return told || stop.IsCancellationRequested;
    }

    /// <summary>Ends before it is made to only when a model cannot be used.</summary>
    private async Task TellWhenLoadedAsync(CancellationToken stop)
    {
        await Task.WhenAll(_detection.Ready, _reading.Ready).WaitAsync(stop);
        // Loading left copies of every network behind, which would stay for as long as the collector sees no reason to look.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Tell(new EyesMessage { Hello = Hello(_models.InUse) });
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);
    }

    /// <summary>True when the host said stop.</summary>
    private async Task<bool> TalkAsync(EyesLink.EyesLinkClient host, CancellationTokenSource ending)
    {
        using var attach = host.Attach(cancellationToken: ending.Token);
        using var media = host.Media(cancellationToken: ending.Token);
        try
        {
            await attach.RequestStream.WriteAsync(new EyesMessage { Hello = Hello([]) }, ending.Token);
            var sending = SendAllAsync(_facts.Reader, attach.RequestStream, ending.Token);
            var receiving = ReceiveOrdersAsync(attach.ResponseStream, ending.Token);
            Task[] work =
            [
                sending,
                receiving,
                SendAllAsync(_media.Reader, media.RequestStream, ending.Token),
                ReceiveMediaRequestsAsync(media.ResponseStream, ending.Token),
                _status.RunAsync(ending.Token),
            ];
            await Task.WhenAny(work);
            bool toldToStop = receiving.IsCompletedSuccessfully && await receiving;
            if (toldToStop)
                await FarewellAsync(sending, attach.RequestStream);
            await ending.CancelAsync();
            await Task.WhenAll(work.Select(Quietly));
            return toldToStop;
        }
        catch (Exception e) when (IsHostGone(e))
        {
            if (!ending.IsCancellationRequested)
                LogHostGone(_logger, e.Message);
            return false;
        }
    }

    public void Dispose()
    {
        StopWork();
        _looks.Dispose();
        _pool.Dispose();
    }

    private void StopWork()
    {
        if (_disposed)
            return;
        _disposed = true;
        _cameras.Dispose();
        _cab.Dispose();
        _detection.Dispose();
        _reading.Dispose();
    }

    /// <summary>Everything is given back before the last count is told, so that the host can see that nothing was left out.</summary>
    private async Task FarewellAsync(Task sending, IClientStreamWriter<EyesMessage> facts)
    {
        await Task.Run(StopWork);
        Tell(new EyesMessage { Counters = _status.Count() });
        _facts.Writer.TryComplete();
        await Quietly(sending.WaitAsync(s_farewell, _time));
        await Quietly(facts.CompleteAsync().WaitAsync(s_farewell, _time));
    }

    private static EyesHello Hello(IReadOnlyList<(string Name, byte[] Sha256)> loaded)
    {
        var version = typeof(EyesSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        var hello = new EyesHello { Pid = Environment.ProcessId, SoftwareVersion = version?.InformationalVersion ?? "" };
        hello.Models.AddRange(loaded.Select(m => new ModelInUse { Name = m.Name, Sha256 = ByteString.CopyFrom(m.Sha256) }));
        return hello;
    }

    private void Tell(EyesMessage fact)
    {
        if (!_facts.Writer.TryWrite(fact))
            _counters.FactDropped();
    }

    /// <summary>The one writer of a stream.</summary>
    private static async Task SendAllAsync<T>(ChannelReader<T> from, IClientStreamWriter<T> to, CancellationToken stop)
    {
        await foreach (var message in from.ReadAllAsync(stop))
            await to.WriteAsync(message, stop);
    }

    /// <summary>True when the host said stop, false when it closed the stream.</summary>
    private async Task<bool> ReceiveOrdersAsync(IAsyncStreamReader<HostMessage> orders, CancellationToken stop)
    {
        await foreach (var order in orders.ReadAllAsync(stop))
            switch (order.BodyCase)
            {
                case HostMessage.BodyOneofCase.Configure:
                    // Stopping cameras waits for their threads.
                    await Task.Run(() => _cameras.Configure(order.Configure), stop);
                    LogConfigured(_logger, order.Configure.Cameras.Count);
                    break;
                case HostMessage.BodyOneofCase.Seeing:
                    _cameras.SetSeeing(order.Seeing);
                    break;
                case HostMessage.BodyOneofCase.Cab:
                    _cameras.LookAtCab(order.Cab);
                    break;
                case HostMessage.BodyOneofCase.Stop:
                    return true;
                default:
                    // From a newer host: what we do not know we cannot do.
                    break;
            }
        return false;
    }

    private async Task ReceiveMediaRequestsAsync(IAsyncStreamReader<MediaRequest> requests, CancellationToken stop)
    {
        var live = new LiveStreams(_cameras.Find, _media.Writer, stop);
        var clips = new ClipRequests(new Clips(_cameras.Find, _time).CutAsync, _media.Writer, _time, stop);
        var stills = new Stills(_cameras.Find, _pool, _media.Writer, _time, stop);
        try
        {
            await foreach (var request in requests.ReadAllAsync(stop))
                switch (request.BodyCase)
                {
                    case MediaRequest.BodyOneofCase.Preview:
                        _cameras.SetPreview(request.Preview);
                        break;
                    case MediaRequest.BodyOneofCase.StartLive:
                        live.Start(request.StartLive);
                        break;
                    case MediaRequest.BodyOneofCase.StopLive:
                        live.Stop(request.StopLive.StreamId);
                        break;
                    case MediaRequest.BodyOneofCase.CutClip:
                        clips.Cut(request.CutClip);
                        break;
                    case MediaRequest.BodyOneofCase.HoldClip:
                        clips.Hold(request.HoldClip);
                        break;
                    case MediaRequest.BodyOneofCase.SendClip:
                        clips.Send(request.SendClip.RequestId);
                        break;
                    case MediaRequest.BodyOneofCase.TakeStill:
                        stills.Take(request.TakeStill);
                        break;
                    case MediaRequest.BodyOneofCase.DropClip:
                        clips.Drop(request.DropClip.RequestId);
                        break;
                    default:
                        break;
                }
        }
        finally
        {
            live.StopAll();
            clips.DropAll();
        }
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (IsHostGone(e))
        {
            // The host is going, and so are we.
        }
    }

    private static bool IsHostGone(Exception e) =>
        e is RpcException or OperationCanceledException or IOException or TimeoutException or InvalidOperationException;

    [LoggerMessage(3010, LogLevel.Information, "Configured for {Cameras} cameras")]
    private static partial void LogConfigured(ILogger logger, int cameras);

    [LoggerMessage(3011, LogLevel.Warning, "The host is gone: {Detail}")]
    private static partial void LogHostGone(ILogger logger, string detail);
}
