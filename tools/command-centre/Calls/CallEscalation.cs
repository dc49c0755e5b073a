using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>
/// Looks each half second which calls nobody has acknowledged in their time. The due times lie in the database: a centre that was down is
/// told what it missed within its first look.
/// </summary>
internal sealed class CallEscalation(
    CommitQueue commits, CentreDatabase database, CallTable calls, CallWatch watch, TimeProvider time, ILogger<CallEscalation> log) : Rounds(TimeSpan.FromMilliseconds(500), time)
{
    /// <returns>How many were reported further up.</returns>
    public async Task<int> RunOnceAsync()
    {
        var now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = database.Read(c => CallTable.Due(c, now));
        if (due.Count == 0)
            return 0;
        var reported = await commits.CommitAsync(transaction => due.Count(id => calls.Find(transaction, id) is { } call && watch.Escalate(transaction, call)));
        watch.Tell();
        return reported;
    }

    protected override async Task RoundAsync()
    {
        try
        {
            _ = await RunOnceAsync();
        }
        catch (Exception e) when (e is DbException or CallConflictException or ChannelClosedException)
        {
            CentreLog.EscalationFailed(log, e.GetType().Name);
        }
    }
}

/// <summary>One call that waited too long: who is told next, and which car could go instead.</summary>
internal sealed class CallWatch(CallWriter writer, CallCandidates candidates, ConsoleApi.ConsoleFeed feed, TimeProvider time)
{
    private static readonly string[] Told = ["", "dispatcher", "supervisors", "city"];

    /// <returns>False when it was acknowledged, or reported, since it was found due.</returns>
    public bool Escalate(DbTransaction transaction, CallRecord call)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var level = writer.LevelAt(call, now);
        if (!call.IsWaiting || call.EscalateAt is null || level <= call.Escalation)
            return false;
        var proposed = candidates.Propose(call);
        var entry = new CallEntry
        {
            At = now,
            HappenedAt = now,
            Actor = "centre",
            UnitId = proposed,
            What = "escalated",
            Effect = "changed",
            State = call.State,
            Text = Told[level],
        };
        _ = writer.Escalate(transaction, call, level, proposed, entry);
        AuditTable.Add(transaction, new AuditRow("centre", "call_escalated", call.Number, Told[level]), now);
        return true;
    }

    public void Tell() => feed.Changed(ConsoleApi.CallsTopic.Name);
}
