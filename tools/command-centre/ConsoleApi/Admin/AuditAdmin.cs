using System.Globalization;
using System.Text;
using EdgeAgent.CommandCentre.PublicReports;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record AuditBody(string? Actor, string? Action, string? Subject, long? FromUnixMs, long? ToUnixMs, long? Before);

internal sealed record ReportBody(string? Month, string? Language, string? TimeZone);

/// <summary>
/// The audit read by those who oversee, the month's report made for the public, and the register of what the public asked. Reading
/// the audit is itself in the audit.
/// </summary>
internal sealed class AuditAdmin(CentreDatabase database, Sealing sealing, ConsoleAccess access, TimeProvider time)
{
    public const int PageRows = 100, MostExported = 50_000;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/admin/audit", FindAsync).Needs(Permission.ReadAudit);
        _ = api.MapPost("/admin/audit/export", ExportAsync).Needs(Permission.ReadAudit).Costly();
        _ = api.MapPost("/admin/report", ReportAsync).Needs(Permission.MakeReports).Costly();
        _ = api.MapGet("/admin/requests", (Delegate)RequestsAsync).Needs(Permission.ReadRequests);
    }

    /// <summary>A page of rows; the row about this reading stands above them next time.</summary>
    private async Task<IResult> FindAsync(AuditBody body, HttpContext context)
    {
        var query = Query(body);
        var (rows, actions) = database.Read(c => (AuditReading.Find(c, query, PageRows + 1), AuditReading.Actions(c)));
        await access.AuditAsync(new AuditRow(context.Account(), "audit_read", Words(query), ""));
        return Administration.Ok(new { rows = rows.Take(PageRows), more = rows.Count > PageRows, actions });
    }

    private async Task<IResult> ExportAsync(AuditBody body, HttpContext context)
    {
        var query = Query(body) with { Before = 0 };
        var rows = database.Read(c => AuditReading.Find(c, query, MostExported + 1));
        if (rows.Count > MostExported)
            return Refusal.Of(400, "export_too_large");
        await access.AuditAsync(new AuditRow(context.Account(), "audit_exported", Words(query), $"{rows.Count} rows"));
        // A mark of the order of bytes, without which spreadsheets take Chinese for something else.
        var csv = new StringBuilder("\uFEFFseq,time_utc,actor,action,subject,purpose\r\n");
        foreach (var row in rows)
        {
            _ = csv.Append(row.Seq).Append(',').Append(DateTimeOffset.FromUnixTimeMilliseconds(row.At).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            foreach (var field in (string[])[row.Actor, row.Action, row.Subject, row.Purpose])
                _ = csv.Append(',').Append(Field(field));
            _ = csv.Append("\r\n");
        }
        return Results.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", "audit.csv");
    }

    private async Task<IResult> ReportAsync(ReportBody body, HttpContext context)
    {
        try
        {
            var now = time.GetUtcNow();
            var month = ReportMonth.Parse(body.Month ?? "", body.TimeZone ?? "Asia/Shanghai", now);
            var language = body.Language switch { "zh" => PageLanguage.Zh, "en" => PageLanguage.En, _ => PageLanguage.Both };
            var page = await Task.Run(() => UsagePage.Render(UsageReportMaker.Make(database, sealing, month, now), language));
            await access.AuditAsync(new AuditRow(context.Account(), "report_made", month.Name, ""));
            return Results.File(Encoding.UTF8.GetBytes(page), "text/html; charset=utf-8", $"report-{month.Name}.html");
        }
        catch (CentreException e)
        {
            return Administration.Refused(400, "bad_month", e.Message);
        }
    }

    /// <summary>Without what is sealed: that is read for answering, by the command line and with a purpose.</summary>
    private async Task<IResult> RequestsAsync(HttpContext context)
    {
        var requests = database.Read(connection => RequestTable.List(connection, closedToo: true));
        await access.AuditAsync(new AuditRow(context.Account(), "requests_listed", "", ""));
        var today = $"{LocalCalendar.Today(LocalCalendar.Zone("Asia/Shanghai"), time.GetUtcNow()):yyyy-MM-dd}";
        return Administration.Ok(new
        {
            today,
            requests = requests.Select(row => new
            {
                row.Reference,
                row.Kind,
                row.Channel,
                row.ReceivedOn,
                row.DueOn,
                row.State,
                row.Ground,
                row.ClosedOn,
                late = string.CompareOrdinal(row.ClosedOn ?? today, row.DueOn) > 0,
            }),
        });
    }

    private static AuditQuery Query(AuditBody body) => new(
        Cut(body.Actor), Cut(body.Action), Cut(body.Subject), Math.Max(0, body.FromUnixMs ?? 0), Math.Max(0, body.ToUnixMs ?? 0), Math.Max(0, body.Before ?? 0));

    private static string Cut(string? text) => (text?.Trim() ?? "") is { Length: > 64 } longer ? longer[..64] : text?.Trim() ?? "";

    private static string Words(AuditQuery query) => string.Join(' ', new[]
    {
        query.Actor.Length > 0 ? $"actor={query.Actor}" : "", query.Action.Length > 0 ? $"action={query.Action}" : "",
        query.Subject.Length > 0 ? $"subject={query.Subject}" : "", query.FromUnixMs > 0 ? $"from={query.FromUnixMs}" : "", query.ToUnixMs > 0 ? $"to={query.ToUnixMs}" : "",
    }.Where(word => word.Length > 0));

    // Quoted always; and what a spreadsheet would run as a formula begins with a quote mark, so that it shows it.
    private static string Field(string text) => $"\"{(text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
