using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Dapper;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Live;

/// <summary>Video that somebody at the centre asked for, as the car shows it.</summary>
internal sealed record AskedClip(string CameraId, string Viewer, string Reason, long AtUnixMs, long FromUnixMs, long ToUnixMs);

/// <summary>
/// Video that the centre asks for (<see cref="ClipRules"/>): written down in the chain and shown to the officers before eyes is asked,
/// stored with the event that brings it, and owed until then, so that nobody waits in vain whatever ends the host.
/// </summary>
internal sealed class ClipDesk
{
    private const int MostAtOnce = 4, MostShown = 16;
    private const long ShownMs = 600_000;

    // Somebody waits for it: before the clips that were kept of themselves, of which there may be an hour's.
    private const Priority Waited = Priority.Normal;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    // Beyond the clip's own end: cutting, sending, a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClipRules rules;
    private readonly EyesMedia media;
    private readonly Ledger ledger;
    private readonly OutboxStore store;
    private readonly TrustedClock clock;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, ComingClip> coming = [];
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock gate = new();
    private readonly Queue<(long AtMonoMs, AskedClip Clip)> shown = new();

    public ClipDesk(ClipRules rules, EyesMedia media, Ledger ledger, OutboxStore store, TrustedClock clock, TimeProvider time)
    {
        (this.rules, this.media, this.ledger, this.store, this.clock, this.time) = (rules, media, ledger, store, clock, time);
        media.ClipCame += Take;
        media.Replaced += GiveUpAll;
    }

    /// <summary>What was asked for in the last ten minutes.</summary>
    public IReadOnlyList<AskedClip> Shown
    {
        get
        {
            lock (gate)
                return [.. shown.Where(s => clock.MonoMs - s.AtMonoMs < ShownMs).Select(s => s.Clip)];
        }
    }

    /// <returns>"" when it is on its way; else why not.</returns>
    public string Ask(Command command)
    {
        ClipRequest asked = command.Clip;
        if (rules.WhyNot(asked) is { Length: > 0 } why)
            return why;
        string name = Convert.ToHexStringLower(command.Id.Span);
        lock (gate)
        {
            if (coming.Count >= MostAtOnce)
                return "too_many_clips";
            ledger.Note(new AuditDraft(AuditKind.ClipAsked, command.Issuer, "", $"{name} {asked.CameraId}", asked.Reason));
            Begin(command.Id, asked.CameraId, asked.FromUnixMs, asked.ToUnixMs, command.Issuer);
            Show(new AskedClip(asked.CameraId, command.Issuer, asked.Reason, clock.NowUnixMs, asked.FromUnixMs, asked.ToUnixMs));
        }
        _ = news.Writer.TryWrite(true);
        return "";
    }

    /// <summary>Cameras of which video is being kept now.</summary>
    public IReadOnlyCollection<string> Keeping => [.. coming.Values.Select(clip => clip.CameraId).Distinct()];

    /// <summary>As many are under way as may be.</summary>
    public bool IsBusy => coming.Count >= MostAtOnce;

