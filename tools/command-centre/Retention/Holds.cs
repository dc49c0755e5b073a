using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Retention;

/// <summary>Evidence that is to outlive its clock: by whom, why, since when. The car is told as well, for what it has not delivered.</summary>
internal sealed class Holds(CommandTable commands, TimeProvider time)
{
    private const int MostReasonCharacters = 200;

    /// <exception cref="CentreException">There is no such event, it is a rejected alert, or the reason is missing.</exception>
    public void Set(DbTransaction transaction, Guid eventId, bool hold, string reason, string by)
    {
        if (reason.Trim().Length is 0 or > MostReasonCharacters)
            throw new CentreException($"A hold, and its end, has a reason of at most {MostReasonCharacters} characters.");
        var id = Uuid7.ToBytes(eventId);
        var row = transaction.Connection!.QuerySingleOrDefault<(string UnitId, string Retention)?>(
            "SELECT unit_id, retention FROM events WHERE event_id = @id AND erased_at IS NULL", new { id }, transaction);
        if (row is null && HoldCall(transaction, eventId, hold, reason, by))
            return;
        if (row is not { } found)
            throw new CentreException($"There is no event {eventId}, or its time is over.");
        // Nobody's picture is kept on the word that it might be needed.
        if (hold && found.Retention == RetentionClass.Rejected)
            throw new CentreException($"Event {eventId} is an alert that an officer rejected: it cannot be held.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var changed = hold
            ? transaction.Connection!.Execute("INSERT INTO holds VALUES (@id, @by, @reason, @now) ON CONFLICT DO NOTHING", new { id, by, reason, now }, transaction)
            : transaction.Connection!.Execute("DELETE FROM holds WHERE event_id = @id", new { id }, transaction);
        if (changed == 0)
            throw new CentreException(hold ? $"Event {eventId} is on hold already." : $"Event {eventId} is not on hold.");
        AuditTable.Add(transaction, new AuditRow(by, hold ? "evidence_held" : "evidence_released", eventId.ToString(), reason), now);
        var command = CommandTable.New(by, "supervisor", time);
        command.Hold = new EvidenceHold { EventId = ByteString.CopyFrom(id), Hold = hold, Reason = reason };
        commands.Add(transaction, found.UnitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, found.UnitId, now);
    }

    /// <summary>A call is held here alone: what a car knows of it goes by the car's own clocks.</summary>
    /// <returns>False: no call has this id.</returns>
    private bool HoldCall(DbTransaction transaction, Guid callId, bool hold, string reason, string by)
    {
        var id = Uuid7.ToBytes(callId);
        if (transaction.Connection!.ExecuteScalar<long>("SELECT count(*) FROM calls WHERE call_id = @id AND erased_at IS NULL", new { id }, transaction) == 0)
            return false;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var changed = hold
            ? transaction.Connection!.Execute(
                "INSERT INTO holds (event_id, held_by, reason, held_at) VALUES (@id, @by, @reason, @now) ON CONFLICT (event_id) DO NOTHING", new { id, by, reason, now }, transaction)
            : transaction.Connection!.Execute("DELETE FROM holds WHERE event_id = @id", new { id }, transaction);
        if (changed == 0)
            throw new CentreException(hold ? $"Call {callId} is on hold already." : $"Call {callId} is not on hold.");
        AuditTable.Add(transaction, new AuditRow(by, hold ? "call_held" : "call_released", callId.ToString(), reason), now);
        return true;
    }

    /// <summary>An exhibit that is to outlive its clock; only the centre has it.</summary>
    /// <exception cref="CentreException">The reason is missing, or it is, or is not, on hold already.</exception>
    public void SetExhibit(DbTransaction transaction, Guid exhibitId, bool hold, string reason, string by)
    {
        if (reason.Trim().Length is 0 or > MostReasonCharacters)
            throw new CentreException($"A hold, and its end, has a reason of at most {MostReasonCharacters} characters.");
        var (id, now) = (Uuid7.ToBytes(exhibitId), time.GetUtcNow().ToUnixTimeMilliseconds());
        var changed = hold
            ? transaction.Connection!.Execute("INSERT INTO holds VALUES (@id, @by, @reason, @now) ON CONFLICT (event_id) DO NOTHING", new { id, by, reason, now }, transaction)
            : transaction.Connection!.Execute("DELETE FROM holds WHERE event_id = @id", new { id }, transaction);
        if (changed == 0)
            throw new CentreException(hold ? $"Exhibit {exhibitId} is on hold already." : $"Exhibit {exhibitId} is not on hold.");
        AuditTable.Add(transaction, new AuditRow(by, hold ? "evidence_held" : "evidence_released", exhibitId.ToString(), reason), now);
    }

    public static HashSet<Guid> Ids(CentreDatabase database) => database.Read(c => c.Query<byte[]>("SELECT event_id FROM holds").Select(id => Uuid7.ToGuid(id)).ToHashSet());

    public static (string By, string Reason, long AtUnixMs)? Of(CentreDatabase database, Guid id) => database.Read(c => c.QuerySingleOrDefault<(string, string, long)?>(
        "SELECT held_by, reason, held_at FROM holds WHERE event_id = @id", new { id = Uuid7.ToBytes(id) }));

    public static IReadOnlyList<(Guid EventId, string By, string Reason, long AtUnixMs)> All(DbConnection connection) =>
        connection.Query<(byte[] Id, string By, string Reason, long At)>("SELECT event_id, held_by, reason, held_at FROM holds ORDER BY held_at")
            .Select(h => (Uuid7.ToGuid(h.Id), h.By, h.Reason, h.At)).ToList();
}
