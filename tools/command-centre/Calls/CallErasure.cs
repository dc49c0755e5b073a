using System.Data.Common;
using System.Text.Json;
using Dapper;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Calls;

/// <summary>
/// Calls that are over and past their days: what was said, by whom and where goes from the row, from its story and from commands, and the
/// recording with its file. Number, kind and times stay for the counts. A hold on the call, or on any of its steps, keeps all of it.
/// </summary>
internal sealed class CallErasure(Sealing sealing, EvidenceFiles files)
{
    /// <summary>Calls under a hold: by their own id, or by that of a step.</summary>
    public const string Held =
        "SELECT c.call_id FROM calls c JOIN holds h ON h.event_id = c.call_id UNION ALL SELECT e.call_id FROM call_entries e JOIN holds h ON h.event_id = e.event_id";

    private const int AtOnce = 100;

    /// <returns>How many, and the files that go with them once this is on disk.</returns>
    public (int Calls, IReadOnlyList<byte[]> Files) Run(DbTransaction transaction, long closedBefore, long now)
    {
        var connection = transaction.Connection!;
        var due = connection.Query<(byte[] Id, byte[]? Recording)>(
            $"""
            SELECT call_id, recording FROM calls
            WHERE erased_at IS NULL AND closed_at IS NOT NULL AND closed_at < @closedBefore AND call_id NOT IN ({Held}) LIMIT {AtOnce}
            """,
            new { closedBefore }, transaction).AsList();
        var gone = new List<byte[]>();
        var (empty, nothing) = (Box(new CallTexts()), Box(new { Actor = "", Text = "" }));
        foreach (var (id, recording) in due)
        {
            connection.Execute(
                "UPDATE calls SET sealed = @empty, recording = NULL, taken_by = '', dispatched_by = '', erased_at = @now WHERE call_id = @id", new { id, empty, now }, transaction);
            connection.Execute("UPDATE call_entries SET sealed = @nothing WHERE call_id = @id", new { id, nothing }, transaction);
            if (recording is not null && Forget(transaction, recording))
                gone.Add(recording);
        }
        // What no car ever fetched must not outlive the call in the queue.
        connection.Execute(
            "UPDATE commands SET payload = @none, answered_at = @now, outcome = 'expired' WHERE kind = 'Call' AND answered_at IS NULL AND issued_at < @closedBefore",
            new { now, closedBefore, none = Array.Empty<byte>() }, transaction);
        return (due.Count, gone);
    }

    public void Delete(IEnumerable<byte[]> gone)
    {
        foreach (var sha256 in gone)
            files.Delete(sha256);
    }

    // The same sound may belong to another call, or be some car's evidence.
    private static bool Forget(DbTransaction transaction, byte[] sha256) => transaction.Connection!.Execute(
        """
        DELETE FROM evidence WHERE sha256 = @sha256
            AND NOT EXISTS (SELECT 1 FROM calls WHERE recording = @sha256) AND NOT EXISTS (SELECT 1 FROM event_attachments WHERE sha256 = @sha256)
        """,
        new { sha256 }, transaction) > 0;

    private byte[] Box<T>(T plain) => sealing.Seal(JsonSerializer.SerializeToUtf8Bytes(plain));
}
