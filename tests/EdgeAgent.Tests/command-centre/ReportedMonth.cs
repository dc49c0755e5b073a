using Dapper;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using System.Data.Common;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>March 2026 in Shanghai, written into a centre's tables by hand: every count is known, every text is a canary.</summary>
internal static class ReportedMonth
{
    public static readonly string[] Canaries =
    [
        "京Q8CANAR", "canary-entry-77", "CANARYNOTE", "CANARYREASON", "CANARYOFFICER", "CANARYNAME", "CANARYACCOUNT", "CANARYPURPOSE", "CANARYLISTED", "CANARYTITLE",
        "CANARYCONTRADICTION", "CANARYCAMERA", "CANARYCODE", "CANARYWORDS", "CANARYANSWER", "CANARYAUTHORITY", "CANARYLEGAL", "canary-list", "CANARYUNIT", "39.9087531", "116.3974877",
        "CANARYJPEG",
    ];

    private const string UnitA = "CANARYUNIT-A", UnitB = "CANARYUNIT-B";
    private static readonly long March = At(3, 1, 0);
    private static readonly byte[] Incarnation = new byte[16];

    public static void Fill(CentreUnderTest centre)
    {
        using var open = new OpenCentre(centre.Data);
        _ = open.Database.Write(transaction =>
        {
            foreach (var unit in (string[])[UnitA, UnitB])
                transaction.Connection!.Execute("INSERT INTO units (unit_id, label, created_at, enrolled_at) VALUES (@unit, 'CANARYNAME', 1, 1)", new { unit }, transaction);
            Lists(transaction);
            Events(transaction, open.Sealing);
            Registers(transaction);
            Requests(transaction, new RequestTable(open.Sealing));
            return 0;
        });
    }

    private static void Events(DbTransaction transaction, Sealing sealing)
    {
        var pen = new Pen(transaction, sealing);
        // 42 plates confirmed and 13 rejected, 8 faces confirmed, of UnitA, on the days 2 to 12.
        pen.Decide(30, ListKind.Plates, ListCategory.StolenVehicle, Verdict.Confirmed, "");
        pen.Decide(11, ListKind.Plates, ListCategory.StolenVehicle, Verdict.Rejected, "not_same_plate");
        pen.Decide(12, ListKind.Plates, ListCategory.WantedWarrant, Verdict.Confirmed, "");
        pen.Decide(2, ListKind.Plates, ListCategory.WantedWarrant, Verdict.Rejected, "CANARYREASON");
        pen.Decide(8, ListKind.Faces, ListCategory.WantedWarrant, Verdict.Confirmed, "");
        // 7 not seen, of a list that is known here; one of them arrived in April.
        for (var n = 0; n < 7; n++)
            pen.Put(At(3, 5, 12), e => e.AlertLapsed = new AlertLapsed { ListId = "canary-list-1", ListVersion = 1 }, received: n == 0 ? At(4, 2, 0) : null);
        // Outside the month by a second, and one whose signature does not hold.
        pen.Decide(1, ListKind.Faces, ListCategory.WantedWarrant, Verdict.Confirmed, "", at: March - 1000);
        pen.Decide(1, ListKind.Faces, ListCategory.WantedWarrant, Verdict.Confirmed, "", at: At(4, 1, 0));
        pen.Decide(1, ListKind.Faces, ListCategory.WantedWarrant, Verdict.Confirmed, "", valid: false);
        foreach (var (outcome, code) in ((ListOutcome, string)[])[
            (ListOutcome.Loaded, ""), (ListOutcome.Loaded, ""), (ListOutcome.Refused, "expired"), (ListOutcome.Refused, "expired"), (ListOutcome.Refused, "CANARYCODE"), (ListOutcome.Revoked, "")])
            pen.Put(At(3, 2, 1), e => e.ListState = new ListState { ListId = "canary-list-1", Outcome = outcome, Code = code, Detail = "CANARYNOTE" }, UnitB);
        foreach (var change in (SessionChange[])[SessionChange.In, SessionChange.In, SessionChange.Refused, SessionChange.Out])
            pen.Put(At(3, 3, 1), e => e.OfficerSession = new OfficerSession { OfficerId = "CANARYOFFICER", Change = change }, UnitB);
        pen.Put(At(3, 3, 2), e => e.Tombstone = new Tombstone { Lane = Lane.Status, FromNumber = 5, ToNumber = 10 });
        pen.Put(At(3, 3, 2), e => e.LiveViewEnded = new LiveViewEnded { StartedAtUnixMs = 0, EndedAtUnixMs = 9 * 60_000, Reason = "CANARYREASON" });
    }

