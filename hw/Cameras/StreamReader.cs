using EdgeAgent.Hw.Clock;
using EdgeAgent.Hw.Ffmpeg;
using FFmpeg.AutoGen;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Hw.Cameras;

/// <summary>
/// Reads one stream of one camera on a thread of its own, for as long as the process lives: opens, hands packets to the sinks,
/// and when the stream fails or goes silent opens it again. Nothing that happens here reaches another camera.
/// </summary>
internal sealed partial class StreamReader : IDisposable
{
    /// <summary>An opened camera that sends nothing for this long is lost.</summary>
    private const long StallMs = 2000;

    /// <summary>Opening: a TCP connection, five RTSP exchanges and the first packets.</summary>
    private const long OpenMs = 4000;
    private const string EndOfFile = "end of file";
    private static readonly TimeSpan s_stopWait = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly string _url;
    private readonly bool _live;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CaptureClock _clock = new();
    private readonly Backoff _backoff;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly StreamRate _rate = new();
    private readonly AllocationMeter _meter;
    private readonly IPacketSink[] _own;
    private volatile IPacketSink[] _viewers = [];
    private volatile StreamStatus _status = StreamStatus.Initial;
    private long _deadlineMonoMs;
    private bool _interrupted;
    private long _reconnects;
    private long _lastPacketMonoMs;

    /// <param name="name">Camera and stream, for logs.</param>
    /// <param name="url">rtsp://, rtsps:// or a file that is played in a loop.</param>
    /// <param name="time">Clock of captures and deadlines.</param>
    /// <param name="logger">For lost and found streams.</param>
    /// <param name="meter">Counts what reading and <paramref name="sinks"/> allocate, viewers left out.</param>
    /// <param name="sinks">Where every packet goes.</param>
    public StreamReader(string name, string url, TimeProvider time, ILogger logger, AllocationMeter meter, params IPacketSink[] sinks)
    {
        _name = name;
        _live = url.StartsWith("rtsp://", StringComparison.OrdinalIgnoreCase)
            || url.StartsWith("rtsps://", StringComparison.OrdinalIgnoreCase);
        _url = _live || url.StartsWith("file:", StringComparison.Ordinal) ? url : $"file:{url}";
        _time = time;
        _logger = logger;
        _meter = meter;
        _own = sinks;
        _backoff = new Backoff(SeedOf(_name));
        _thread = new Thread(Run) { IsBackground = true, Name = _name };
    }

    /// <summary>What the stream is doing; a new object at each change.</summary>
    public StreamStatus Status => _status;

    /// <summary>Packets per second of the last full second.</summary>
    public float Fps => _rate.PerSecond(_time.MonoMs());

    public long Reconnects => Interlocked.Read(ref _reconnects);

    /// <summary>Arrival of the newest packet, 0 before the first.</summary>
    public long LastPacketMonoMs => Interlocked.Read(ref _lastPacketMonoMs);

    public void Start() => _thread.Start();

    /// <summary>Adds a viewer: it gets every packet from now on.</summary>
    public void Add(IPacketSink sink)
    {
        lock (_stop)
            _viewers = [.. _viewers, sink];
    }

    /// <summary>After it returns the sink may still be in one last call.</summary>
    public void Remove(IPacketSink sink)
    {
        lock (_stop)
            _viewers = [.. _viewers.Where(s => s != sink)];
    }

    /// <summary>Tells the thread to end, without waiting: several readers stop side by side.</summary>
    public void RequestStop() => _stop.Set();

