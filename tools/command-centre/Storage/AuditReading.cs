using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record AuditEntry
{
    public long Seq { get; init; }
    public long At { get; init; }
    public string Actor { get; init; } = "";
    public string Action { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Purpose { get; init; } = "";
}

/// <summary>What is looked for; empty fields ask for nothing.</summary>
/// <param name="Before">Rows older than this one: the next page.</param>
internal sealed record AuditQuery(string Actor, string Action, string Subject, long FromUnixMs, long ToUnixMs, long Before);

/// <summary>Reading the audit; nothing here changes it.</summary>
internal static class AuditReading
{
    private const string Columns = "SELECT seq AS Seq, at AS At, actor AS Actor, action AS Action, subject AS Subject, purpose AS Purpose FROM audit";

    /// <summary>The newest first. Actor and action as they stand, the subject in part.</summary>
    public static IReadOnlyList<AuditEntry> Find(DbConnection connection, AuditQuery query, int most) => connection.Query<AuditEntry>(
        $"""
        {Columns}
        WHERE (@Actor = '' OR actor = @Actor) AND (@Action = '' OR action = @Action)
          AND (@Subject = '' OR subject LIKE @part ESCAPE '\')
          AND (@FromUnixMs = 0 OR at >= @FromUnixMs) AND (@ToUnixMs = 0 OR at < @ToUnixMs) AND (@Before = 0 OR seq < @Before)
        ORDER BY seq DESC LIMIT @most
        """,
        new { query.Actor, query.Action, query.Subject, query.FromUnixMs, query.ToUnixMs, query.Before, part = $"%{Escaped(query.Subject)}%", most }).AsList();

    /// <summary>The actions that there are, for choosing one.</summary>
    public static IReadOnlyList<string> Actions(DbConnection connection) => connection.Query<string>("SELECT DISTINCT action FROM audit ORDER BY action LIMIT 500").AsList();

    public static IReadOnlyList<DraftStep> OfList(DbConnection connection, string listId) => [.. connection.Query<AuditEntry>(
        $$"""
        {{Columns}} WHERE (action = 'list_issued' AND subject LIKE @version ESCAPE '\') OR (action = 'list_revoked' AND subject = @listId)
            OR (action = 'list_entry_revoked' AND subject LIKE @entry ESCAPE '\') ORDER BY seq DESC LIMIT 200
        """,
        new { listId, version = $"{Escaped(listId)} v%", entry = $"{Escaped(listId)}/%" })
        .Select(row => new DraftStep(row.At, row.Actor, row.Action, row.Action == "list_issued" ? row.Subject : row.Purpose))];

    private static string Escaped(string text) => text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