    private static void Lists(DbTransaction transaction)
    {
        // In force: canary-list-1 v2 and -2; ended in the month: -4; revoked: -5; faces with few entries: -3. -6 came after the month.
        Put("canary-list-1", 1, ListKind.Plates, ListCategory.StolenVehicle, 290, At(3, 1, 5), At(9, 1, 0));
        Put("canary-list-1", 2, ListKind.Plates, ListCategory.StolenVehicle, 300, At(3, 20, 0), At(9, 1, 0));
        Put("canary-list-2", 1, ListKind.Plates, ListCategory.StolenVehicle, 10, At(3, 20, 0), At(4, 5, 0));
        Put("canary-list-3", 1, ListKind.Faces, ListCategory.MissingOrVulnerable, 2, At(3, 31, 20), At(4, 1, 19));
        Put("canary-list-4", 1, ListKind.Plates, ListCategory.WantedWarrant, 7, At(2, 20, 0), At(3, 9, 0));
        Put("canary-list-5", 1, ListKind.Faces, ListCategory.WantedWarrant, 9, At(3, 30, 23), At(3, 31, 22));
        Put("canary-list-6", 1, ListKind.Plates, ListCategory.CourtOrder, 9, At(4, 3, 0), At(9, 1, 0));
        transaction.Connection!.Execute("INSERT INTO list_revocations VALUES ('canary-list-5', @at, 'CANARYREASON')", new { at = At(3, 31, 2) }, transaction);

        void Put(string id, int version, ListKind kind, ListCategory category, int entries, long issued, long validTo) => transaction.Connection!.Execute(
            "INSERT INTO lists VALUES (@id, @version, @kind, @category, 'CANARYTITLE', 'CANARYTITLE', 'CANARYAUTHORITY', 'CANARYLEGAL', @entries, @issued, @validTo, 1, @zero, NULL)",
            new { id, version, kind = (int)kind, category = (int)category, entries, issued, validTo, zero = new byte[1] }, transaction);
    }

    private static void Registers(DbTransaction transaction)
    {
        var connection = transaction.Connection!;
        Lease(1, "cam1", "CANARYREASON", At(3, 4, 0), 10, ended: null);
        Lease(2, "cam1", "CANARYREASON", At(3, 4, 5), 60, ended: 15);
        Lease(3, "CANARYCAMERA", " ", At(3, 31, 12), 5, ended: null);
        Lease(4, "cam1", "CANARYREASON", At(4, 1, 0), 10, ended: null);
        foreach (var action in (string[])["sign_in", "sign_in_refused", "sign_in_refused", "ptz", "ptz"])
            AuditTable.Add(transaction, new AuditRow("CANARYACCOUNT", action, action == "ptz" ? $"{UnitA}/cam1 CANARYNAME" : "", "CANARYPURPOSE"), At(3, 4, 1));
        connection.Execute("INSERT INTO missing VALUES (@UnitA, @Incarnation, 1, 901, 904, @at)", new { UnitA, Incarnation, at = At(3, 6, 0) }, transaction);
        connection.Execute("INSERT INTO awaited VALUES (@hash, @UnitA, @at)", new { hash = new byte[] { 0xCC }, UnitA, at = At(3, 6, 0) }, transaction);
        foreach (var (number, code) in ((int, string)[])[(1, "bad_time"), (2, "CANARYCODE")])
        {
            connection.Execute(
                "INSERT INTO refused (unit_id, incarnation, event_id, lane, number, code, detail, received_at, payload) VALUES (@UnitA, @zero, @zero, 1, @number, @code, 'CANARYNOTE', @at, @zero)",
                new { UnitA, number, code, at = At(3, 6, 0), zero = new byte[1] }, transaction);
        }

        void Lease(byte id, string camera, string reason, long from, int minutes, int? ended) => connection.Execute(
            "INSERT INTO leases VALUES (@id, @UnitA, @camera, 'CANARYACCOUNT', @reason, 1, @from, @to, @ended, 'CANARYREASON')",
            new { id = new[] { id }, UnitA, camera, reason, from, to = from + minutes * 60_000L, ended = from + ended * 60_000L }, transaction);
    }

