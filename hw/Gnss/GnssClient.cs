using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using EdgeAgent.Hw.Clock;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Hw.Gnss;

/// <summary>Where gpsd is and when a position is old.</summary>
public sealed record GnssOptions
{
    /// <summary>Default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Default 2947, 1 … 65535.</summary>
    public int Port { get; init; } = 2947;

    /// <summary>A fix older than this is stale. Default 3 s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>
/// Follows gpsd over its JSON protocol and keeps the newest fix. gpsd owns the serial port; this reconnects for as long as it runs.
/// </summary>
public sealed partial class GnssClient(GnssOptions options, TimeProvider time, ILogger<GnssClient> logger)
{
    /// <summary>gpsd sends a report a second; silence this long means that the connection is dead or the receiver is gone.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(5);
    private readonly GpsdParser _parser = new();
    private readonly Random _jitter = new(2947);
    private volatile GnssFix? _latest;
    private volatile bool _connected;
    private bool _outageTold;

    /// <summary>Whether gpsd answers.</summary>
    public bool Connected => _connected;

    /// <summary>The newest fix with its age judged now; null before the first report.</summary>
    public GnssFix? Current
    {
        get
        {
            if (_latest is not { } fix)
                return null;
            bool stale = time.MonoMs() - fix.ReceivedMonoMs > options.StaleAfter.TotalMilliseconds;
            return stale == fix.Stale ? fix : fix with { Stale = stale };
        }
    }

    /// <summary>Follows gpsd until cancelled; a lost connection is tried again with growing, jittered pauses.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = s_firstRetry;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await FollowAsync(stop))
                    pause = s_firstRetry;
            }
            catch (Exception e) when (e is SocketException or IOException or TimeoutException)
            {
                ToldOnce(e.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            _connected = false;
            try
            {
                await Task.Delay(pause * (0.75 + 0.5 * _jitter.NextDouble()), time, stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, s_lastRetry.Ticks));
        }
        _connected = false;
    }

    /// <summary>The newest fix once a second, stale ones marked; nothing before the first.</summary>
    public async IAsyncEnumerable<GnssFix> WatchAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await second.WaitForNextTickAsync(stop))
            if (Current is { } fix)
                yield return fix;
    }

    /// <summary>One connection; true when it brought at least one fix.</summary>
    private async Task<bool> FollowAsync(CancellationToken stop)
    {
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(options.Host, options.Port, stop).AsTask().WaitAsync(s_silence, time, stop);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("?WATCH={\"enable\":true,\"json\":true};\n"u8.ToArray(), stop);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        bool any = false;
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(s_silence, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stop);
                var read = await ReadAsync(reader, either.Token, stop);
                any |= TakeLines(read.Buffer, out var consumed);
                if (read.Buffer.Slice(consumed).Length > GpsdParser.MaxLineBytes)
                    throw new IOException($"a line of more than {GpsdParser.MaxLineBytes} bytes is not gpsd's");
                reader.AdvanceTo(consumed, read.Buffer.End);
                if (read.IsCompleted)
                    throw new IOException("gpsd closed the connection");
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async Task<ReadResult> ReadAsync(PipeReader reader, CancellationToken either, CancellationToken stop)
    {
        try
        {
            return await reader.ReadAsync(either);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"gpsd said nothing for {s_silence.TotalSeconds} s");
        }
    }

    private bool TakeLines(ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        bool any = false;
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            if (!_connected)
                Connect();
            if (line.Length > GpsdParser.MaxLineBytes || line.IsEmpty)
                continue;
            if (_parser.Parse(line.IsSingleSegment ? line.FirstSpan : line.ToArray(), time.MonoMs()) is not { } fix)
                continue;
            any = true;
            // Without a position the last one stays, marked as what it is: a place to start searching from, not where the car is.
            if (fix.Quality == GnssQuality.None && _latest is { } last)
                fix = fix with { Latitude = last.Latitude, Longitude = last.Longitude };
            _latest = fix;
        }
        consumed = reader.Position;
        return any;
    }

    private void Connect()
    {
        _connected = true;
        _outageTold = false;
        LogConnected(logger, options.Host, options.Port);
    }

    private void ToldOnce(string detail)
    {
        if (_outageTold)
            return;
        _outageTold = true;
        LogLost(logger, detail);
    }

    [LoggerMessage(1101, LogLevel.Information, "gpsd at {Host}:{Port} answers")]
    private static partial void LogConnected(ILogger logger, string host, int port);

    [LoggerMessage(1102, LogLevel.Warning, "No positions: {Detail}; trying again until gpsd is back")]
    private static partial void LogLost(ILogger logger, string detail);
}
