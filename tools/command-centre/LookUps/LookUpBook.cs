using System.Data.Common;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.LookUps;

/// <summary>Whether a look-up may be answered. Whatever comes of it is a row of the audit in the same transaction.</summary>
internal sealed class LookUpBook(LookUpTable table, LookUpLimits limits, EntryReading canaries)
{
    /// <summary>So many identical questions of one officer within a day are shown to whoever oversees.</summary>
    private const int Conspicuous = 3;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    /// <param name="unitId">As the certificate says.</param>
    /// <param name="sourceProblem">Why the register cannot answer, "" when it can.</param>
    /// <returns>"" when it may be answered, else why not and how long to wait.</returns>
    public (string Code, TimeSpan Wait) Take(DbTransaction transaction, string unitId, LookUpRequest request, string sourceProblem, DateTimeOffset now)
    {
        if (table.Find(transaction, request.Id.ToByteArray()) is { } before)
        {
            // Another question under a used id would be asked uncounted.
            if (before.UnitId == unitId && request.Equals(before.Request))
                return (before.Code, before.Code == LookUpCodes.RateLimited ? Wait(transaction, unitId, request.OfficerId, now) : TimeSpan.Zero);
            Audit(transaction, unitId, request, LookUpCodes.BadId, now);
            return (LookUpCodes.BadId, TimeSpan.Zero);
        }
        // A name that is on no roster is only a claim; it is kept sealed, not as the row's actor.
        var officerId = OfficerTable.IsOn(transaction, unitId, request.OfficerId) ? request.OfficerId : "";
        var code = LookUpRules.Problem(request) is { Length: > 0 } problem ? problem
            : officerId.Length == 0 ? LookUpCodes.OfficerNotOnRoster : sourceProblem;
        var wait = code.Length == 0 ? Wait(transaction, unitId, officerId, now) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
            code = LookUpCodes.RateLimited;
        Audit(transaction, officerId.Length > 0 ? officerId : unitId, request, code, now);
        if (request.Id.Length == Uuid7.Length)
            table.Add(transaction, unitId, officerId, request, code, now.ToUnixTimeMilliseconds());
        if (code.Length == 0)
            NoticeRepeats(transaction, officerId, request, now);
        // Whether or not the register can answer: what counts is that somebody asked. Refused beyond a limit it would be a flood of alarms.
        if (request.Kind == LookUpKind.Plate && (code.Length == 0 || code == sourceProblem))
            canaries.LookedUp(transaction, request.Subject, new Reader($"{unitId}/{officerId}", "look_up", LookUpRules.Word(request.Purpose)));
        return (code, wait);
    }

    /// <summary>The row's subject: an id and a kind, never what was asked about.</summary>
    public static string SubjectOf(ReadOnlySpan<byte> requestId, LookUpKind kind) =>
        $"{(requestId.Length == Uuid7.Length ? Uuid7.ToGuid(requestId).ToString() : "-")} {LookUpRules.Word(kind)}";

    private TimeSpan Wait(DbTransaction transaction, string unitId, string officerId, DateTimeOffset now)
    {
        (string Column, string Who, int Limit, TimeSpan Window)[] rules =
        [
            ("officer_id", officerId, limits.OfficerPerMinute, Minute), ("officer_id", officerId, limits.OfficerPerHour, Hour),
            ("unit_id", unitId, limits.UnitPerMinute, Minute), ("unit_id", unitId, limits.UnitPerHour, Hour),
        ];
        return rules.Max(rule => LookUpTable.NthNewest(transaction, rule.Column, rule.Who, rule.Limit) is { } at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at) + rule.Window - now
            : TimeSpan.Zero);
    }

    private void NoticeRepeats(DbTransaction transaction, string officerId, LookUpRequest request, DateTimeOffset now)
    {
        var same = table.CountSame(transaction, officerId, request, (now - Day).ToUnixTimeMilliseconds());
        if (same >= Conspicuous)
            AuditTable.Add(transaction, new AuditRow(officerId, "look_up_pattern", SubjectOf(request.Id.Span, request.Kind), $"same_subject {same}"), now.ToUnixTimeMilliseconds());
    }

    private static void Audit(DbTransaction transaction, string actor, LookUpRequest request, string code, DateTimeOffset now) => AuditTable.Add(
        transaction,
        new AuditRow(
            actor, code.Length == 0 ? "look_up" : "look_up_refused", SubjectOf(request.Id.Span, request.Kind),
            code.Length == 0 ? LookUpRules.Word(request.Purpose) : $"{LookUpRules.Word(request.Purpose)} {code}"),
        now.ToUnixTimeMilliseconds());
}