    private static void Requests(DbTransaction transaction, RequestTable requests)
    {
        for (var n = 0; n < 8; n++)
        {
            var row = new RequestRow { Kind = n < 6 ? "access" : "complaint", Channel = "letter", ReceivedOn = "2026-03-31", DueOn = "2026-04-21", AboutUnit = UnitA };
            var reference = requests.Add(transaction, row, "CANARYNAME", "CANARYWORDS", 2026);
            if (n < 7)
                requests.Close(transaction, reference, n == 0 ? "unfounded" : null, "CANARYANSWER", n == 6 ? "2026-04-22" : "2026-04-21", long.MaxValue);
        }
        _ = requests.Add(transaction, new RequestRow { Kind = "access", Channel = "letter", ReceivedOn = "2026-04-01", DueOn = "2026-04-21" }, "CANARYNAME", "CANARYWORDS", 2026);
    }

    private static long At(int month, int day, int hour) => new DateTimeOffset(2026, month, day, hour, 0, 0, TimeSpan.FromHours(8)).ToUnixTimeMilliseconds();

    /// <summary>Writes events as the centre's own writer does.</summary>
    private sealed class Pen(DbTransaction transaction, Sealing sealing)
    {
        private readonly Dictionary<string, ulong> numbers = [];
        private int day;

        public void Decide(int count, ListKind kind, ListCategory category, Verdict verdict, string reason, long? at = null, bool valid = true)
        {
            for (var n = 0; n < count; n++)
            {
                var confirmed = verdict == Verdict.Confirmed;
                var alert = new Alert
                {
                    Kind = kind,
                    Category = category,
                    ListId = "canary-list-1",
                    EntryId = "canary-entry-77",
                    CameraId = "CANARYCAMERA",
                    Tone = confirmed ? AlertTone.Stop : AlertTone.Check,
                    ListedText = "京Q8CANAR",
                    ListedNote = "CANARYNOTE",
                    Authority = "CANARYAUTHORITY",
                    Plate = new PlateReading { Text = "京Q8CANAR" },
                    SeenJpeg = ByteString.CopyFromUtf8("CANARYJPEG"),
                    Position = new Position { LatitudeDegrees = 39.9087531, LongitudeDegrees = 116.3974877 },
                };
                if (!confirmed)
                    alert.Contradictions.AddRange(["plate_colour", "CANARYCONTRADICTION"]);
                var decision = new Decision { Verdict = verdict, Reason = reason, Note = "CANARYNOTE", OfficerId = "CANARYOFFICER", SessionId = "CANARYNAME" };
                var envelope = new SignedEnvelope { PayloadType = Envelopes.DecisionType, Payload = decision.ToByteString() };
                Put(at ?? At(3, 2 + day++ % 11, 8), e => e.AlertDecided = new AlertDecided { Decision = envelope, Alert = alert.ToByteString() }, valid: valid);
            }
        }

        public void Put(long at, Action<Event> fill, string unit = UnitA, long? received = null, bool valid = true)
        {
            var number = numbers[unit] = numbers.GetValueOrDefault(unit) + 1;
            var made = RawCar.Event(Lane.Decisions, number, fill);
            (made.CapturedAtUnixMs, made.OfficerId) = (at, "CANARYOFFICER");
            using var writer = new EventWriter(transaction, sealing, unit, Incarnation, received ?? at + 1000);
            var kind = Event.Descriptor.FindFieldByNumber((int)made.BodyCase).Name;
            var stored = writer.Store([new IntakeEvent(made, kind, sealing.Seal(made.ToByteArray()), made.AlertDecided is null ? null : valid, null)]);
            Assert.Equal(AckStatus.Stored, Assert.Single(stored.Acks.Acks).Status);
        }
    }
}
