using Dapper;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Dispatches;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Emergencies;

/// <summary>This car's call for help.</summary>
/// <param name="OfficerId">"" when nobody was signed in: help comes all the same.</param>
/// <param name="TakenBy">Who at the centre has it; "" until then.</param>
internal sealed record SosNow(byte[] SosId, byte[] EventId, string OfficerId, long SinceUnixMs, string TakenBy);

/// <summary>
/// Calls for help (SOS): one at a time, durable before the page is told, sent before everything else, and standing until an officer takes
/// it back or the centre closes it. Survives a restart.
/// </summary>
internal sealed class SosBook : IStateArea, ITakesCommands
{
    private const int MostName = 64;

    private readonly Lock gate = new();
    private readonly OutboxStore store;
    private readonly Ledger ledger;
    private readonly PositionBook positions;
    private readonly TimeProvider time;
    private volatile SosNow? open;

    public SosBook(OutboxStore store, Ledger ledger, PositionBook positions, TimeProvider time)
    {
        (this.store, this.ledger, this.positions, this.time) = (store, ledger, positions, time);
        open = store.Read(c => c.QuerySingleOrDefault<SosNow>(
            "SELECT sos_id AS SosId, event_id AS EventId, officer_id AS OfficerId, since_unix_ms AS SinceUnixMs, taken_by AS TakenBy FROM sos"));
    }

    public event Action? Changed;

    public SosNow? Open => open;

    public string Name => "sos";

    public bool ForEverybody => true;

    public object? Now() => open is not { } sos ? null : new
    {
        id = Uuid7.ToGuid(sos.SosId),
        sos.OfficerId,
        sos.SinceUnixMs,
        sent = !store.IsWaiting(sos.EventId, Priority.Urgent),
        sos.TakenBy,
    };

    /// <summary>Calls for help. On disk when this returns; pressed again while one stands, it is that one.</summary>
    /// <param name="officerId">Who is on duty, "" if nobody.</param>
    /// <param name="by">page or key.</param>
    public SosNow Call(string officerId, string by)
    {
        lock (gate)
        {
            if (open is { } standing)
                return standing;
            byte[] id = Uuid7.New(time);
            SosNow? begun = null;
            _ = ledger.Record(
                new AuditDraft(AuditKind.Sos, officerId, "", Uuid7.ToGuid(id).ToString(), by), Lane.Calls, Priority.Urgent, officerId,
                e => e.Sos = new Sos { SosId = ByteString.CopyFrom(id), Position = positions.Current },
                also: (connection, transaction, happened) =>
                {
                    begun = new SosNow(id, happened.Id.ToByteArray(), officerId, happened.CapturedAtUnixMs, "");
                    Store(begun, connection, transaction);
                });
            open = begun!;
        }
        Changed?.Invoke();
        return open!;
    }

    /// <summary>Takes it back: the centre is told, and still asks what it was.</summary>
    /// <returns>False: none stands.</returns>
    public bool TakeBack(string officerId)
    {
        lock (gate)
        {
            if (open is not { } standing)
                return false;
            _ = ledger.Record(
                new AuditDraft(AuditKind.Sos, officerId, "", Uuid7.ToGuid(standing.SosId).ToString(), "taken_back"), Lane.Calls, Priority.Urgent, officerId,
                e => e.Sos = new Sos { SosId = ByteString.CopyFrom(standing.SosId), Position = positions.Current, Ended = true },
                also: (connection, transaction, _) => Forget(connection, transaction));
            open = null;
        }
        Changed?.Invoke();
        return true;
    }

    /// <summary>What the centre made of it. Durable when this returns "".</summary>
    /// <returns>"" or bad_sos; null: not about a call for help.</returns>
    public string? Take(Command command) => command.BodyCase == Command.BodyOneofCase.Sos ? Take(command.Issuer, command.Sos) : null;

    private string Take(string issuer, SosAnswer answer)
    {
        if (answer.SosId.Length != Uuid7.Length || answer.State == SosState.Unspecified || issuer.Length is 0 or > MostName)
            return "bad_sos";
        lock (gate)
        {
            // Of one that was taken back meanwhile: there is nothing left to say.
            if (open is not { } standing || !answer.SosId.Span.SequenceEqual(standing.SosId))
                return "";
            SosNow? next = answer.State == SosState.Closed ? null : standing with { TakenBy = issuer };
            store.Write((connection, transaction) =>
            {
                if (next is null)
                    Forget(connection, transaction);
                else
                    Store(next, connection, transaction);
            });
            open = next;
        }
        Changed?.Invoke();
        return "";
    }

    private static void Store(SosNow sos, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        """
        INSERT INTO sos VALUES (1, @SosId, @EventId, @OfficerId, @SinceUnixMs, @TakenBy)
        ON CONFLICT (only) DO UPDATE SET sos_id = excluded.sos_id, event_id = excluded.event_id, officer_id = excluded.officer_id,
            since_unix_ms = excluded.since_unix_ms, taken_by = excluded.taken_by
        """, sos, transaction);

    private static void Forget(SqliteConnection connection, SqliteTransaction transaction) => connection.Execute("DELETE FROM sos", null, transaction);
}
