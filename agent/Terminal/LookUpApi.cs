using EdgeAgent.Agent.LookUps;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/look-ups: one question at a time, and this session's answers while they are kept.</summary>
internal static class LookUpApi
{
    internal sealed record LookUpBody(string? Kind, string? Subject, string? Purpose, string? Reason, string? CallId);

    public static void MapLookUps(this WebApplication app)
    {
        RouteGroupBuilder lookUps = app.MapGroup("/api/look-ups").AddEndpointFilter(TerminalApi.SignedIn);
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        _ = lookUps.MapGet("", (HttpContext http, LookUpDesk book) => book.Of(TerminalApi.OfficerOf(http)).Select(r => Shown(r, book.Kept)));
        // Not ended when the page goes away: what was asked is answered to the session.
        _ = lookUps.MapPost("", async (LookUpBody body, HttpContext http, LookUpDesk book) =>
            Answer(await book.AskAsync(Question(body), TerminalApi.OfficerOf(http), stopping), book.Kept));
    }

    private static LookUpQuestion Question(LookUpBody body) => new(
        Enum.GetValues<LookUpKind>().FirstOrDefault(k => LookUpRules.Word(k) == body.Kind),
        body.Subject ?? "",
        Enum.GetValues<LookUpPurpose>().FirstOrDefault(p => LookUpRules.Word(p) == body.Purpose),
        body.Reason ?? "",
        body.CallId is { Length: 32 } id && id.All(char.IsAsciiHexDigit) ? ByteString.CopyFrom(Convert.FromHexString(id)) : ByteString.Empty);

    private static IResult Answer(LookUpVerdict verdict, TimeSpan kept) => verdict.Code switch
    {
        _ when verdict.Result is { } result => Results.Json(Shown(result, kept)),
        LookUpCodes.RateLimited => Results.Json(new { verdict.Code, retryAfterS = (int)Math.Ceiling(verdict.Wait.TotalSeconds) }, statusCode: 429),
        LookUpCodes.NotSignedIn => TerminalApi.Refused(401, "no_session"),
        LookUpCodes.OfficerNotOnRoster => TerminalApi.Refused(403, verdict.Code),
        LookUpCodes.NoLink or LookUpCodes.NoAnswer or LookUpCodes.NotAvailable => TerminalApi.Refused(503, verdict.Code),
        _ => TerminalApi.Refused(400, verdict.Code),
    };

    private static object Shown(LookUpResult r, TimeSpan kept) => new
    {
        r.Id,
        kind = LookUpRules.Word(r.Kind),
        r.Subject,
        purpose = LookUpRules.Word(r.Purpose),
        r.AtUnixMs,
        expiresAtUnixMs = r.AtUnixMs + (long)kept.TotalMilliseconds,
        outcome = Words.Of(r.Reply.Outcome),
        plateClass = r.Reply.PlateClass == PlateClass.Unspecified ? "" : Words.Of(r.Reply.PlateClass),
        r.Reply.Vehicle,
        r.Reply.DisplayName,
        statuses = r.Reply.Statuses.Select(s => new { fact = Words.Of(s.Fact), state = Words.Of(s.State), s.DateUnixMs }),
    };
}
