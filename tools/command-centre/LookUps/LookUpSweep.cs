using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>Each hour: erases what was looked up past its clock, and shows look-ups that no sign-in covers.</summary>
internal sealed class LookUpSweep(LookUpTable table, Sealing sealing)
{
    /// <summary>What was asked is kept this long for oversight, sealed; the row stays for the statistics.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    // The sign-in travels with the other events and may come after the question.
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    // A shift and what clocks may differ by.
    private static readonly TimeSpan LongestSession = TimeSpan.FromHours(15);

    public void Run(DbTransaction transaction, DateTimeOffset now)
    {
        FlagOutsideSessions(transaction, now);
        _ = LookUpTable.Erase(transaction, (now - Kept).ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds());
    }

    private void FlagOutsideSessions(DbTransaction transaction, DateTimeOffset now)
    {
        foreach (var (id, unitId, officerId, request) in table.TakeUnchecked(transaction, (now - Settled).ToUnixTimeMilliseconds()))
        {
            if (request is null || IsSignedIn(transaction, unitId, officerId, request))
                continue;
            var kind = request.Kind;
            AuditTable.Add(transaction, new AuditRow(officerId, "look_up_pattern", LookUpBook.SubjectOf(id, kind), "outside_session"), now.ToUnixTimeMilliseconds());
        }
    }

    private bool IsSignedIn(DbTransaction transaction, string unitId, string officerId, LookUpRequest request)
    {
        // All of the car's own clock: question, sign-in and sign-out.
        var sessions = transaction.Connection!.Query<(long At, byte[] Payload)>(
            """
            SELECT captured_at, payload FROM events
            WHERE kind = 'officer_session' AND unit_id = @unitId AND officer_id = @officerId AND erased_at IS NULL AND captured_at BETWEEN @from AND @to
            """,
            new { unitId, officerId, from = request.AtUnixMs - (long)LongestSession.TotalMilliseconds, to = request.AtUnixMs }, transaction)
            .Select(e => Event.Parser.ParseFrom(sealing.Open(e.Payload)).OfficerSession)
            .Where(s => s?.SessionId == request.SessionId)
            .Select(s => s.Change)
            .ToList();
        return sessions.Contains(SessionChange.In) && !sessions.Contains(SessionChange.Out);
    }
}
