using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Clock;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Media;

/// <summary>
/// What the host asks of clips. Some are sent as soon as they are cut; others are held until the host says that an officer confirmed
/// what they show. Held ones lie in this process's memory and nowhere else: what is let go of is wiped and has left no trace.
/// </summary>
/// <param name="cutter">Cuts: camera, from, to.</param>
/// <param name="media">To the host.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">The host is gone, or the process ends.</param>
internal sealed class ClipRequests(
    Func<string, long, long, CancellationToken, Task<CutPieces>> cutter, ChannelWriter<MediaMessage> media, TimeProvider time, CancellationToken stop)
{
    /// <summary>Clips being cut or sent at once on request; more are refused, so that video never eats the process.</summary>
    public const int MaxAtOnce = 4;

    /// <summary>Clips held or waited for; above what the host keeps open as alerts.</summary>
    public const int MaxHeld = 64;

    private const int ChunkBytes = 256 * 1024;
    private const string NotHeld = "this clip is not held";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held> _held = [];
    private long _heldBytes;
    private int _running;

    /// <summary>Bytes of held clips.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
                return _heldBytes;
        }
    }

    public void Cut(CutClip request)
    {
        if (Interlocked.Increment(ref _running) > MaxAtOnce)
        {
            Interlocked.Decrement(ref _running);
            Fail(request.RequestId, $"{MaxAtOnce} clips are being cut already");
            return;
        }
        _ = CutAndSendAsync(request);
    }

    public void Hold(HoldClip request)
    {
        Held held;
        lock (_gate)
        {
            // A second request of the same name changes nothing; beyond the bound, sending it later says that it is not held.
            if (_held.Count >= MaxHeld || _held.ContainsKey(request.RequestId))
                return;
            held = new Held(request, CancellationTokenSource.CreateLinkedTokenSource(stop));
            _held.Add(request.RequestId, held);
        }
        _ = HoldAsync(held);
    }

    public void Send(string requestId)
    {
        Held? held;
        lock (_gate)
        {
            held = _held.GetValueOrDefault(requestId);
            if (held is { Cut: null })
            {
                held.Wanted = true;
                _ = held.IsWanted.TrySetResult();
                return;
            }
            if (held is not null)
                TakeOut(held);
        }
        if (held is null)
            Fail(requestId, NotHeld);
        else
            _ = SendHeldAsync(held, held.Cut!);
    }

    public void Drop(string requestId)
    {
        lock (_gate)
        {
            if (_held.GetValueOrDefault(requestId) is { } held)
                LetGo(held);
        }
    }

    public void DropAll()
    {
        lock (_gate)
        {
            foreach (var held in _held.Values.ToList())
                LetGo(held);
        }
    }

    private async Task CutAndSendAsync(CutClip request)
    {
        try
        {
            await SendAsync(request.RequestId, await cutter(request.CameraId, request.FromMonoMs, request.ToMonoMs, stop));
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The process ends, or the host is gone.
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task HoldAsync(Held held)
    {
        try
        {
            var request = held.Request;
            // While the ring has it a copy would only cost memory, and most officers decide within seconds.
            long lead = request.CutByMonoMs - time.MonoMs();
            if (lead > 0)
                await Task.WhenAny(held.IsWanted.Task, Task.Delay(TimeSpan.FromMilliseconds(lead), time, held.Ended.Token));
            held.Ended.Token.ThrowIfCancellationRequested();
            Keep(held, await cutter(request.CameraId, request.FromMonoMs, request.ToMonoMs, held.Ended.Token));
            long left = request.KeepUntilMonoMs - time.MonoMs();
            if (left > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(left), time, held.Ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Sent, or let go of.
        }
        finally
        {
            lock (_gate)
            {
                if (_held.GetValueOrDefault(held.Request.RequestId) == held)
                    LetGo(held);
            }
            held.Ended.Dispose();
        }
    }

    private void Keep(Held held, CutPieces cut)
    {
        bool wanted;
        lock (_gate)
        {
            if (!_held.ContainsValue(held))
            {
                Wipe(cut);
                return;
            }
            held.Cut = cut;
            _heldBytes += cut.Pieces.Sum(p => (long)p.Length);
            wanted = held.Wanted;
            if (wanted)
                TakeOut(held);
            while (_heldBytes > (long)held.Request.MostBytes && _held.Values.Where(h => h.Cut is not null).MinBy(h => h.Request.FromMonoMs) is { } oldest)
                LetGo(oldest);
        }
        if (wanted)
            _ = SendHeldAsync(held, cut);
    }

    /// <summary>Under the gate.</summary>
    private void TakeOut(Held held)
    {
        _ = _held.Remove(held.Request.RequestId);
        _heldBytes -= held.Cut?.Pieces.Sum(p => (long)p.Length) ?? 0;
        held.Ended.Cancel();
    }

    /// <summary>Under the gate.</summary>
    private void LetGo(Held held)
    {
        TakeOut(held);
        if (held.Cut is { } cut)
            Wipe(cut);
    }

    private static void Wipe(CutPieces cut)
    {
        foreach (byte[] piece in cut.Pieces)
            CryptographicOperations.ZeroMemory(piece);
    }

    private async Task SendHeldAsync(Held held, CutPieces cut)
    {
        try
        {
            await SendAsync(held.Request.RequestId, cut);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The process ends, or the host is gone.
        }
    }

    private async Task SendAsync(string requestId, CutPieces cut)
    {
        foreach (byte[] piece in cut.Pieces)
            for (int at = 0; at < piece.Length; at += ChunkBytes)
                await media.WriteAsync(Chunk(requestId, piece.AsMemory(at, Math.Min(ChunkBytes, piece.Length - at))), stop);
        var end = new ClipChunk { RequestId = requestId, Last = true, Error = cut.Error, FirstMonoMs = cut.FirstMonoMs, LastMonoMs = cut.LastMonoMs };
        await media.WriteAsync(new MediaMessage { Clip = end }, stop);
    }

    private void Fail(string requestId, string error) =>
        _ = media.TryWrite(new MediaMessage { Clip = new ClipChunk { RequestId = requestId, Last = true, Error = error } });

    private static MediaMessage Chunk(string requestId, ReadOnlyMemory<byte> data) =>
        new() { Clip = new ClipChunk { RequestId = requestId, Data = UnsafeByteOperations.UnsafeWrap(data) } };

    private sealed class Held(HoldClip request, CancellationTokenSource ended)
    {
        public HoldClip Request { get; } = request;

        public CancellationTokenSource Ended { get; } = ended;

        public CutPieces? Cut { get; set; }

        public bool Wanted { get; set; }

        public TaskCompletionSource IsWanted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
