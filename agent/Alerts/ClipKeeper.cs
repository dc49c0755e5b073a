using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Alerts;

/// <summary>
/// The video of a confirmed alert. While an alert waits, eyes holds its clip in memory; confirmed, it is fetched, stored and sent after
/// the decision, which never waits for it; rejected or lapsed, it is let go of and has been nowhere. What cannot be had is said so.
/// </summary>
internal sealed partial class ClipKeeper
{
    /// <summary>More than a minute of a 4K camera; what sends more is not what was asked for.</summary>
    public const int MaxClipBytes = 64 << 20;

    // Of each second of the ring: at high rates its bound in bytes makes it shorter than its seconds.
    private const long SafeInRingMs = 600;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    // Beyond the clip's own end: cutting, sending, a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CarOptions options;
    private readonly EyesMedia media;
    private readonly OwedClips owed;
    private readonly Ledger ledger;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;
    private readonly ILogger<ClipKeeper> log;
    private readonly ConcurrentDictionary<string, Coming> coming = [];
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public ClipKeeper(
        CarOptions options, EyesMedia media, AlertBook alerts, OwedClips owed, Ledger ledger, TrustedClock clock, TimeProvider time,
        ILogger<ClipKeeper> log)
    {
        (this.options, this.media, this.owed, this.ledger, this.clock, this.time, this.log) = (options, media, owed, ledger, clock, time, log);
        alerts.Shown += Hold;
        alerts.Closed += Closed;
        media.ClipCame += Take;
        media.Replaced += GiveUpAll;
    }

