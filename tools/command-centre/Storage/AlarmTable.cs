using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>A canary that was touched: by whom, on which way (console, command_line or look_up), and for which purpose they said.</summary>
internal sealed record Alarm
{
    public long Seq { get; init; }
    public long At { get; init; }
    public string Actor { get; init; } = "";
    public string Way { get; init; } = "";
    public string ListId { get; init; } = "";
    public string CanaryId { get; init; } = "";
    public string Purpose { get; init; } = "";
    public long? AcknowledgedAt { get; init; }
    public string? AcknowledgedBy { get; init; }
}

/// <summary>Alarms stand until an administrator who did not raise them has acknowledged them, and are kept after.</summary>
internal sealed class AlarmTable(CentreDatabase database)
{
    private const int MostShown = 200;

    private const string Columns = """
        SELECT seq AS Seq, at AS At, actor AS Actor, way AS Way, list_id AS ListId, canary_id AS CanaryId, purpose AS Purpose,
               acknowledged_at AS AcknowledgedAt, acknowledged_by AS AcknowledgedBy FROM alarms
        """;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Alarm> All() => database.Read(c => c.Query<Alarm>($"{Columns} ORDER BY seq DESC LIMIT @MostShown", new { MostShown }).AsList());

    /// <summary>What this person has to look at: nothing of their own.</summary>
    public IReadOnlyList<Alarm> OpenFor(string account) => database.Read(c => c.Query<Alarm>(
        $"{Columns} WHERE acknowledged_at IS NULL AND actor <> @account ORDER BY seq DESC LIMIT @MostShown", new { account, MostShown }).AsList());

    public static void Add(DbTransaction transaction, Alarm alarm)
    {
        transaction.Connection!.Execute(
            "INSERT INTO alarms (at, actor, way, list_id, canary_id, purpose) VALUES (@At, @Actor, @Way, @ListId, @CanaryId, @Purpose)", alarm, transaction);
        AuditTable.Add(transaction, new AuditRow(alarm.Actor, "canary_touched", $"{alarm.ListId} {alarm.CanaryId}", alarm.Purpose), alarm.At);
    }

    /// <returns>False: there is none, it was acknowledged before, or it is this person's own.</returns>
    public static bool Acknowledge(DbTransaction transaction, long seq, string account, long nowUnixMs)
    {
        var done = transaction.Connection!.Execute(
            "UPDATE alarms SET acknowledged_at = @nowUnixMs, acknowledged_by = @account WHERE seq = @seq AND acknowledged_at IS NULL AND actor <> @account",
            new { seq, account, nowUnixMs }, transaction) > 0;
        if (done)
            AuditTable.Add(transaction, new AuditRow(account, "alarm_acknowledged", $"alarm {seq}", ""), nowUnixMs);
        return done;
    }
}
