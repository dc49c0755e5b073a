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
        """
        -- This car's call for help, while it stands.
        CREATE TABLE sos (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            sos_id BLOB NOT NULL,
            event_id BLOB NOT NULL,
            officer_id TEXT NOT NULL,
            since_unix_ms INTEGER NOT NULL,
            taken_by TEXT NOT NULL) STRICT;
        """,
        """
        -- Of the shifts that go on: where the car was, and what officers said about items of the plan.
        CREATE TABLE duty_trail (at_unix_ms INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
        CREATE TABLE duty_notes (
            plan_id TEXT NOT NULL,
            shift_from INTEGER NOT NULL,
            item_id TEXT NOT NULL,
            kind INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (plan_id, shift_from, item_id, kind)) STRICT, WITHOUT ROWID;
        -- Hazards that this car reported: not yet sent while they can be taken back, then followed until they are closed.
        CREATE TABLE hazards (
            hazard_id BLOB PRIMARY KEY,
            at_unix_ms INTEGER NOT NULL,
            state INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        -- Case records that are being written and requests from the car's window, with their pictures; sent ones until their clock.
        CREATE TABLE field_records (
            id BLOB PRIMARY KEY,
            kind INTEGER NOT NULL,
            state INTEGER NOT NULL,
            at_unix_ms INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT;
        CREATE TABLE field_pictures (
            sha256 BLOB NOT NULL,
            record_id BLOB NOT NULL,
            at_unix_ms INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (record_id, sha256)) STRICT, WITHOUT ROWID;
        """,
        """
        -- What officers of this car did about calls, for as long as the call is here.
        CREATE TABLE call_steps (
            event_id BLOB PRIMARY KEY,
            call_id BLOB NOT NULL,
            sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX call_steps_of_call ON call_steps (call_id);
        """,
        """
        -- Faces refused at sign-in, by screen.
        CREATE TABLE face_failures (
            screen TEXT PRIMARY KEY,
            failures INTEGER NOT NULL) STRICT;
        """,
        """
        -- How far the slots' history has been told.
        CREATE TABLE slot_news (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            history TEXT NOT NULL,
            number INTEGER NOT NULL) STRICT;
        """,
    ];

    internal static IReadOnlyList<string> Scripts => Migrations;

    public static void Migrate(OutboxStore outbox) => outbox.Migrate("agent", Migrations);
}
