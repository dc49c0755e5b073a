using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Uplink;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Calls;

/// <summary>Fetches callers' recordings as soon as their call is here, goes on where it was cut, and removes what is not wanted any more.</summary>
internal sealed class RecordingStage(CentreLink link, RecordingBook book, CallBook calls, TimeProvider time)
{
    private const int HashFaultsAllowed = 2;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2), FirstRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, int> hashFaults = [];
    private bool wasUp;
    private TimeSpan retry = FirstRetry;
    private long notBefore;

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        calls.Changed += Woken;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                _ = book.Sweep();
                await FetchAllAsync(pulse, stop);
                pulse.Beat();
                // The link's coming and going and the clocks are looked at; a new call wakes it at once.
                await Task.WhenAny(news.Reader.WaitToReadAsync(stop).AsTask(), Task.Delay(Look, time, stop));
                _ = news.Reader.TryRead(out _);
            }
        }
        finally
        {
            calls.Changed -= Woken;
        }
        stop.ThrowIfCancellationRequested();
    }

    private void Woken() => _ = news.Writer.TryWrite(true);

    private async Task FetchAllAsync(StagePulse pulse, CancellationToken stop)
    {
        bool up = link.State.Phase == LinkPhase.Up;
        if (up && !wasUp)
        {
            (notBefore, retry) = (0, FirstRetry);
            book.AskAgain();
            hashFaults.Clear();
        }
        wasUp = up;
        if (!up || (notBefore != 0 && time.GetTimestamp() < notBefore))
            return;
        bool failed = false;
        foreach (AttachmentRef recording in book.Missing)
            failed |= !await TryAsync(recording, pulse, stop);
        (notBefore, retry) = failed ? (time.GetTimestamp() + (long)(retry.TotalSeconds * time.TimestampFrequency), retry * 2 < LongestRetry ? retry * 2 : LongestRetry) : (0, FirstRetry);
        if (!failed)
            pulse.Ok();
    }

    private async Task<bool> TryAsync(AttachmentRef recording, StagePulse pulse, CancellationToken stop)
    {
        if (recording.Sha256.Length != SHA256.HashSizeInBytes || recording.SizeBytes is 0 or > RecordingBook.MaxBytes)
        {
            book.Refuse(recording, recording.SizeBytes > RecordingBook.MaxBytes ? "too_large" : "bad_reference");
            return true;
        }
        try
        {
            await FetchAsync(recording, stop);
            return true;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            book.Refuse(recording, "not_here");
            return true;
        }
        catch (Exception error) when (error is RpcException or InvalidDataException or IOException && !stop.IsCancellationRequested)
        {
            pulse.Degraded(error is RpcException rpc ? rpc.Status.Detail : error.Message);
            return false;
        }
    }

    private async Task FetchAsync(AttachmentRef recording, CancellationToken stop)
    {
        await using FileStream part = book.OpenPart(recording, out long held);
        var piece = new PieceFill();
        try
        {
            await link.FetchRecordingAsync(recording, held, data => piece.Take(data.Span, full => book.Append(recording, part, full)), stop);
        }
        finally
        {
            // A last piece may be short: only the end of the whole is.
            if (held + piece.Total == (long)recording.SizeBytes)
                piece.Finish(full => book.Append(recording, part, full));
            part.Flush(flushToDisk: true);
        }
        if (held + piece.Total < (long)recording.SizeBytes)
            throw new InvalidDataException("The recording ended before its end.");
        if (book.Finish(recording, part))
            return;
        string name = Convert.ToHexStringLower(recording.Sha256.Span);
        if ((hashFaults[name] = hashFaults.GetValueOrDefault(name) + 1) < HashFaultsAllowed)
            throw new InvalidDataException("The recording arrived with another hash than the call names.");
        book.Refuse(recording, "wrong_hash");
    }

    /// <summary>Collects what comes in any portions into pieces of <see cref="SealedFile.PieceBytes"/>.</summary>
    private sealed class PieceFill
    {
        private readonly byte[] filling = new byte[SealedFile.PieceBytes];
        private int filled;

        /// <summary>Bytes taken in all.</summary>
        public long Total { get; private set; }

        public bool Take(ReadOnlySpan<byte> data, Action<ReadOnlySpan<byte>> whole)
        {
            Total += data.Length;
            while (data.Length > 0)
            {
                int count = Math.Min(data.Length, filling.Length - filled);
                data[..count].CopyTo(filling.AsSpan(filled));
                filled += count;
                data = data[count..];
                if (filled == filling.Length)
                    Finish(whole);
            }
            return true;
        }

        public void Finish(Action<ReadOnlySpan<byte>> last)
        {
            if (filled > 0)
                last(filling.AsSpan(0, filled));
            filled = 0;
        }
    }
}
