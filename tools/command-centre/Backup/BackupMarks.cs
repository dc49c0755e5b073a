using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Backup;

/// <summary>
/// How far each car's lanes are in a backup that is done. Where the centre is told to wait for backups, cars are told to forget no more
/// than this: what lies between the last backup and a lost disk is still in the cars, and is asked for again.
/// </summary>
internal static class BackupMarks
{
    public const string Schema = """
        CREATE TABLE backup_marks (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            incarnation BLOB NOT NULL,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (unit_id, incarnation, lane)) STRICT, WITHOUT ROWID;
        CREATE TABLE backups (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL) STRICT;
        """;

    /// <summary>Each lane's last number that a copy of the database holds without a gap below it.</summary>
    public static IReadOnlyList<(string UnitId, byte[] Incarnation, int Lane, long Number)> Of(DbConnection copy) => copy.Query<(string, byte[], int, long)>(
        """
        SELECT l.unit_id, l.incarnation, l.lane, coalesce((SELECT min(from_number) - 1 FROM missing m
            WHERE m.unit_id = l.unit_id AND m.incarnation = l.incarnation AND m.lane = l.lane), l.highest) FROM lanes l
        """).AsList();

    /// <summary>After the backup's bytes are on its disk.</summary>
    public static void Done(DbTransaction transaction, IReadOnlyList<(string UnitId, byte[] Incarnation, int Lane, long Number)> marks, BackupResult result, long nowUnixMs)
    {
        foreach (var (unitId, incarnation, lane, number) in marks)
        {
            transaction.Connection!.Execute(
                """
                INSERT INTO backup_marks (unit_id, incarnation, lane, number) VALUES (@unitId, @incarnation, @lane, @number)
                ON CONFLICT (unit_id, incarnation, lane) DO UPDATE SET number = excluded.number
                """,
                new { unitId, incarnation, lane, number }, transaction);
        }
        transaction.Connection!.Execute("INSERT INTO backups (at, files, bytes) VALUES (@nowUnixMs, @Files, @Bytes)", new { nowUnixMs, result.Files, result.Bytes }, transaction);
        AuditTable.Add(transaction, new AuditRow("command-line", "backup_made", $"files {result.Files} bytes {result.Bytes}", ""), nowUnixMs);
        foreach (var unitId in marks.Select(mark => mark.UnitId).Distinct())
            ChangeTable.Note(transaction, ChangeKind.BackedUp, unitId, nowUnixMs);
    }

    public static IReadOnlyList<LaneWatermark> Watermarks(DbConnection connection, string unitId, byte[] incarnation) => connection.Query<(int Lane, long Number)>(
        "SELECT lane, number FROM backup_marks WHERE unit_id = @unitId AND incarnation = @incarnation ORDER BY lane", new { unitId, incarnation })
        .Select(mark => new LaneWatermark { Lane = (Lane)mark.Lane, Number = (ulong)mark.Number, Incarnation = ByteString.CopyFrom(incarnation) })
        .ToList();

    /// <summary>Null: no backup was ever made.</summary>
    public static long? NewestAt(DbConnection connection) => connection.ExecuteScalar<long?>("SELECT max(at) FROM backups");
}
