using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>Kinds of rows in the table of changes.</summary>
internal static class ChangeKind
{
    /// <summary>A list was issued or revoked; subject: its id.</summary>
    public const string Lists = "lists";

    /// <summary>Commands wait for a unit; subject: its id.</summary>
    public const string Commands = "commands";

    /// <summary>A unit was enrolled or revoked, or its label changed; subject: its id.</summary>
    public const string Units = "units";

    /// <summary>An alarm was raised or acknowledged; subject: the list's id.</summary>
    public const string Alarms = "alarms";

    /// <summary>A backup holds what came of a unit; subject: its id.</summary>
    public const string BackedUp = "backed_up";

    /// <summary>Something that consoles show as a whole changed; subject: the topic.</summary>
    public const string Topics = "topics";

    /// <summary>A unit has a newer session, or none of right any more; subject: its id.</summary>
    public const string Sessions = "sessions";

    /// <summary>An event that consoles may show was stored; subject: the gateway that did, and the event's id.</summary>
    public const string Events = "events";

    /// <summary>A live view began or ended; subject: its id.</summary>
    public const string Leases = "leases";

    /// <summary>A car answered a command of a live view; subject: gateway, unit, command, outcome, code.</summary>
    public const string Answers = "answers";
}

/// <summary>Notes that the command line leaves for a running server, in the transaction of the change itself.</summary>
internal static class ChangeTable
{
    private const long KeptMs = 24 * 3600 * 1000L;

    public static void Note(DbTransaction transaction, string kind, string subject, long nowUnixMs)
    {
        transaction.Connection!.Execute("DELETE FROM changes WHERE at < @old", new { old = nowUnixMs - KeptMs }, transaction);
        transaction.Connection!.Execute("INSERT INTO changes (at, kind, subject) VALUES (@nowUnixMs, @kind, @subject)", new { nowUnixMs, kind, subject }, transaction);
    }

    public static long Newest(DbConnection connection) => connection.ExecuteScalar<long>("SELECT coalesce(max(seq), 0) FROM changes");

    public static IReadOnlyList<(long Seq, string Kind, string Subject)> After(DbConnection connection, long seq) =>
        connection.Query<(long, string, string)>("SELECT seq, kind, subject FROM changes WHERE seq > @seq ORDER BY seq", new { seq }).AsList();
}
