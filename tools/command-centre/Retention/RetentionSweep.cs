using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Attachments;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Emergencies;
using EdgeAgent.CommandCentre.FieldRecords;
using EdgeAgent.CommandCentre.Hazards;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Shifts;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Retention;

/// <summary>How many of what went.</summary>
internal sealed record Erasure(int Rejected, int Confirmed, int Calls, int Trail, int Files, int Commands, int Refused)
{
    public bool IsNothing => this == new Erasure(0, 0, 0, 0, 0, 0, 0);

    public override string ToString() =>
        $"rejected {Rejected}, confirmed {Confirmed}, calls {Calls}, trail {Trail}, files {Files}, commands {Commands}, refused {Refused}";
}

/// <summary>
/// Erases what is past the policy's clocks, with one audit row in numbers. Of an event the numbers of its lane stay and what is counted by
/// the month; of a file nothing. What is under a hold stays, but for rejected alerts, which cannot be.
/// </summary>
internal sealed class RetentionSweep(CommitQueue commits, CentreDatabase database, Sealing sealing, EvidenceFiles files, CallErasure callErasure, TimeProvider time)
{
    private const long HourMs = 3_600_000, DayMs = 24 * HourMs;
    private const int AtOnce = 200;

    private const string Held = "SELECT event_id FROM holds UNION ALL SELECT c.event_id FROM clips c JOIN holds h ON h.event_id = c.about_event_id";

    // What somebody is still at work on is not taken from under their hands.
    private const string Standing =
        "SELECT event_id FROM sos WHERE closed_at IS NULL UNION ALL SELECT a.event_id FROM hazard_acts a JOIN hazards h ON h.unit_id = a.unit_id AND h.hazard_id = a.hazard_id WHERE h.state < 3 AND a.event_id IS NOT NULL UNION ALL SELECT event_id FROM field_records WHERE state < 3";

    // A signature is worth nothing without its record, nor the record without it: they go together, and not while somebody is at work on it.
    private const string OfRecords = "SELECT a.sha256 FROM event_attachments a JOIN field_records r ON r.event_id = a.event_id";