    /// <summary>Video that an officer of this car keeps about an event of theirs. Durable as owed, and in the chain, when this returns "".</summary>
    /// <param name="aboutEventId">The event that it follows.</param>
    /// <param name="purpose">What it is kept for, such as a call's id.</param>
    /// <returns>"" or too_many_clips.</returns>
    public string Keep(ByteString aboutEventId, string cameraId, long fromUnixMs, long toUnixMs, DutySession officer, string purpose)
    {
        string name = Convert.ToHexStringLower(aboutEventId.Span);
        lock (gate)
        {
            if (IsBusy)
                return "too_many_clips";
            ledger.Note(new AuditDraft(AuditKind.ClipAsked, officer.OfficerId, officer.SessionId, $"{name} {cameraId}", purpose));
            Begin(aboutEventId, cameraId, fromUnixMs, toUnixMs, officer.OfficerId);
        }
        _ = news.Writer.TryWrite(true);
        return "";
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

    /// <summary>Under the gate.</summary>
    private void Begin(ByteString id, string cameraId, long fromUnixMs, long toUnixMs, string issuer)
    {
        store.Write((connection, transaction) => connection.Execute(
            "INSERT INTO clips_asked VALUES (@id, @cameraId, @fromUnixMs, @toUnixMs, @issuer)",
            new { id = id.ToByteArray(), cameraId, fromUnixMs, toUnixMs, issuer }, transaction));
        string name = Convert.ToHexStringLower(id.Span);
        var clip = new ComingClip(cameraId);
        clip.Want(time.GetTimestamp());
        coming[name] = clip;
        if (!media.AskFor(new MediaRequest { CutClip = new CutClip { RequestId = name, CameraId = cameraId, FromMonoMs = Mono(fromUnixMs), ToMonoMs = Mono(toUnixMs) } }))
            clip.GiveUp("no_video");
    }

    private void Show(AskedClip clip)
    {
        shown.Enqueue((clock.MonoMs, clip));
        while (shown.Count > MostShown)
            _ = shown.Dequeue();
    }

    private long Mono(long unixMs) => clock.MonoMs - (clock.NowUnixMs - unixMs);

    private void Take(ClipChunk chunk)
    {
        if (!coming.TryGetValue(chunk.RequestId, out ComingClip? clip))
            return;
        clip.Take(chunk);
        if (clip.IsOver)
            _ = news.Writer.TryWrite(true);
    }

    // Another eyes process was asked for nothing.
    private void GiveUpAll()
    {
        foreach (ComingClip clip in coming.Values)
            clip.GiveUp("no_video");
        _ = news.Writer.TryWrite(true);
    }

    /// <returns>Whether something is still owed.</returns>
    private bool Settle(StagePulse pulse)
    {
        try
        {
            bool all = Owed().Aggregate(true, (settled, clip) => Settle(clip) && settled);
            pulse.Ok();
            return !all;
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            pulse.Degraded(full.Message);
            return true;
        }
    }

    private bool Settle(Asked asked)
    {
        string name = Convert.ToHexStringLower(asked.CommandId);
        if (!coming.TryGetValue(name, out ComingClip? clip))
        {
            Say(asked, "car_restarted");
            return true;
        }
        if (!clip.IsOver && time.GetElapsedTime(clip.Since) > Patience && clock.NowUnixMs > asked.ToUnixMs + (long)Patience.TotalMilliseconds)
            clip.GiveUp("no_answer");
        if (!clip.IsOver)
            return false;
        // The car may have come to a privacy place while it was being cut.
        if (clip.Reason.Length == 0 && media.WhyNoLease(asked.CameraId) is { Length: > 0 } barred)
            clip.Lose(barred);
        if (clip.Reason.Length > 0)
            Say(asked, clip.Reason);
        else
            Store(asked, clip, name);
        _ = coming.TryRemove(name, out _);
        return true;
    }

    private void Store(Asked asked, ComingClip clip, string name)
    {
        byte[] content = clip.Content();
        try
        {
            _ = ledger.Record(
                new AuditDraft(AuditKind.ClipKept, asked.Issuer, "", $"{name} {Convert.ToHexStringLower(SHA256.HashData(content))}", "clip_asked"),
                Lane.Evidence, Waited, "",
                e => e.EvidenceReady = Ready(asked, clock.UnixMsAt(clip.FirstMonoMs), clock.UnixMsAt(clip.LastMonoMs), ""),
                attachments: [AttachmentDraft.OfBytes(AttachmentRole.Clip, "video/mp4", content)],
                also: (connection, transaction, _) => Strike(asked, connection, transaction));
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            // Evidence has no claim on the last of the disk. Why there is none is said once there is room for that.
            clip.Lose("disk_full");
            throw;
        }
    }

    private void Say(Asked asked, string reason) => _ = ledger.Append(
        Lane.Evidence, Waited, "", e => e.EvidenceReady = Ready(asked, asked.FromUnixMs, asked.ToUnixMs, reason),
        (connection, transaction) => Strike(asked, connection, transaction));

    private List<Asked> Owed() => store.Read(c => c.Query<Asked>(
        """
        SELECT command_id AS CommandId, camera_id AS CameraId, from_unix_ms AS FromUnixMs, to_unix_ms AS ToUnixMs, issuer AS Issuer FROM clips_asked
        """).AsList());

    private static void Strike(Asked asked, Microsoft.Data.Sqlite.SqliteConnection connection, Microsoft.Data.Sqlite.SqliteTransaction transaction) =>
        _ = connection.Execute("DELETE FROM clips_asked WHERE command_id = @CommandId", new { asked.CommandId }, transaction);

    private static EvidenceReady Ready(Asked asked, long fromUnixMs, long toUnixMs, string reason) => new()
    {
        AboutEventId = ByteString.CopyFrom(asked.CommandId),
        CameraId = asked.CameraId,
        FromUnixMs = fromUnixMs,
        ToUnixMs = toUnixMs,
        Reason = reason,
    };

    private sealed record Asked(byte[] CommandId, string CameraId, long FromUnixMs, long ToUnixMs, string Issuer);
}
