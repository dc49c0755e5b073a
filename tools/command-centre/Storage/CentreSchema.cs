using EdgeAgent.CommandCentre.Acceptances;
using EdgeAgent.CommandCentre.Backup;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.Exports;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Shifts;
using EdgeAgent.CommandCentre.Voice;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>The centre's tables. Numbered from 1; what was released is never edited, only followed.</summary>
internal static class CentreSchema
{
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE units (
            unit_id TEXT PRIMARY KEY,
            label TEXT NOT NULL,
            serial_number TEXT NOT NULL DEFAULT '',
            created_at INTEGER NOT NULL,
            enrolled_at INTEGER,
            revoked_at INTEGER,
            revoke_reason TEXT,
            last_seen_at INTEGER,
            software_version TEXT NOT NULL DEFAULT '',
            camera_ids TEXT NOT NULL DEFAULT '',
            duplicates_attempted INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE certificates (
            fingerprint BLOB PRIMARY KEY,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            key_id BLOB NOT NULL,
            der BLOB NOT NULL,
            issued_at INTEGER NOT NULL,
            not_after INTEGER NOT NULL,
            replaced_at INTEGER) STRICT;
        CREATE INDEX certificates_key ON certificates (unit_id, key_id);
        CREATE TABLE enrolment_codes (
            code_sha256 BLOB PRIMARY KEY,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            used_at INTEGER) STRICT;

        CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id BLOB NOT NULL UNIQUE,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            incarnation BLOB NOT NULL,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            officer_id TEXT NOT NULL,
            captured_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            signature_valid INTEGER,
            payload BLOB NOT NULL,
            UNIQUE (unit_id, incarnation, lane, number)) STRICT;
        CREATE INDEX events_kind ON events (kind, seq);
        CREATE TABLE event_attachments (
            sha256 BLOB NOT NULL,
            event_id BLOB NOT NULL REFERENCES events (event_id),
            size_bytes INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            PRIMARY KEY (sha256, event_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE lanes (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            incarnation BLOB NOT NULL,
            lane INTEGER NOT NULL,
            highest INTEGER NOT NULL,
            PRIMARY KEY (unit_id, incarnation, lane)) STRICT, WITHOUT ROWID;
        -- Numbers below a lane's highest that the centre has neither stored nor been told about.
        CREATE TABLE missing (
            unit_id TEXT NOT NULL,
            incarnation BLOB NOT NULL,
            lane INTEGER NOT NULL,
            from_number INTEGER NOT NULL,
            to_number INTEGER NOT NULL,
            noticed_at INTEGER NOT NULL,
            PRIMARY KEY (unit_id, incarnation, lane, from_number)) STRICT, WITHOUT ROWID;
        CREATE TABLE refused (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            unit_id TEXT NOT NULL,
            incarnation BLOB NOT NULL,
            event_id BLOB NOT NULL,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,
            code TEXT NOT NULL,
            detail TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            payload BLOB NOT NULL,
            UNIQUE (unit_id, incarnation, event_id, lane, number, code)) STRICT;

        CREATE TABLE commands (
            command_id BLOB PRIMARY KEY,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            kind TEXT NOT NULL,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            payload BLOB NOT NULL,
            answered_at INTEGER,
            outcome TEXT,
            code TEXT) STRICT;
        CREATE INDEX commands_open ON commands (unit_id, issued_at) WHERE answered_at IS NULL;

        CREATE TABLE lists (
            list_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            category INTEGER NOT NULL,
            title_zh TEXT NOT NULL,
            title_en TEXT NOT NULL,
            authority TEXT NOT NULL,
            legal_reference TEXT NOT NULL,
            entries INTEGER NOT NULL,
            issued_at INTEGER NOT NULL,
            valid_to INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            envelope BLOB,
            PRIMARY KEY (list_id, version)) STRICT;
        CREATE TABLE list_units (
            list_id TEXT NOT NULL,
            unit_id TEXT NOT NULL,
            PRIMARY KEY (list_id, unit_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE list_revocations (
            list_id TEXT PRIMARY KEY,
            revoked_at INTEGER NOT NULL,
            reason TEXT NOT NULL) STRICT;

        CREATE TABLE officers (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            officer_id TEXT NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (unit_id, officer_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE rosters (
            unit_id TEXT PRIMARY KEY REFERENCES units (unit_id),
            version INTEGER NOT NULL,
            issued_at INTEGER NOT NULL,
            valid_to INTEGER NOT NULL) STRICT;

        CREATE TABLE accounts (
            user TEXT PRIMARY KEY,
            role TEXT NOT NULL,
            password_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL) STRICT;
        CREATE TABLE leases (
            lease_id BLOB PRIMARY KEY,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            camera_id TEXT NOT NULL,
            account TEXT NOT NULL,
            reason TEXT NOT NULL,
            quality INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            ended_at INTEGER,
            end_reason TEXT) STRICT;
        CREATE TABLE evidence (
            sha256 BLOB PRIMARY KEY,
            size_bytes INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            unit_id TEXT NOT NULL,
            stored_at INTEGER NOT NULL) STRICT;

        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            purpose TEXT NOT NULL) STRICT;
        CREATE TRIGGER audit_stands_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
        CREATE TRIGGER audit_stands_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;

        -- What other processes (the command line) changed, for a running server to notice.
        CREATE TABLE changes (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL) STRICT;
        """,
        """
        -- Attachments that a stored event announced and that are not here yet.
        CREATE TABLE awaited (
            sha256 BLOB NOT NULL,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            since INTEGER NOT NULL,
            PRIMARY KEY (sha256, unit_id)) STRICT, WITHOUT ROWID;
        INSERT INTO awaited
            SELECT a.sha256, e.unit_id, min(e.received_at) FROM event_attachments a JOIN events e ON e.event_id = a.event_id
            WHERE a.sha256 NOT IN (SELECT sha256 FROM evidence) GROUP BY a.sha256, e.unit_id;
        """,
        """
        -- Video that a unit has or has not to an event of its own.
        CREATE TABLE clips (
            event_id BLOB PRIMARY KEY REFERENCES events (event_id),
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            about_event_id BLOB NOT NULL,
            camera_id TEXT NOT NULL,
            from_at INTEGER NOT NULL,
            to_at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            sha256 BLOB) STRICT;
        CREATE INDEX clips_about ON clips (about_event_id);
        """,
        """
        -- The way to each version from the one before, for cars that hold that one.
        CREATE TABLE list_deltas (
            list_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            from_version INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            envelope BLOB NOT NULL,
            PRIMARY KEY (list_id, version)) STRICT;
        """,
        """
        -- What the centre set of each unit's configuration; the newest version says all of it.
        CREATE TABLE configurations (
            unit_id TEXT PRIMARY KEY REFERENCES units (unit_id),
            version INTEGER NOT NULL,
            issued_at INTEGER NOT NULL,
            settings TEXT NOT NULL) STRICT;
        """,
        """
        -- Software for cars; the bytes lie in DATA/releases under their hash.
        CREATE TABLE releases (
            version TEXT PRIMARY KEY,
            size_bytes INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            added_at INTEGER NOT NULL) STRICT;
        CREATE TABLE release_offers (
            unit_id TEXT PRIMARY KEY REFERENCES units (unit_id),
            version TEXT NOT NULL REFERENCES releases (version),
            offered_at INTEGER NOT NULL) STRICT;
        """,
        """
        -- How long what is kept: each event has its class, and a time when what it said was erased.
        ALTER TABLE events ADD COLUMN retention TEXT NOT NULL DEFAULT '';
        ALTER TABLE events ADD COLUMN erased_at INTEGER;
        UPDATE events SET retention = CASE kind WHEN 'alert_decided' THEN 'decided' WHEN 'call_step' THEN 'call'
            WHEN 'track' THEN 'trail' WHEN 'officer_session' THEN 'trail' ELSE '' END;
        CREATE INDEX events_due ON events (retention, received_at) WHERE retention <> '' AND erased_at IS NULL;
        CREATE TABLE retention_policies (
            version INTEGER PRIMARY KEY,
            issued_at INTEGER NOT NULL,
            issued_by TEXT NOT NULL,
            envelope BLOB NOT NULL) STRICT;
        CREATE TABLE holds (
            event_id BLOB PRIMARY KEY,
            held_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            held_at INTEGER NOT NULL) STRICT;
        """,
        """
        -- What the public asks. Days are calendar days of the register's time zone; the four texts are sealed, and gone at erase_at.
        CREATE TABLE requests (
            reference TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            channel TEXT NOT NULL,
            received_on TEXT NOT NULL,
            due_on TEXT NOT NULL,
            state TEXT NOT NULL,
            ground TEXT,
            extended INTEGER NOT NULL DEFAULT 0,
            about_unit TEXT,
            about_list TEXT,
            about_event TEXT,
            contact BLOB,
            words BLOB,
            extension BLOB,
            answer BLOB,
            closed_on TEXT,
            erase_at INTEGER,
            erased_at INTEGER) STRICT;
        CREATE INDEX requests_erasable ON requests (erase_at) WHERE erased_at IS NULL;
        """,
        RegisterTable.Schema,
        """
        -- Look-ups. The question is sealed, beside an HMAC of its subject; both are gone at erased_at. officer_id is empty where nobody
        -- of that name is on the unit's roster.
        CREATE TABLE look_ups (
            request_id BLOB PRIMARY KEY,
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            officer_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            purpose TEXT NOT NULL,
            code TEXT NOT NULL,
            asked_at INTEGER NOT NULL,
            mac BLOB,
            sealed BLOB,
            session_checked INTEGER NOT NULL,
            erased_at INTEGER) STRICT;
        CREATE INDEX look_ups_officer ON look_ups (officer_id, asked_at);
        CREATE INDEX look_ups_unit ON look_ups (unit_id, asked_at);
        CREATE INDEX look_ups_unchecked ON look_ups (asked_at) WHERE session_checked = 0;
        CREATE INDEX look_ups_erasable ON look_ups (asked_at) WHERE erased_at IS NULL;
        """,
        """
        -- Two levels: an account of a district sees the units of that district; '' is the city.
        ALTER TABLE units ADD COLUMN district TEXT NOT NULL DEFAULT '';
        ALTER TABLE units ADD COLUMN police_type TEXT NOT NULL DEFAULT 'public_order';
        ALTER TABLE accounts ADD COLUMN district TEXT NOT NULL DEFAULT '';
        """,
        SosTable.Schema,
        HazardTable.Schema,
        InstructionTable.Schema,
        ShiftTable.Schema,
        BackupMarks.Schema,
        ExportMarks.Schema,
        GatewayTable.Schema,
        DraftTable.Schema + Identity.ApproverKeys.Schema + EntryRevocations.Schema,
        SessionTable.Schema,
        ProposalTable.Schema + RolloutTable.Schema,
        CallTable.Schema + PlaceTable.Schema,
        PatrolTable.Schema,
        VisibilityTable.Schema,
        ContainmentTable.Schema,
        ExhibitTable.Schema,
        VoiceFloors.Schema,
        FieldRecords.FieldRecordTable.Schema,
        ProposalTable.KindSchema,
        AcceptanceTable.Schema,
        EventTable.HealthSchema,
    ];
}
