using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record EntrySearchBody(string? Search, string? Purpose);

internal sealed record AlarmView(long Id, long AtUnixMs, string Actor, string Way, string ListId, string TitleZh, string TitleEn, string CanaryId, string Purpose);

/// <summary>
/// Entries of lists, read by those who may, for a purpose, in the audit before they are shown; and the alarms that reading the wrong
/// ones raises. A search is a POST: a plate in an address would lie in histories and logs.
/// </summary>
internal sealed class EntryEndpoints(
    EntryReading reading, ReadingLimit limit, AlarmTable alarms, ListTable lists, CommitQueue commits, ConsoleFeed feed)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/lists/{listId}/entries", SearchAsync).Needs(Permission.ReadEntries);
        _ = api.MapGet("/alarms", (HttpContext context) => Results.Json(OpenFor(context), ConsoleJson.Options)).Needs(Permission.ReadAlarms);
        _ = api.MapPost("/alarms/{id:long}/acknowledge", AcknowledgeAsync).Needs(Permission.ReadAlarms);
    }

    /// <summary>Empty for whoever may not read alarms.</summary>
    public IReadOnlyList<AlarmView> OpenFor(HttpContext context)
    {
        if (!context.May(Permission.ReadAlarms) || alarms.OpenFor(context.Account()) is not { Count: > 0 } open)
            return [];
        var known = lists.All().ToDictionary(list => list.ListId);
        return [.. open.Select(alarm => new AlarmView(
            alarm.Seq, alarm.At, alarm.Actor, alarm.Way, alarm.ListId, known.GetValueOrDefault(alarm.ListId)?.TitleZh ?? "",
            known.GetValueOrDefault(alarm.ListId)?.TitleEn ?? "", alarm.CanaryId, alarm.Purpose))];
    }

    private async Task<IResult> SearchAsync(string listId, EntrySearchBody body, HttpContext context)
    {
        var (search, purpose) = (body.Search?.Trim() ?? "", body.Purpose?.Trim() ?? "");
        if (EntryReading.Problem(search, purpose) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        if (limit.Take(context.Account()) is { } wait)
            return Results.Json(new { code = "too_many_readings", retryAfterS = (int)Math.Ceiling(wait.TotalSeconds) }, statusCode: StatusCodes.Status429TooManyRequests);
        if (reading.Search(listId, search, new Reader(context.Account(), "console", purpose)) is not { } read)
            return Refusal.Of(404, "list_not_in_force");
        // Without the request's token: who hangs up early has read all the same.
        _ = await commits.CommitAsync(transaction =>
        {
            read.WriteDown(transaction);
            return 0;
        });
        return Results.Json(read.Found, ConsoleJson.Options);
    }

    private async Task<IResult> AcknowledgeAsync(long id, HttpContext context, TimeProvider time)
    {
        var (account, now) = (context.Account(), time.GetUtcNow().ToUnixTimeMilliseconds());
        if (!await commits.CommitAsync(transaction => AlarmTable.Acknowledge(transaction, id, account, now)))
            return Refusal.Of(404, "unknown_alarm");
        feed.Changed("alarms");
        return Results.NoContent();
    }
}
