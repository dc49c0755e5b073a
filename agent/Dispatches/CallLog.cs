using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>A step that an officer of this car took.</summary>
/// <param name="EventId">Of the event that brings it to the centre.</param>
/// <param name="Step">What was done.</param>
/// <param name="Pictures">How many pictures and clips belong to it.</param>
internal sealed record LoggedStep(Guid EventId, CallStep Step, int Pictures);

/// <summary>
/// The story of each call as this car wrote it, kept sealed beside the call and gone with it. It says what the centre has not taken
/// yet, so that an officer without a link sees what is still to be sent.
/// </summary>
internal sealed class CallLog
{
    private const string Purpose = "call-step";

    // Of one call: more than a turn of duty can press. What is above it leaves as an event all the same and is not shown.
    private const int MostOfOne = 200;

    private readonly Lock gate = new();
    private readonly Dictionary<ByteString, List<LoggedStep>> steps = [];
    private readonly OutboxStore store;
    private readonly UnitVault vault;

    public CallLog(OutboxStore store, UnitVault vault)
    {
        (this.store, this.vault) = (store, vault);
        foreach ((byte[] id, byte[] closed) in store.Read(c => c.Query<(byte[], byte[])>("SELECT event_id, sealed FROM call_steps ORDER BY event_id").AsList()))
            Add(Read(Uuid7.ToGuid(id), vault.Open(Purpose, closed)));
    }

    /// <summary>In the order in which they were taken.</summary>
    public IReadOnlyList<LoggedStep> Of(ByteString callId)
    {
        lock (gate)
            return steps.TryGetValue(callId, out List<LoggedStep>? own) ? [.. own] : [];
    }

    /// <summary>Steps that the centre has not taken: "" while they wait, else why it refused.</summary>
    public IReadOnlyDictionary<Guid, string> NotTaken() => store.NotTaken(Lane.Calls, Priority.Urgent);

    /// <summary>Within the transaction of the step's event; call <see cref="Wrote"/> once it is committed.</summary>
    public void Write(Event happened, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT INTO call_steps VALUES (@id, @call, @closed)",
        new
        {
            id = happened.Id.ToByteArray(),
            call = happened.CallStep.CallId.ToByteArray(),
            // The count of its pictures goes before it: the event is gone from here once the centre has it.
            closed = vault.Seal(Purpose, [(byte)Math.Min(happened.Attachments.Count, byte.MaxValue), .. happened.CallStep.ToByteArray()]),
        },
        transaction);

    public void Wrote(Event happened)
    {
        lock (gate)
            Add(new LoggedStep(Uuid7.ToGuid(happened.Id.Span), happened.CallStep, happened.Attachments.Count));
    }

    /// <summary>Within the transaction that forgets the call.</summary>
    public static int Forget(ByteString callId, SqliteConnection connection, SqliteTransaction transaction) =>
        connection.Execute("DELETE FROM call_steps WHERE call_id = @id", new { id = callId.ToByteArray() }, transaction);

    public void Forgot(ByteString callId)
    {
        lock (gate)
            _ = steps.Remove(callId);
    }

    private void Add(LoggedStep step)
    {
        if (!steps.TryGetValue(step.Step.CallId, out List<LoggedStep>? own))
            steps[step.Step.CallId] = own = [];
        if (own.Count < MostOfOne)
            own.Add(step);
    }

    private static LoggedStep Read(Guid eventId, ReadOnlySpan<byte> opened) => new(eventId, CallStep.Parser.ParseFrom(opened[1..]), opened[0]);
}