    public void Dispose()
    {
        _stop.Set();
        if (_thread.IsAlive && !_thread.Join(s_stopWait))
        {
            // Inside a native call that ignores its interrupt. Freeing what it uses would crash the process.
            LogStuck(_logger, _name);
            return;
        }
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsSet)
        {
            string detail = ReadUntilItEnds();
            if (_stop.IsSet)
                break;
            if (detail == EndOfFile && _status.Phase == CameraPhase.Streaming)
            {
                _stop.Wait(FilePace.BetweenRounds);
                continue;
            }
            Lost(detail);
            _stop.Wait(_backoff.Next());
        }
        _status = StreamStatus.Initial;
    }

    /// <summary>One connection, from open to its end; the answer says why it ended.</summary>
    private string ReadUntilItEnds()
    {
        try
        {
            _interrupted = false;
            Interlocked.Exchange(ref _deadlineMonoMs, _time.MonoMs() + OpenMs);
            using var input = new Demuxer(_url, new DemuxerOptions(Rtsp: _live), MustEnd);
            var format = StreamFormat.Of(input);
            using var packet = new PacketHandle();
            _clock.Reset();
            // A file is played at its own pace, again and again.
            var pace = _live ? null : new FilePace(_time, _stop);
            Interlocked.Exchange(ref _deadlineMonoMs, _time.MonoMs() + StallMs);
            while (!_stop.IsSet)
            {
                _meter.Begin();
                int result = input.Read(packet);
                if (result == ffmpeg.AVERROR(ffmpeg.EAGAIN) && !_interrupted)
                    continue;
                // Interrupted, libav first flushes its parser and gives that last packet as if nothing had happened: waiting for the
                // error behind it would double the time until a silent camera is noticed.
                if (result < 0 || _interrupted)
                    return DescribeEnd(result);
                pace?.Wait(packet, format);
                Deliver(packet, format);
                Interlocked.Exchange(ref _deadlineMonoMs, _time.MonoMs() + StallMs);
            }
            return "stopped";
        }
        catch (FfmpegException e)
        {
            return _interrupted ? $"no answer within {OpenMs / 1000} s" : e.Message;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug, here or in a sink. This camera starts over; the others must not go down with it.
            LogFailed(_logger, _name, e);
            return "internal error";
        }
    }

    private unsafe void Deliver(PacketHandle packet, StreamFormat format)
    {
        var native = packet.Pointer;
        if (native->pts == ffmpeg.AV_NOPTS_VALUE)
            native->pts = native->dts;
        if (native->dts == ffmpeg.AV_NOPTS_VALUE)
            native->dts = native->pts;
        long now = _time.MonoMs();
        long captured = _clock.Map(native->pts == ffmpeg.AV_NOPTS_VALUE ? null : format.ToMilliseconds(native->pts), now);
        long unix = _time.UnixMs() - (now - captured);
        _rate.Count(now);
        Interlocked.Exchange(ref _lastPacketMonoMs, now);
        if (_status.Phase != CameraPhase.Streaming || !ReferenceEquals(_status.Format, format))
            Opened(format);
        var item = new StreamPacket(packet, format, (native->flags & ffmpeg.AV_PKT_FLAG_KEY) != 0, captured, unix);
        foreach (var sink in _own)
            sink.OnPacket(item);
        _meter.End();
        foreach (var viewer in _viewers)
            viewer.OnPacket(item);
    }

    private void Opened(StreamFormat format)
    {
        if (_backoff.Failures > 0)
            LogBack(_logger, _name, _backoff.Failures);
        _backoff.Succeeded();
        _status = new StreamStatus(CameraPhase.Streaming, "", format);
    }

    private void Lost(string detail)
    {
        if (_status.Phase == CameraPhase.Streaming)
            Interlocked.Increment(ref _reconnects);
        // One line per outage, however many tries it takes.
        if (_backoff.Failures == 0)
            LogLost(_logger, _name, detail);
        _status = new StreamStatus(CameraPhase.Lost, detail, null);
    }

    private string DescribeEnd(int error)
    {
        if (error == ffmpeg.AVERROR_EOF)
            return _live ? "the camera ended the stream" : EndOfFile;
        return _interrupted ? $"no packet for {StallMs / 1000} s" : FfmpegException.Describe(error);
    }

    /// <summary>Asked by libav during every wait. Must not throw.</summary>
    private bool MustEnd() => _interrupted |= _stop.IsSet || _time.MonoMs() > Interlocked.Read(ref _deadlineMonoMs);

    /// <summary>The same camera always jitters the same way; two cameras never do. (string.GetHashCode differs per process.)</summary>
    private static int SeedOf(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return (int)hash;
    }

    [LoggerMessage(1001, LogLevel.Warning, "Stream {Stream} is lost: {Detail}")]
    private static partial void LogLost(ILogger logger, string stream, string detail);

    [LoggerMessage(1002, LogLevel.Information, "Stream {Stream} is back after {Tries} failed tries")]
    private static partial void LogBack(ILogger logger, string stream, int tries);

    [LoggerMessage(1004, LogLevel.Error, "Reading stream {Stream} failed")]
    private static partial void LogFailed(ILogger logger, string stream, Exception error);

    [LoggerMessage(1003, LogLevel.Error, "Stream {Stream} did not stop in time; its thread is left behind")]
    private static partial void LogStuck(ILogger logger, string stream);
}
