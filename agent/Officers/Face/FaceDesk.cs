using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Vision.Faces;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers.Face;

/// <summary>How far an attempt is, for the page; and the picture that it was judged by.</summary>
internal sealed record FaceProgress(JudgePhase Phase, LoginAct? Asked, int Done, int Of, string Code, byte[] Jpeg);

/// <summary>What came of an attempt.</summary>
/// <param name="Code">"" when the face is an officer's; else why not.</param>
/// <param name="Ticket">Worth one sign-in within a minute, of this officer at this screen.</param>
/// <param name="PinToo">The face alone is not enough.</param>
internal sealed record FaceResult(string Code, Officer? Officer, string Ticket, bool PinToo, TimeSpan RetryAfter);

/// <summary>
/// Sign-in by face: asks eyes to look into the cab, has <see cref="LivenessJudge"/> judge what it says, compares with the roster, and
/// gives out a ticket. Pictures and embeddings are held for the attempt and overwritten at its end. Whatever it does, the PIN is untouched.
/// </summary>
internal sealed class FaceDesk
{
    private const int LooksWaiting = 32;
    private static readonly TimeSpan TicketLasts = TimeSpan.FromSeconds(60), Patience = TimeSpan.FromSeconds(25);

    private readonly FaceParts parts;
    private readonly OfficerDesk officers;
    private readonly FaceLock locks;
    private readonly Ledger ledger;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Ticket> tickets = [];
    private int busy;

    public FaceDesk(FaceParts parts, OfficerDesk officers, FaceLock locks, Ledger ledger, TimeProvider time) =>
        (this.parts, this.officers, this.locks, this.ledger, this.time) = (parts, officers, locks, ledger, time);

    /// <summary>How the challenge is drawn; a test gives its own.</summary>
    internal Func<LoginChallenge> Draw { get; init; } = LoginChallenge.Draw;

    /// <summary>"" when a login by face can begin, else no_cab_camera, face_off, not_enrolled.</summary>
    public string WhyNot()
    {
        if (parts.CabCamera.Length == 0)
            return "no_cab_camera";
        if (officers.Roster.FaceLogin == FaceLogin.Off)
            return "face_off";
        return new OfficerFaces(officers.Roster, parts.ModelSha256).Count == 0 ? "not_enrolled" : "";
    }

    /// <summary>One attempt, from the first look to the verdict.</summary>
    /// <param name="told">Called for every look.</param>
    public async Task<FaceResult> TryAsync(DutyScreen screen, Func<FaceProgress, Task> told, CancellationToken stop)
    {
        string key = Terminal.Words.Of(screen);
        if (WhyNot() is { Length: > 0 } why)
            return Refused(why);
        if (locks.Wait(key) is { Ticks: > 0 } wait)
            return new FaceResult("face_locked", null, "", true, wait);
        if (Interlocked.Exchange(ref busy, 1) != 0)
            return Refused("face_busy");
        var looks = Channel.CreateBounded<CabFrame>(
            new BoundedChannelOptions(LooksWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, CabCamera.Wipe);
        void Seen(CabFrame frame)
        {
            if (!looks.Writer.TryWrite(frame))
                CabCamera.Wipe(frame);
        }
        parts.Cab.Begin(Seen);
        var judge = new LivenessJudge(Draw(), JudgeLimits.Standard);
        try
        {
            string fault = await WatchAsync(judge, looks.Reader, told, stop);
            return fault.Length > 0 ? Refused(fault) : Conclude(judge, screen, key);
        }
        finally
        {
            parts.Cab.End(Seen);
            while (looks.Reader.TryRead(out CabFrame? left))
                CabCamera.Wipe(left);
            judge.Forget();
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>Takes a ticket: whether it is this officer's, at this screen, and in time. It is worth nothing afterwards.</summary>
    /// <returns>The officer, or null.</returns>
    public string? Redeem(string ticket, DutyScreen screen)
    {
        lock (gate)
        {
            Prune();
            return tickets.Remove(ticket, out Ticket? held) && held.Screen == screen ? held.OfficerId : null;
        }
    }

    private async Task<string> WatchAsync(LivenessJudge judge, ChannelReader<CabFrame> looks, Func<FaceProgress, Task> told, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            await foreach (CabFrame frame in looks.ReadAllAsync(either.Token))
            {
                if (frame.Fault.Length > 0)
                    return "cab_fault";
                CabSight sight = CabSight.Of(frame);
                judge.Take(sight);
                sight.Forget();
                byte[] jpeg = frame.Jpeg.ToByteArray();
                CabCamera.Wipe(frame);
                await told(new FaceProgress(judge.Phase, judge.Asked, judge.StepsDone, judge.Steps.Count, judge.Code, jpeg));
                CryptographicOperations.ZeroMemory(jpeg);
                if (judge.Phase is JudgePhase.Passed or JudgePhase.Failed)
                    return "";
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Eyes said nothing for too long.
        }
        return "no_picture";
    }

    private FaceResult Conclude(LivenessJudge judge, DutyScreen screen, string key)
    {
        if (judge.Phase != JudgePhase.Passed)
            return judge.WasAttempt ? Failed(judge.Code, key) : Refused(judge.Code);
        float[] face = judge.Embedding();
        FaceFound found = new OfficerFaces(officers.Roster, parts.ModelSha256).Find(face, parts.Thresholds, JudgeLimits.Standard);
        Array.Clear(face);
        if (found.Officer is not { } officer)
            return Failed(found.Code, key);
        locks.Succeeded(key);
        string ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (gate)
        {
            Prune();
            tickets[ticket] = new Ticket(officer.OfficerId, screen, time.GetTimestamp());
        }
        return new FaceResult("", officer, ticket, officers.Roster.FaceLogin != FaceLogin.Alone, TimeSpan.Zero);
    }

    /// <summary>Counts and writes down; whose face it was is not known, so it is nobody's.</summary>
    private FaceResult Failed(string code, string key)
    {
        locks.Failed(key);
        TimeSpan wait = locks.Wait(key);
        _ = ledger.Record(
            new AuditDraft(AuditKind.SignInRefused, AuditDraft.System, "", $"screen/{key}", $"face_{code}"), Lane.Status, Priority.Normal, "",
            e => e.OfficerSession = new OfficerSession
            {
                Change = wait > TimeSpan.Zero ? SessionChange.Locked : SessionChange.Refused,
                Method = "face",
                Screen = key,
            });
        return new FaceResult(code, null, "", true, wait);
    }

    private void Prune()
    {
        foreach (string old in tickets.Where(t => time.GetElapsedTime(t.Value.At) >= TicketLasts).Select(t => t.Key).ToArray())
            _ = tickets.Remove(old);
    }

    private static FaceResult Refused(string code) => new(code, null, "", true, TimeSpan.Zero);

    private sealed record Ticket(string OfficerId, DutyScreen Screen, long At);
}

/// <summary>What a login by face takes from the rest of the car.</summary>
/// <param name="Thresholds">Which cosine is alike enough.</param>
/// <param name="ModelSha256">Of the network that eyes embeds with.</param>
internal sealed record FaceParts(CabCamera Cab, FaceThresholds Thresholds, byte[] ModelSha256)
{
    /// <summary>Its id; "": this car has none.</summary>
    public string CabCamera => Cab.Id;
}
