using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>The one statement that runs for every event, prepared once.</summary>
internal sealed class EventInsert : IDisposable
{
    private readonly SqliteCommand command;

    public EventInsert(SqliteConnection connection)
    {
        command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO events (
                id, lane, number, priority, state, captured_at_unix_ms, appended_at_unix_ms, size_bytes, covers_from, covers_to, payload)
            VALUES ($id, $lane, $number, $priority, 0, $captured, $appended, $size, $from, $to, $payload)
            """;
        foreach (var name in (string[])["$id", "$lane", "$number", "$priority", "$captured", "$appended", "$size", "$from", "$to", "$payload"])
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        command.Prepare();
    }

    public void Run(SqliteTransaction transaction, Event happened, Tombstone? covers, long appendedAtUnixMs, long sizeBytes, byte[] payload)
    {
        command.Transaction = transaction;
        Set("$id", happened.Id.ToByteArray());
        Set("$lane", (long)happened.Lane);
        Set("$number", (long)happened.Number);
        Set("$priority", (long)happened.Priority);
        Set("$captured", happened.CapturedAtUnixMs);
        Set("$appended", appendedAtUnixMs);
        Set("$size", sizeBytes);
        Set("$from", covers is null ? DBNull.Value : (long)covers.FromNumber);
        Set("$to", covers is null ? DBNull.Value : (long)covers.ToNumber);
        Set("$payload", payload);
        command.ExecuteNonQuery();
    }

    public void Dispose() => command.Dispose();

    private void Set(string name, object value) => command.Parameters[name].Value = value;
}