    public async Task<Erasure> RunAsync()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var policy = database.Read(c => RetentionIssuing.Current(c));
        await EachAsync("retention = 'decided'", Classify);
        // The car's clock or ours: whichever says that it is older.
        var rejected = await EachAsync($"retention = 'rejected' AND (captured_at < {now - (policy.RejectedHours * HourMs)} OR received_at < {now - (policy.RejectedHours * HourMs)})", Erase);
        var confirmed = await EachAsync($"retention = 'confirmed' AND received_at < {now - (policy.ConfirmedDays * DayMs)} AND event_id NOT IN ({Held})", Erase);
        var calls = await EachAsync($"retention = 'call' AND received_at < {now - (policy.CallDays * DayMs)} AND event_id NOT IN ({Held}) AND event_id NOT IN ({Standing})", Erase);
        calls += await CallsAsync(now - (policy.CallDays * DayMs), now);
        var trail = await EachAsync($"retention = 'trail' AND received_at < {now - (policy.TrailDays * DayMs)}", Erase);
        var erasure = new Erasure(rejected, confirmed, calls, trail, await FilesAsync(policy, now), 0, 0);
        return await commits.CommitAsync(transaction =>
        {
            var whole = erasure with
            {
                Commands = transaction.Connection!.Execute(
                    "UPDATE commands SET payload = @empty WHERE payload <> @empty AND (answered_at < @before OR (expires_at > 0 AND expires_at < @before))",
                    new { before = now - (policy.CallDays * DayMs), empty = Array.Empty<byte>() }, transaction),
                Refused = transaction.Connection!.Execute(
                    "UPDATE refused SET payload = @empty WHERE payload <> @empty AND received_at < @before", new { before = now - (policy.RejectedHours * HourMs), empty = Array.Empty<byte>() }, transaction),
            };
            _ = SosTable.EraseClosed(transaction, now - (policy.CallDays * DayMs));
            _ = HazardTable.EraseClosed(transaction, now - (policy.CallDays * DayMs));
            _ = FieldRecordTable.EraseAnswered(transaction, now - (policy.CallDays * DayMs));
            _ = ShiftTable.EraseBefore(transaction, now - (policy.CallDays * DayMs));
            _ = InstructionTable.EraseBefore(transaction, now - (policy.InstructionDays * DayMs));
            if (!whole.IsNothing)
                AuditTable.Add(transaction, new AuditRow("centre", "erased", $"retention v{policy.Version}", whole.ToString()), now);
            return whole;
        });
    }

    /// <summary>A few at a time, so that cars are not kept waiting for their acknowledgements.</summary>
    private async Task<int> EachAsync(string which, Action<DbTransaction, byte[], Event> act)
    {
        for (var all = 0; ;)
        {
            var some = await commits.CommitAsync(transaction =>
            {
                var rows = transaction.Connection!.Query<(byte[] Id, byte[] Payload)>(
                    $"SELECT event_id, payload FROM events WHERE {which} AND erased_at IS NULL LIMIT {AtOnce}", transaction: transaction).AsList();
                foreach (var (id, payload) in rows)
                    act(transaction, id, Opened(payload));
                return rows.Count;
            });
            all += some;
            if (some < AtOnce)
                return all;
        }
    }

    /// <summary>The calls themselves, when all of their days are over, with their callers' voices.</summary>
    private async Task<int> CallsAsync(long closedBefore, long now)
    {
        for (var all = 0; ;)
        {
            var (some, gone) = await commits.CommitAsync(transaction => callErasure.Run(transaction, closedBefore, now));
            callErasure.Delete(gone);
            all += some;
            if (some == 0)
                return all;
        }
    }

    // What cannot be opened any more says nothing, and goes like the rest.
    private Event Opened(byte[] payload)
    {
        try
        {
            return Event.Parser.ParseFrom(sealing.Open(payload));
        }
        catch (Exception e) when (e is CryptographicException or InvalidProtocolBufferException)
        {
            return new Event { AlertDecided = new AlertDecided { Decision = new SignedEnvelope() } };
        }
    }

    private static void Classify(DbTransaction transaction, byte[] id, Event happened) => transaction.Connection!.Execute(
        "UPDATE events SET retention = @class WHERE event_id = @id", new { id, @class = RetentionClass.Of(happened) }, transaction);

    private void Erase(DbTransaction transaction, byte[] id, Event happened) => transaction.Connection!.Execute(
        "UPDATE events SET payload = @left, officer_id = '', erased_at = @now WHERE event_id = @id",
        new { id, left = sealing.Seal(RetentionClass.Erased(happened).ToByteArray()), now = time.GetUtcNow().ToUnixTimeMilliseconds() }, transaction);

    private async Task<int> FilesAsync(RetentionPolicy policy, long now)
    {
        var gone = await commits.CommitAsync(transaction =>
        {
            var due = transaction.Connection!.Query<byte[]>(
                $"""
                SELECT sha256 FROM evidence WHERE stored_at < CASE
                    WHEN sha256 IN ({OfRecords}) THEN @record WHEN media_type LIKE 'audio/%' THEN @recording WHEN media_type LIKE 'image/%' THEN @snapshot ELSE @evidence END
                AND sha256 NOT IN (SELECT sha256 FROM event_attachments WHERE event_id IN ({Held}))
                AND sha256 NOT IN ({OfRecords} WHERE r.state < 3)
                AND sha256 NOT IN (SELECT recording FROM calls WHERE recording IS NOT NULL AND call_id IN ({CallErasure.Held}))
                AND sha256 NOT IN (SELECT sha256 FROM exhibits WHERE sha256 IS NOT NULL AND exhibit_id IN (SELECT event_id FROM holds))
                LIMIT {AtOnce}
                """,
                new
                {
                    record = now - (policy.CallDays * DayMs),
                    recording = now - (policy.RecordingDays * DayMs),
                    snapshot = now - (policy.SnapshotDays * DayMs),
                    evidence = now - (policy.EvidenceDays * DayMs),
                },
                transaction).AsList();
            foreach (var sha256 in due)
            {
                transaction.Connection!.Execute("DELETE FROM evidence WHERE sha256 = @sha256", new { sha256 }, transaction);
                transaction.Connection!.Execute("UPDATE clips SET sha256 = NULL, reason = 'expired' WHERE sha256 = @sha256", new { sha256 }, transaction);
            }
            return due;
        });
        // The row before the file: a cut between them leaves a file that nobody can ask for, and the next sweep takes it.
        foreach (var sha256 in gone)
            files.Delete(sha256);
        files.DeleteUnknown(sha256 => database.Read(c => c.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM evidence WHERE sha256 = @sha256)", new { sha256 })), time);
        return gone.Count;
    }
}
