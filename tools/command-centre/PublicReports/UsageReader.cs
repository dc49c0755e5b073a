using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>
/// Counts the events of a month, one row at a time: memory does not grow with them, and of a sealed event no more outlives its row
/// than its numbers. An event belongs to the month in which the car captured it.
/// </summary>
internal sealed class UsageReader(DbTransaction transaction, Sealing sealing, ReportMonth month)
{
    private readonly UsageTally tally = new(month);
    private readonly Dictionary<string, (ListKind, ListCategory)> lists = [];

    /// <exception cref="CentreException">The storage key is not this database's.</exception>
    public UsageTally Read()
    {
        foreach (var (id, kind, category) in transaction.Connection!.Query<(string, int, int)>("SELECT DISTINCT list_id, kind, category FROM lists", transaction: transaction))
            lists[id] = ((ListKind)kind, (ListCategory)category);
        ReadPresence();
        ReadBodies();
        ReadRefused();
        return tally;
    }

    private void ReadPresence()
    {
        using var query = Query("SELECT unit_id, captured_at FROM events WHERE captured_at >= @from AND captured_at < @to");
        using var rows = query.ExecuteReader();
        while (rows.Read())
            tally.Reported(rows.GetString(0), rows.GetInt64(1));
    }

    private void ReadBodies()
    {
        using var query = Query(
            """
            SELECT captured_at, received_at, signature_valid, payload FROM events
            WHERE kind IN ('alert_decided', 'alert_lapsed', 'list_state', 'officer_session', 'tombstone', 'live_view_ended')
              AND captured_at >= @from AND captured_at < @to
            """);
        using var rows = query.ExecuteReader();
        while (rows.Read())
            Count(Open(rows.GetFieldValue<byte[]>(3)), month.DayOf(rows.GetInt64(0)), rows.GetInt64(1) >= month.To, rows.IsDBNull(2) || rows.GetInt64(2) != 0);
    }

    private void ReadRefused()
    {
        foreach (var (code, count) in transaction.Connection!.Query<(string, long)>(
            "SELECT code, count(*) FROM refused WHERE received_at >= @From AND received_at < @To GROUP BY code", new { month.From, month.To }, transaction))
            tally.EventRefusals.Add(code, count);
    }

    private void Count(Event happened, int day, bool late, bool signatureValid)
    {
        switch (happened.BodyCase)
        {
            case Event.BodyOneofCase.AlertDecided when !signatureValid:
                tally.BadSignatures++;
                break;
            case Event.BodyOneofCase.AlertDecided:
                CountDecided(happened.AlertDecided, day);
                tally.CameLate += late ? 1 : 0;
                break;
            case Event.BodyOneofCase.AlertLapsed:
                // The car says of which list it was; a list that was never issued here is of no known kind.
                var (kind, category) = lists.GetValueOrDefault(happened.AlertLapsed.ListId);
                tally.Hit(kind, category, day, new Outcomes(0, 0, 1));
                tally.CameLate += late ? 1 : 0;
                break;
            default:
                CountOther(happened);
                break;
        }
    }

    private void CountDecided(AlertDecided decided, int day)
    {
        var decision = Decision.Parser.ParseFrom(decided.Decision.Payload);
        var alert = Alert.Parser.ParseFrom(decided.Alert);
        if (decision.Verdict is not (Verdict.Confirmed or Verdict.Rejected))
        {
            // What could not be opened when it was erased is left without a verdict.
            tally.BadSignatures++;
            return;
        }
        var confirmed = decision.Verdict == Verdict.Confirmed;
        tally.Hit(alert.Kind, alert.Category, day, confirmed ? new Outcomes(1, 0, 0) : new Outcomes(0, 1, 0));
        if (!confirmed)
            tally.Reasons.Add(decision.Reason);
        _ = alert.Tone switch
        {
            AlertTone.Stop => tally.Stop++,
            AlertTone.Check => tally.Check++,
            _ => tally.ToneUnknown++,
        };
        foreach (var code in alert.Contradictions.Distinct(StringComparer.Ordinal))
            tally.Contradictions.Add(code);
    }

    private void CountOther(Event happened)
    {
        switch (happened.BodyCase)
        {
            case Event.BodyOneofCase.ListState:
                var outcome = Enum.IsDefined(happened.ListState.Outcome) ? happened.ListState.Outcome : ListOutcome.Unspecified;
                tally.ListStates[outcome] = tally.ListStates.GetValueOrDefault(outcome) + 1;
                if (outcome == ListOutcome.Refused)
                    tally.ListRefusals.Add(happened.ListState.Code);
                break;
            case Event.BodyOneofCase.OfficerSession:
                tally.CarSignIns += happened.OfficerSession.Change == SessionChange.In ? 1 : 0;
                tally.CarSignInsRefused += happened.OfficerSession.Change is SessionChange.Refused or SessionChange.Locked ? 1 : 0;
                break;
            case Event.BodyOneofCase.Tombstone:
                tally.Tombstoned += (long)(happened.Tombstone.ToNumber - happened.Tombstone.FromNumber + 1);
                break;
            case Event.BodyOneofCase.LiveViewEnded:
                tally.LiveStreams++;
                tally.LiveStreamMs += Math.Max(0, happened.LiveViewEnded.EndedAtUnixMs - happened.LiveViewEnded.StartedAtUnixMs);
                break;
        }
    }

    private Event Open(byte[] box)
    {
        try
        {
            return Event.Parser.ParseFrom(sealing.Open(box));
        }
        catch (CryptographicException e)
        {
            throw new CentreException("An event of this month cannot be opened: keys/storage.key is not this database's, or the row was changed.", e);
        }
    }

    private DbCommand Query(string text) => Sql.Command(transaction, text, ("@from", month.From), ("@to", month.To));
}
