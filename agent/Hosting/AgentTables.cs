using EdgeAgent.DispatchClient.Outbox;

namespace EdgeAgent.Agent.Hosting;

/// <summary>The agent's own tables in events.db, beside the outbox, so that they change in the same transactions.</summary>
internal static class AgentTables
{
    // Numbered from 1; what was released is never edited, only followed.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE audit_committed (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            entry BLOB NOT NULL) STRICT;
        CREATE TABLE audit_details (
            sequence INTEGER PRIMARY KEY,
            salt BLOB NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        CREATE TABLE pin_failures (
            officer_id TEXT PRIMARY KEY,
            failures INTEGER NOT NULL) STRICT;
        CREATE TABLE commands (
            id BLOB PRIMARY KEY,
            outcome INTEGER NOT NULL,
            code TEXT NOT NULL,
            received_at_unix_ms INTEGER NOT NULL) STRICT;
        CREATE TABLE calls (
            call_id BLOB PRIMARY KEY,
            revision INTEGER NOT NULL,
            state INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        CREATE TABLE boots (only INTEGER PRIMARY KEY CHECK (only = 1), count INTEGER NOT NULL) STRICT;
        """,
        """
        -- Confirmed alerts whose clip has neither been stored nor given up.
        CREATE TABLE clips_owed (
            alert_id BLOB PRIMARY KEY,
            event_id BLOB NOT NULL,
            camera_id TEXT NOT NULL,
            from_unix_ms INTEGER NOT NULL,
            to_unix_ms INTEGER NOT NULL,
            officer_id TEXT NOT NULL,
            session_id TEXT NOT NULL,
            legal_reference TEXT NOT NULL) STRICT;
        """,
        """
        -- What the centre said and nobody has read yet.
        CREATE TABLE instructions (
            instruction_id BLOB PRIMARY KEY,
            sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """,
        """
        -- Details have a clock of their own; that of those from before begins when it is first looked at.
        ALTER TABLE audit_details ADD COLUMN at_unix_ms INTEGER;
        """,
        """
        -- Video that the centre asked for and that has neither been stored nor given up.
        CREATE TABLE clips_asked (
            command_id BLOB PRIMARY KEY,
            camera_id TEXT NOT NULL,
            from_unix_ms INTEGER NOT NULL,
            to_unix_ms INTEGER NOT NULL,
            issuer TEXT NOT NULL) STRICT;
        """,
    ];

    internal static IReadOnlyList<string> Scripts => Migrations;

    public static void Migrate(OutboxStore outbox) => outbox.Migrate("agent", Migrations);
}
