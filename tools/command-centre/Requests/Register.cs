using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Requests;

/// <summary>What is done with requests of the public, each act one transaction with its audit row.</summary>
/// <param name="Today">The calendar day of the register's time zone.</param>
/// <param name="By">Who acts; the audit's actor.</param>
internal sealed record Register(CentreDatabase Database, RequestTable Requests, DateTimeOffset Now, DateOnly Today, string By)
{
    private long NowUnixMs => Now.ToUnixTimeMilliseconds();

    /// <exception cref="CentreException">It is about something that is not there.</exception>
    public string Add(RequestRow request, string contact, string words) => Database.Write(transaction =>
    {
        RequireKnown(transaction, request);
        var reference = Requests.Add(transaction, request, contact, words, Today.Year);
        Note(transaction, "request_added", reference, request.Kind);
        return reference;
    });

    /// <summary>The reading is on disk before anything of it is seen.</summary>
    public (RequestRow Row, RequestTexts Texts) Read(string reference, string purpose) => Database.Write(transaction =>
    {
        var row = RequestTable.Require(transaction, reference);
        Note(transaction, "request_read", reference, purpose);
        return (row, Requests.Texts(transaction, reference));
    });

    /// <exception cref="CentreException">It is closed, was extended before, or is late already: late stays late.</exception>
    public DateOnly Extend(string reference, int days, string reason) => Database.Write(transaction =>
    {
        var row = RequireOpen(transaction, reference);
        if (row.State == "extended")
            throw new CentreException($"{reference} was extended before, to {row.DueOn}: a second extension is not taken.");
        var due = DateOnly.ParseExact(row.DueOn, "yyyy-MM-dd");
        if (due < Today)
            throw new CentreException($"{reference} was due on {row.DueOn}: it is late and cannot be extended, only answered.");
        var later = due.AddDays(days);
        Requests.Extend(transaction, reference, $"{later:yyyy-MM-dd}", reason);
        Note(transaction, "request_extended", reference, $"to {later:yyyy-MM-dd}");
        return later;
    });

    /// <param name="ground">Null: answered. Else one of <see cref="RequestRules.Grounds"/>: refused.</param>
    /// <returns>Whether it was in time.</returns>
    public bool Answer(string reference, string? ground, string answer, int keepDays) => Database.Write(transaction =>
    {
        var row = RequireOpen(transaction, reference);
        Requests.Close(transaction, reference, ground, answer, $"{Today:yyyy-MM-dd}", Now.AddDays(keepDays).ToUnixTimeMilliseconds());
        Note(transaction, ground is null ? "request_answered" : "request_refused", reference, ground ?? "");
        return DateOnly.ParseExact(row.DueOn, "yyyy-MM-dd") >= Today;
    });

    private void Note(DbTransaction transaction, string action, string reference, string purpose) =>
        AuditTable.Add(transaction, new AuditRow(By, action, reference, purpose), NowUnixMs);

    private static RequestRow RequireOpen(DbTransaction transaction, string reference) =>
        RequestTable.Require(transaction, reference) is { IsOpen: true } row
            ? row
            : throw new CentreException($"{reference} was closed already: register what the person asks further as a new request.");

    // Only ids that are known here, so that no name or plate is written where nothing is sealed.
    private static void RequireKnown(DbTransaction transaction, RequestRow request)
    {
        Known(request.AboutUnit, "SELECT EXISTS (SELECT 1 FROM units WHERE unit_id = @id)", request.AboutUnit, "unit");
        Known(request.AboutList, "SELECT EXISTS (SELECT 1 FROM lists WHERE list_id = @id)", request.AboutList, "list");
        if (request.AboutEvent is { } text)
        {
            byte[]? id = Guid.TryParse(text, out var guid) ? Uuid7.ToBytes(guid) : null;
            Known(text, "SELECT EXISTS (SELECT 1 FROM events WHERE event_id = @id)", id, "event");
        }

        void Known(string? told, string query, object? id, string what)
        {
            if (told is not null && !transaction.Connection!.ExecuteScalar<bool>(query, new { id }, transaction))
                throw new CentreException($"The request cannot be about {what} '{told}': there is none of this id.");
        }
    }
}