    public async Task RunAsync(StagePulse pulse, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Beat, time);
        var tick = timer.WaitForNextTickAsync(stop).AsTask();
        while (true)
        {
            Settle(pulse);
            pulse.Beat();
            if (await Task.WhenAny(tick, news.Reader.WaitToReadAsync(stop).AsTask()) == tick && await tick)
                tick = timer.WaitForNextTickAsync(stop).AsTask();
            while (news.Reader.TryRead(out _))
                continue;
            stop.ThrowIfCancellationRequested();
        }
    }

    private void Hold(OpenAlert alert)
    {
        if (!owed.Wants(alert))
            return;
        var (from, to) = owed.SpanOf(alert);
        _ = media.AskClip(new MediaRequest
        {
            HoldClip = new HoldClip
            {
                RequestId = alert.Id.ToString(),
                CameraId = alert.Alert.CameraId,
                FromMonoMs = from,
                ToMonoMs = to,
                KeepUntilMonoMs = clock.MonoMs + (long)(options.AlertLapse + Patience).TotalMilliseconds,
                MostBytes = (ulong)options.Alerts.ClipMegabytes << 20,
                CutByMonoMs = from + (options.Vision.RingSeconds * SafeInRingMs),
            },
        });
    }

    private void Closed(Guid id, AlertOutcome outcome)
    {
        string name = id.ToString();
        if (outcome != AlertOutcome.Confirmed)
        {
            _ = media.AskClip(new MediaRequest { DropClip = new DropClip { RequestId = name } });
            return;
        }
        if (!options.Alerts.HasClips)
            return;
        var clip = new Coming(time.GetTimestamp());
        coming[name] = clip;
        if (!media.AskClip(new MediaRequest { SendClip = new SendClip { RequestId = name } }))
            clip.GiveUp("no_video");
        _ = news.Writer.TryWrite(true);
    }

    private void Take(ClipChunk chunk)
    {
        if (!coming.TryGetValue(chunk.RequestId, out var clip))
            return;
        if (chunk.Error.Length > 0)
            LogNoVideo(log, chunk.RequestId, chunk.Error);
        clip.Take(chunk);
        if (clip.IsOver)
            _ = news.Writer.TryWrite(true);
    }

    private void GiveUpAll()
    {
        foreach (var clip in coming.Values)
            clip.GiveUp("no_video");
    }

    private void Settle(StagePulse pulse)
    {
        try
        {
            foreach (OwedClip clip in owed.All())
                Settle(clip);
            pulse.Ok();
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            pulse.Degraded(full.Message);
        }
    }

    private void Settle(OwedClip clip)
    {
        string name = Uuid7.ToGuid(clip.AlertId).ToString();
        if (!coming.TryGetValue(name, out var found))
        {
            // Confirmed before this host began, or this very moment: then it is looked at again with the next news.
            if (clock.NowUnixMs > clip.ToUnixMs + (long)Patience.TotalMilliseconds)
                Say(clip, "car_restarted");
            return;
        }
        if (!found.IsOver && time.GetElapsedTime(found.Since) > Patience + TimeSpan.FromSeconds(options.Alerts.ClipSecondsAfter))
            found.GiveUp("no_answer");
        if (!found.IsOver)
            return;
        if (found.Reason.Length > 0)
            Say(clip, found.Reason);
        else
            Store(clip, found);
        _ = coming.TryRemove(name, out _);
    }

    private void Store(OwedClip clip, Coming found)
    {
        byte[] content = found.Content();
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        try
        {
            _ = ledger.Record(
                new AuditDraft(AuditKind.ClipKept, clip.OfficerId, clip.SessionId, $"{Uuid7.ToGuid(clip.AlertId)} {hash}", clip.LegalReference),
                Lane.Evidence, Priority.Evidence, clip.OfficerId,
                e => e.EvidenceReady = Ready(clip, clock.UnixMsAt(found.FirstMonoMs), clock.UnixMsAt(found.LastMonoMs), ""),
                attachments: [AttachmentDraft.OfBytes(AttachmentRole.Clip, "video/mp4", content)],
                also: (connection, transaction, _) => OwedClips.Settle(connection, transaction, clip));
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // Evidence has no claim on the last of the disk. Why there is none is said once there is room for that.
            found.GiveUp("disk_full");
            throw;
        }
    }

    private void Say(OwedClip clip, string reason)
    {
        _ = ledger.Append(
            Lane.Evidence, Priority.Evidence, clip.OfficerId, e => e.EvidenceReady = Ready(clip, clip.FromUnixMs, clip.ToUnixMs, reason),
            (connection, transaction) => OwedClips.Settle(connection, transaction, clip));
        LogGivenUp(log, Uuid7.ToGuid(clip.AlertId), reason);
    }

    private static EvidenceReady Ready(OwedClip clip, long fromUnixMs, long toUnixMs, string reason) => new()
    {
        AboutEventId = ByteString.CopyFrom(clip.EventId),
        CameraId = clip.CameraId,
        FromUnixMs = fromUnixMs,
        ToUnixMs = toUnixMs,
        Reason = reason,
    };

    [LoggerMessage(4090, LogLevel.Warning, "The clip of alert {Alert} is not to be had: {Why}")]
    private static partial void LogNoVideo(ILogger log, string alert, string why);

    [LoggerMessage(4091, LogLevel.Warning, "Alert {Alert} has no clip: {Reason}")]
    private static partial void LogGivenUp(ILogger log, Guid alert, string reason);

    /// <summary>A clip on its way from eyes.</summary>
    private sealed class Coming(long since)
    {
        private readonly Lock gate = new();
        private readonly List<ByteString> pieces = [];
        private long bytes;

        public long Since => since;

        public bool IsOver { get; private set; }

        public string Reason { get; private set; } = "";

        public long FirstMonoMs { get; private set; }

        public long LastMonoMs { get; private set; }

        public void Take(ClipChunk chunk)
        {
            lock (gate)
            {
                if (IsOver)
                    return;
                bytes += chunk.Data.Length;
                if (chunk.Error.Length > 0 || (chunk.Last && bytes == 0))
                    End("no_video");
                else if (bytes > MaxClipBytes)
                    End("too_large");
                else if (chunk.Data.Length > 0)
                    pieces.Add(chunk.Data);
                if (chunk.Last)
                    (IsOver, FirstMonoMs, LastMonoMs) = (true, chunk.FirstMonoMs, chunk.LastMonoMs);
            }
        }

        public void GiveUp(string reason)
        {
            lock (gate)
            {
                if (!IsOver || reason == "disk_full")
                    End(reason);
            }
        }

        public byte[] Content()
        {
            lock (gate)
            {
                byte[] whole = new byte[bytes];
                int at = 0;
                foreach (ByteString piece in pieces)
                {
                    piece.CopyTo(whole, at);
                    at += piece.Length;
                }
                return whole;
            }
        }

        private void End(string reason)
        {
            pieces.Clear();
            (IsOver, Reason) = (true, reason);
        }
    }
}
