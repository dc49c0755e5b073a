using System.Data.Common;
using System.Text;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What the public asked, without what is sealed. A request closes once: answered, or refused on a ground.</summary>
internal sealed record RequestRow
{
    public string Reference { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Channel { get; init; } = "";

    /// <summary>yyyy-MM-dd, as the other days.</summary>
    public string ReceivedOn { get; init; } = "";
    public string DueOn { get; init; } = "";

    /// <summary>open, extended, answered, refused.</summary>
    public string State { get; init; } = "";
    public string? Ground { get; init; }
    public string? AboutUnit { get; init; }
    public string? AboutList { get; init; }
    public string? AboutEvent { get; init; }
    public string? ClosedOn { get; init; }
    public long? ErasedAt { get; init; }

    public bool IsOpen => ClosedOn is null;
}

/// <summary>The sealed part; null where nothing was written yet, or all of it was erased.</summary>
internal sealed record RequestTexts(string? Contact, string? Words, string? Extension, string? Answer);

/// <summary>
/// Access, correction, deletion, complaint, objection. Rows stay for the statistics; contact, words and answer are erased on their
/// day, and with them what the request was about, which may lead to a person.
/// </summary>
internal sealed class RequestTable(Sealing sealing)
{
    private const string Columns = """
        reference AS Reference, kind AS Kind, channel AS Channel, received_on AS ReceivedOn, due_on AS DueOn, state AS State, ground AS Ground,
        about_unit AS AboutUnit, about_list AS AboutList, about_event AS AboutEvent, closed_on AS ClosedOn, erased_at AS ErasedAt
        """;

    /// <summary>All that are open, and where asked for the closed ones too; what is due first comes first.</summary>
    public static IReadOnlyList<RequestRow> List(DbConnection connection, bool closedToo) => connection.Query<RequestRow>(
        $"SELECT {Columns} FROM requests WHERE @closedToo OR closed_on IS NULL ORDER BY closed_on IS NOT NULL, due_on, reference", new { closedToo }).AsList();

    /// <exception cref="CentreException">There is none of this number.</exception>
    public static RequestRow Require(DbTransaction transaction, string reference) => transaction.Connection!.QuerySingleOrDefault<RequestRow>(
        $"SELECT {Columns} FROM requests WHERE reference = @reference", new { reference }, transaction)
        ?? throw new CentreException($"There is no request '{reference}'. 'requests list --all' shows those there are.");

    public RequestTexts Texts(DbTransaction transaction, string reference)
    {
        var (contact, words, extension, answer) = transaction.Connection!.QuerySingle<(byte[]?, byte[]?, byte[]?, byte[]?)>(
            "SELECT contact, words, extension, answer FROM requests WHERE reference = @reference", new { reference }, transaction);
        return new RequestTexts(Open(contact), Open(words), Open(extension), Open(answer));
    }

    /// <returns>The number that it was given: R-YEAR-000001 and on, within the year of registering.</returns>
    public string Add(DbTransaction transaction, RequestRow row, string contact, string words, int year)
    {
        var connection = transaction.Connection!;
        var last = connection.ExecuteScalar<string?>(
            "SELECT max(reference) FROM requests WHERE reference LIKE @ofYear", new { ofYear = $"R-{year:0000}-%" }, transaction);
        var reference = $"R-{year:0000}-{(last is null ? 1 : int.Parse(last[7..]) + 1):000000}";
        connection.Execute(
            """
            INSERT INTO requests (reference, kind, channel, received_on, due_on, state, about_unit, about_list, about_event, contact, words)
            VALUES (@reference, @Kind, @Channel, @ReceivedOn, @DueOn, 'open', @AboutUnit, @AboutList, @AboutEvent, @contact, @words)
            """,
            new { reference, row.Kind, row.Channel, row.ReceivedOn, row.DueOn, row.AboutUnit, row.AboutList, row.AboutEvent, contact = Seal(contact), words = Seal(words) },
            transaction);
        return reference;
    }

    public void Extend(DbTransaction transaction, string reference, string dueOn, string reason) => transaction.Connection!.Execute(
        "UPDATE requests SET state = 'extended', extended = 1, due_on = @dueOn, extension = @reason WHERE reference = @reference",
        new { reference, dueOn, reason = Seal(reason) }, transaction);

    /// <param name="ground">Null: answered. Else: refused on it.</param>
    public void Close(DbTransaction transaction, string reference, string? ground, string answer, string closedOn, long eraseAt) =>
        transaction.Connection!.Execute(
            """
            UPDATE requests SET state = CASE WHEN @ground IS NULL THEN 'answered' ELSE 'refused' END, ground = @ground, answer = @answer,
                                closed_on = @closedOn, erase_at = @eraseAt
            WHERE reference = @reference
            """,
            new { reference, ground, answer = Seal(answer), closedOn, eraseAt }, transaction);

    /// <summary>Erases the personal part of what was answered long enough ago, with an audit row each.</summary>
    public static int EraseDue(DbTransaction transaction, DateTimeOffset now)
    {
        var nowUnixMs = now.ToUnixTimeMilliseconds();
        var due = transaction.Connection!.Query<string>(
            """
            UPDATE requests SET contact = NULL, words = NULL, extension = NULL, answer = NULL, about_unit = NULL, about_list = NULL,
                                about_event = NULL, erased_at = @nowUnixMs
            WHERE erased_at IS NULL AND erase_at <= @nowUnixMs RETURNING reference
            """,
            new { nowUnixMs }, transaction).AsList();
        foreach (var reference in due)
            AuditTable.Add(transaction, new AuditRow("centre", "request_erased", reference, ""), nowUnixMs);
        return due.Count;
    }

    private byte[] Seal(string text) => sealing.Seal(Encoding.UTF8.GetBytes(text));

    private string? Open(byte[]? box) => box is null ? null : Encoding.UTF8.GetString(sealing.Open(box));
}
