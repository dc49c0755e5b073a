using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>A sign-in at a console.</summary>
internal sealed record ConsoleSession
{
    public byte[] SessionId { get; init; } = [];
    public string Account { get; init; } = "";
    public long BeganAt { get; init; }

    /// <summary>Of the person's last act, to the minute.</summary>
    public long SeenAt { get; init; }
    public string Address { get; init; } = "";
}

/// <summary>Sign-ins that have not ended; they outlive a restart of the centre.</summary>
internal static class SessionTable
{
    public const string Schema = """
        -- Sign-ins at consoles, and what an account needs beside a password.
        CREATE TABLE console_sessions (
            session_id BLOB PRIMARY KEY,
            account TEXT NOT NULL,
            began_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            address TEXT NOT NULL) STRICT;
        ALTER TABLE accounts ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE accounts ADD COLUMN locked_at INTEGER;
        ALTER TABLE accounts ADD COLUMN lock_reason TEXT NOT NULL DEFAULT '';
        ALTER TABLE accounts ADD COLUMN totp BLOB;
        ALTER TABLE accounts ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
        """;

    public static IReadOnlyList<ConsoleSession> All(DbConnection connection) => connection.Query<ConsoleSession>(
        "SELECT session_id AS SessionId, account AS Account, began_at AS BeganAt, seen_at AS SeenAt, address AS Address FROM console_sessions").AsList();

    public static void Add(DbTransaction transaction, ConsoleSession session) => transaction.Connection!.Execute(
        "INSERT INTO console_sessions (session_id, account, began_at, seen_at, address) VALUES (@SessionId, @Account, @BeganAt, @SeenAt, @Address)", session, transaction);

    public static void Seen(DbTransaction transaction, byte[] sessionId, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE console_sessions SET seen_at = @nowUnixMs WHERE session_id = @sessionId", new { sessionId, nowUnixMs }, transaction);

    public static int Remove(DbTransaction transaction, byte[] sessionId) => transaction.Connection!.Execute(
        "DELETE FROM console_sessions WHERE session_id = @sessionId", new { sessionId }, transaction);

    public static int RemoveOver(DbTransaction transaction, long beganBefore, long seenBefore) => transaction.Connection!.Execute(
        "DELETE FROM console_sessions WHERE began_at < @beganBefore OR seen_at < @seenBefore", new { beganBefore, seenBefore }, transaction);
}
