using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Live;

/// <summary>
/// Encodes pictures as they come, as a camera's hardware does: each leaves before the next is drawn. ffmpeg writes FLV, the one
/// container here that says at once how long a picture is; Annex B shows it only when the next one begins, a frame later.
/// </summary>
internal sealed class LiveEncoder : IAsyncDisposable
{
    private const int FileHeadBytes = 9 + 4, TagHeadBytes = 11, VideoHeadBytes = 5, TagTailBytes = 4;
    private const byte VideoTag = 9;

    private readonly Process process;
    private readonly Action<AccessUnit, MediaInstant> encoded;
    private readonly ConcurrentQueue<MediaInstant> under = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<IReadOnlyList<ReadOnlyMemory<byte>>> sets = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ReadOnlyMemory<byte>> parameterSets = [];

    /// <param name="encoded">Called in order, by one thread at a time, not before <see cref="ParameterSets"/> is there.</param>
    /// <exception cref="RigException">ffmpeg is missing.</exception>
    public LiveEncoder(int width, int height, int framesPerSecond, int bitsPerSecond, Action<AccessUnit, MediaInstant> encoded)
    {
        this.encoded = encoded;
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-nostats", "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer",
            "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", $"{width}x{height}", "-r", $"{framesPerSecond}", "-i", "pipe:0",
            "-fps_mode", "passthrough", .. VideoEncoder.H264(2 * framesPerSecond, bitsPerSecond),
            "-flvflags", "no_duration_filesize", "-flush_packets", "1", "-f", "flv", "pipe:1",
        ];
        process = Ffmpeg.Start(new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true });
        Reading = ReadAsync(process.StandardOutput.BaseStream, stopping.Token);
    }

    /// <summary>Ends with this object; earlier with what went wrong.</summary>
    public Task Reading { get; }

    /// <summary>SPS and PPS; known when the first picture is through.</summary>
    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ParameterSets => sets.Task;

    public async Task WriteAsync(ReadOnlyMemory<byte> picture, MediaInstant at, CancellationToken stop)
    {
        under.Enqueue(at);
        await process.StandardInput.BaseStream.WriteAsync(picture, stop);
        await process.StandardInput.BaseStream.FlushAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        process.Kill();
        await process.WaitForExitAsync();
        await Reading;
        process.Dispose();
        stopping.Dispose();
    }

    private async Task ReadAsync(Stream flv, CancellationToken stop)
    {
        try
        {
            var head = new byte[FileHeadBytes];
            await flv.ReadExactlyAsync(head, stop);
            while (true)
            {
                await flv.ReadExactlyAsync(head.AsMemory(0, TagHeadBytes), stop);
                var body = new byte[((head[1] << 16) | (head[2] << 8) | head[3]) + TagTailBytes];
                await flv.ReadExactlyAsync(body, stop);
                if (head[0] == VideoTag)
                    Take(body.AsMemory(0, body.Length - TagTailBytes));
            }
        }
        catch (Exception error) when (stop.IsCancellationRequested && error is OperationCanceledException or EndOfStreamException)
        {
            // Disposed.
        }
        catch (EndOfStreamException)
        {
            _ = sets.TrySetException(new RigException("ffmpeg ended by itself while it encoded live."));
            throw new RigException("ffmpeg ended by itself while it encoded live.");
        }
    }

    // ISO 14496-15 inside: first the parameter sets, then pictures of NAL units, each after its length.
    private void Take(ReadOnlyMemory<byte> tag)
    {
        ReadOnlyMemory<byte> body = tag[VideoHeadBytes..];
        if (tag.Span[1] == 0)
        {
            int at = 5;
            ReadOnlyMemory<byte> first = Set(body, ref at), second = Set(body, ref at);
            parameterSets = [first, second];
            _ = sets.TrySetResult(parameterSets);
        }
        else if (tag.Span[1] == 1 && under.TryDequeue(out MediaInstant instant))
        {
            List<ReadOnlyMemory<byte>> nals = Nals(body);
            bool key = nals.Any(n => NalUnit.IsKeySlice(n.Span, VideoCodec.H264));
            if (key)
                nals.InsertRange(0, parameterSets);
            encoded(new AccessUnit(nals, key), instant);
        }
    }

    // One count (always 1 here), one length of two bytes, one set.
    private static ReadOnlyMemory<byte> Set(ReadOnlyMemory<byte> configuration, ref int at)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(configuration.Span[(at + 1)..]);
        ReadOnlyMemory<byte> set = configuration.Slice(at + 3, length);
        at += 3 + length;
        return set;
    }

    private static List<ReadOnlyMemory<byte>> Nals(ReadOnlyMemory<byte> body)
    {
        var nals = new List<ReadOnlyMemory<byte>>();
        for (int at = 0; at < body.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(body.Span[at..]);
            nals.Add(body.Slice(at + 4, length));
            at += 4 + length;
        }
        return nals;
    }
}
