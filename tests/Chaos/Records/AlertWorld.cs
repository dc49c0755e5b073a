using System.Security.Cryptography;
using EdgeAgent.Agent.Alerts;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Vision.Matching;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Word = Patrol.Dispatch.V1.Verdict;

namespace EdgeAgent.Chaos.Records;

/// <summary>What can happen to alerts.</summary>
internal enum AlertAct
{
    SeeOne,
    SeeOther,
    Confirm,
    Reject,
    RejectWithoutReason,
    DecideWhatIsOver,
    Wait,
    WithdrawList,
    FillOrFreeDisk,

    /// <summary>While the next record is being written the officer presses both buttons again, time runs out and the list ends.</summary>
    AllAtOnceDuringNextWrite,
    Stop,
}

/// <summary>What all histories share: none of it changes in them.</summary>
internal sealed record AlertGround(CarOptions Options, TrustedClock Clock, WatchlistLibrary Lists, LoadedList List, UnitIdentity Unit, OutboxStore Outbox);

/// <summary>One history: the real book, desk and maker over records in memory, and whoever watches that they agree.</summary>
internal sealed class AlertWorld
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9];
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(61);
    private static readonly DutySession Officer = new("010001", "officer", "officer", "session", 0, 0, []);

    private readonly AlertGround ground;
    private readonly MemoryRecords records = new();
    private readonly SteppedClock time = new();
    private readonly AlertBook book;
    private readonly Dictionary<Guid, AlertOutcome?> alerts = [];
    private readonly List<string> wrong = [];
    private Guid over;

    /// <param name="ground">Shared.</param>
    /// <param name="signs">False: as if a confirmation counted before it was signed and written; must be found out.</param>
    public AlertWorld(AlertGround ground, bool signs)
    {
        this.ground = ground;
        Signs = signs;
        book = new AlertBook(
            ground.Options, new AlertMaker(ground.Options, ground.Clock, new PositionBook(ground.Clock), time), ground.Lists,
            new DecisionDesk(ground.Unit, records, new OwedClips(ground.Options, ground.Outbox, ground.Clock), ground.Clock, time), records, time);
        book.Shown += alert => alerts.Add(alert.Id, null);
        book.Closed += Closed;
    }

    public IReadOnlyList<string> Wrong => wrong;

    public int Confirmed => alerts.Values.Count(o => o == AlertOutcome.Confirmed);

    public int Rejected => alerts.Values.Count(o => o == AlertOutcome.Rejected);

    public int Lapsed => alerts.Values.Count(o => o == AlertOutcome.Lapsed);

    private bool Signs { get; }

    public void Play(AlertAct act)
    {
        try
        {
            Do(act);
        }
        catch (OutboxException)
        {
            // What could not be written down has not happened; the checks see to it.
        }
        Check();
    }

    /// <summary>The disk has room again and the host ends: then nothing is open, and each alert has ended in one way.</summary>
    public void End()
    {
        records.Full = false;
        records.During = null;
        book.Stop();
        Check();
        if (book.Open.Count > 0 || alerts.Values.Any(o => o is null))
            wrong.Add("an alert was still open after the end");
    }

    private void Do(AlertAct act)
    {
        switch (act)
        {
            case AlertAct.SeeOne or AlertAct.SeeOther:
                See(act == AlertAct.SeeOne ? 0 : 1);
                break;
            case AlertAct.Confirm:
                Decide(Word.Confirmed, "");
                break;
            case AlertAct.Reject:
                Decide(Word.Rejected, "not_same_vehicle");
                break;
            case AlertAct.RejectWithoutReason:
                if (book.Open.Count > 0 && book.Decide(book.Open[0].Id, Word.Rejected, "", "", Officer).Code != "reason_required")
                    wrong.Add("a rejection without a reason was taken");
                break;
            case AlertAct.DecideWhatIsOver:
                if (book.Decide(over, Word.Confirmed, "", "", Officer).Code != "closed")
                    wrong.Add("an alert that was over was decided");
                break;
            case AlertAct.Wait:
                time.Advance(Step);
                book.Tick();
                break;
            case AlertAct.WithdrawList:
                book.Withdraw(ground.List.ListId);
                break;
            case AlertAct.FillOrFreeDisk:
                records.Full = !records.Full;
                break;
            case AlertAct.AllAtOnceDuringNextWrite:
                records.During = AllAtOnce;
                break;
            default:
                book.Stop();
                break;
        }
    }

    private void See(int entry)
    {
        PlateEntry listed = ground.List.PlateAt(entry)!;
        var sighting = new PlateSighting(new PlateVisit
        {
            VisitId = "v",
            CameraId = "cam1",
            Text = listed.Plate,
            Colour = "blue",
            Votes = 3,
            Confidence = 0.97f,
            CharacterConfidence = { listed.Plate.Select(_ => 0.99f) },
            CropJpeg = ByteString.CopyFrom(Jpeg),
        });
        book.Offer(new PlateHit(ground.List, sighting, listed, new PlateMatch(ground.List.ListId, entry, listed.Plate, Exact: true, DoubtfulPosition: -1)));
    }

    private void Decide(Word verdict, string reason)
    {
        if (book.Open is not [{ } alert, ..])
            return;
        if (!Signs && verdict == Word.Confirmed)
        {
            alerts[alert.Id] = AlertOutcome.Confirmed;
            return;
        }
        (string code, string decision) = book.Decide(alert.Id, verdict, reason, "", Officer);
        if (code.Length == 0 && DecisionsOn(alert.Id).All(d => Uuid7.ToGuid(d.Decision.Id.Span).ToString() != decision))
            wrong.Add("the officer was given the number of a decision that is not written down");
    }

    private void AllAtOnce()
    {
        foreach (OpenAlert alert in book.Open)
        {
            _ = book.Decide(alert.Id, Word.Confirmed, "", "", Officer);
            _ = book.Decide(alert.Id, Word.Rejected, "other", "", Officer);
        }
        time.Advance(2 * Step);
        book.Tick();
        book.Withdraw(ground.List.ListId);
    }

    private void Closed(Guid id, AlertOutcome outcome)
    {
        if (!alerts.TryGetValue(id, out AlertOutcome? before) || before is not null)
            wrong.Add("an alert ended twice, or was never shown");
        alerts[id] = outcome;
        over = id;
    }

    /// <summary>After every step: what the officer sees of each alert is what is written down of it.</summary>
    private void Check()
    {
        HashSet<Guid> open = [.. book.Open.Select(a => a.Id)];
        foreach (var (id, outcome) in alerts)
        {
            var decisions = DecisionsOn(id);
            int lapses = records.Written.Count(w => w.Event.AlertLapsed is { } lapsed && Uuid7.ToGuid(lapsed.AlertId.Span) == id);
            bool agrees = outcome switch
            {
                null => open.Contains(id) && decisions.Count == 0 && lapses == 0,
                AlertOutcome.Lapsed => !open.Contains(id) && decisions.Count == 0 && lapses == 1,
                AlertOutcome.Confirmed => !open.Contains(id) && lapses == 0 && decisions is [{ Decision.Verdict: Word.Confirmed, Signed: true }],
                _ => !open.Contains(id) && lapses == 0 && decisions is [{ Decision: { Verdict: Word.Rejected, Reason.Length: > 0 }, Signed: true }],
            };
            if (!agrees)
                wrong.Add($"an alert is {outcome?.ToString() ?? "open"} and written down with {decisions.Count} decisions and {lapses} lapses");
        }
        if (records.Written.Count(w => w.Event.AlertDecided is not null || w.Event.AlertLapsed is not null) != alerts.Values.Count(o => o is not null))
            wrong.Add("something is written down of an alert that did not happen");
    }

    private List<(Decision Decision, bool Signed)> DecisionsOn(Guid alert) =>
        [.. records.Written.Select(w => w.Event.AlertDecided).OfType<AlertDecided>()
            .Select(d => (Decided: d, Decision: Decision.Parser.ParseFrom(d.Decision.Payload)))
            .Where(d => Uuid7.ToGuid(d.Decision.AlertId.Span) == alert)
            .Select(d => (d.Decision, IsSigned(d.Decided, d.Decision)))];

    private bool IsSigned(AlertDecided decided, Decision decision) =>
        decided.Decision.Signatures.Any(s => s.Role == SignerRole.Unit && Envelopes.VerifySignature(decided.Decision, s, ground.Unit.Certificate))
        && decision.AlertSha256.Span.SequenceEqual(SHA256.HashData(decided.Alert.Span)) && decision.OfficerId == Officer.OfficerId;

    private sealed class SteppedClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan by) => ticks += by.Ticks;
    }
}
