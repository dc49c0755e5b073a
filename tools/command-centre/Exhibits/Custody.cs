using Dapper;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exhibits;

/// <summary>One act on a piece of evidence.</summary>
internal sealed record CustodyStep(long AtUnixMs, string Actor, string Action, string Subject, string Purpose);

/// <summary>An event of a car that evidence goes back to.</summary>
/// <param name="SignatureValid">Of a decision: whether it is what the unit signed; null for events that carry no signature.</param>
internal sealed record CustodyOrigin(
    Guid EventId, string Kind, string UnitId, string Incarnation, int Lane, long Number, long CapturedAtUnixMs, long ReceivedAtUnixMs, bool? SignatureValid,
    string? DecisionSha256, string? AlertSha256, string? OfficerId);

/// <summary>Where evidence comes from and what has been done with it since.</summary>
internal sealed class Custody(CentreDatabase database, EventTable events)
{
    private const int MostSteps = 500;

    /// <summary>All audit rows that begin with one of these ids, oldest first.</summary>
    public IReadOnlyList<CustodyStep> Steps(params IReadOnlyList<Guid> ids) => database.Read(c => c.Query<CustodyStep>(
        """
        SELECT at AS AtUnixMs, actor AS Actor, action AS Action, subject AS Subject, purpose AS Purpose FROM
            (SELECT seq, at, actor, action, subject, purpose FROM audit WHERE substr(subject, 1, 36) IN @ids ORDER BY seq DESC LIMIT @MostSteps) newest
        ORDER BY seq
        """,
        new { ids = ids.Select(id => id.ToString()).ToArray(), MostSteps })).AsList();

    /// <summary>The alert itself, and the events that brought its video or an asked clip.</summary>
    public IReadOnlyList<CustodyOrigin> Origins(EvidenceItem item)
    {
        var brought = database.Read(c => c.Query<byte[]>(
            "SELECT event_id FROM clips WHERE about_event_id = @id AND unit_id = @UnitId", new { id = Uuid7.ToBytes(item.Id), item.UnitId }).Select(id => Uuid7.ToGuid(id)).ToList());
        return [.. (item.Told is null ? brought : [item.Id, .. brought]).Select(Origin).OfType<CustodyOrigin>()];
    }

    private CustodyOrigin? Origin(Guid id)
    {
        if (events.Find(id) is not { } told)
            return null;
        var row = database.Read(c => c.QuerySingle<(string Kind, byte[] Incarnation)>("SELECT kind, incarnation FROM events WHERE event_id = @id", new { id = Uuid7.ToBytes(id) }));
        var decided = told.Event.AlertDecided;
        var decision = decided is null ? null : Decision.Parser.ParseFrom(decided.Decision.Payload);
        return new CustodyOrigin(
            id, row.Kind, told.UnitId, Convert.ToHexStringLower(row.Incarnation), (int)told.Event.Lane, (long)told.Event.Number, told.Event.CapturedAtUnixMs, told.ReceivedAtUnixMs,
            told.SignatureValid, decided is null ? null : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(decided.Decision.Payload.Span)), decision is null ? null : Convert.ToHexStringLower(decision.AlertSha256.Span), decision?.OfficerId);
    }
}
