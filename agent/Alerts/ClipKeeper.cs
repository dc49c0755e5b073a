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
    private readonly ConcurrentDictionary<string, ComingClip> coming = [];
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
        // What a host before this one owed is settled first. While nothing is owed, nothing is asked of the disk.
        bool owes = true;
        Task more = news.Reader.WaitToReadAsync(stop).AsTask();
        while (!stop.IsCancellationRequested)
        {
            if (owes)
                owes = Settle(pulse);
            pulse.Beat();
            await more.WaitAsync(owes ? Beat : Timeout.InfiniteTimeSpan, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!more.IsCompleted)
                continue;
            owes = true;
            _ = news.Reader.TryRead(out _);
            more = news.Reader.WaitToReadAsync(stop).AsTask();
        }
        stop.ThrowIfCancellationRequested();
    }

    private void Hold(OpenAlert alert)
    {
        if (!owed.Wants(alert))
            return;
        var (from, to) = owed.SpanOf(alert);
        coming[alert.Id.ToString()] = new ComingClip(alert.LastCameraId);
        _ = media.AskFor(new MediaRequest
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
        if (!coming.TryGetValue(name, out ComingClip? clip))
            return;
        if (outcome != AlertOutcome.Confirmed)
        {
            _ = coming.TryRemove(name, out _);
            _ = media.AskFor(new MediaRequest { DropClip = new DropClip { RequestId = name } });
            return;
        }
        clip.Want(time.GetTimestamp());
        if (!clip.IsOver && !media.AskFor(new MediaRequest { SendClip = new SendClip { RequestId = name } }))
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

    // Another eyes process holds nothing of what this one was asked for.
    private void GiveUpAll()
    {
        foreach (var clip in coming.Values)
            clip.GiveUp("no_video");
    }

    /// <returns>Whether something is still owed.</returns>
    private bool Settle(StagePulse pulse)
    {
        try
        {
            // All of them: one that waits does not hold up the next.
            bool all = owed.All().Aggregate(true, (settled, clip) => Settle(clip) && settled);
            pulse.Ok();
            return !all;
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            pulse.Degraded(full.Message);
            return true;
        }
    }

    private bool Settle(OwedClip clip)
    {
        string name = Uuid7.ToGuid(clip.AlertId).ToString();
        if (!coming.TryGetValue(name, out var found))
        {
            // Confirmed before this host began, and what eyes held then is gone.
            if (clock.NowUnixMs <= clip.ToUnixMs + (long)Patience.TotalMilliseconds)
                return false;
            Say(clip, "car_restarted");
            return true;
        }
        if (!found.IsOver && time.GetElapsedTime(found.Since) > Patience + TimeSpan.FromSeconds(options.Alerts.ClipSecondsAfter))
            found.GiveUp("no_answer");
        if (!found.IsOver)
            return false;
        if (found.Reason.Length > 0)
            Say(clip, found.Reason);
        else
            Store(clip, found);
        _ = coming.TryRemove(name, out _);
        return true;
    }

    private void Store(OwedClip clip, ComingClip found)
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
            found.Lose("disk_full");
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
}
