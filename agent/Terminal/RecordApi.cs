using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Records;
using Microsoft.AspNetCore.Mvc;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/records: case records, step by step; /api/requests: what people ask for at the window.</summary>
internal static class RecordApi
{
    private const int MostBodyBytes = 512 << 10;

    internal sealed record BeginBody(string? CallId);

    internal sealed record PersonBody(string? Role, string? Name, string? IdNumber, string? Phone, string? Statement, bool Refused);

    internal sealed record FieldsBody(
        string? Kind, string? CallId, string? Place, long HappenedAtUnixMs, IReadOnlyList<PersonBody>? Persons, string? Statement, string? Outcome, string? LegalBasis);

    internal sealed record PictureBody(Guid PictureId);

    internal sealed record SignatureBody(int? Person, string? Png);

    internal sealed record RequestBody(string? Kind, string? What, string? Place, string? Contact, string? Office, Guid? PictureId);

    public static void MapRecords(this WebApplication app)
    {
        RouteGroupBuilder records = app.MapGroup("/api/records").AddEndpointFilter(TerminalApi.SignedIn);
        // A statement and a signature are larger than anything else that a page sends.
        _ = records.WithMetadata(new RequestSizeLimitAttribute(MostBodyBytes));
        _ = records.MapPost("", (BeginBody body, HttpContext http, RecordBook book) =>
            book.Begin(body.CallId ?? "", TerminalApi.OfficerOf(http)) is { } draft ? Results.Json(Shown(draft)) : TerminalApi.Refused(409, "too_many_records"));
        _ = records.MapGet("/{id:guid}", (Guid id, HttpContext http, RecordBook book) =>
            book.Open(id, TerminalApi.OfficerOf(http), "read") is { } draft ? Results.Json(Shown(draft)) : TerminalApi.Refused(404, "unknown_record"));
        _ = records.MapPost("/{id:guid}", (Guid id, FieldsBody body, RecordBook book) => Answer(book.Write(id, Fields(body))));
        _ = records.MapPost("/{id:guid}/printed", (Guid id, HttpContext http, RecordBook book) =>
            Answer(book.Open(id, TerminalApi.OfficerOf(http), "printed") is null ? "unknown_record" : ""));
        _ = records.MapPost("/{id:guid}/finish", (Guid id, HttpContext http, RecordBook book) => Answer(book.Finish(id, TerminalApi.OfficerOf(http))));
        _ = records.MapDelete("/{id:guid}", (Guid id, HttpContext http, RecordBook book) => Answer(book.Discard(id, TerminalApi.OfficerOf(http))));
        records.MapPictures();
        app.MapRequests();
    }

    private static void MapPictures(this RouteGroupBuilder records)
    {
        _ = records.MapPost("/{id:guid}/pictures", (Guid id, PictureBody body, HttpContext http, RecordBook book, TakenPictures taken) =>
        {
            if (taken.Find(body.PictureId, TerminalApi.OfficerOf(http)) is not { } picture)
                return TerminalApi.Refused(409, "picture_gone");
            string code = book.AddPicture(id, picture.Still.Jpeg);
            if (code.Length == 0)
                taken.LetGo(body.PictureId);
            return Answer(code);
        });
        _ = records.MapDelete("/{id:guid}/pictures/{sha256:length(64)}", (Guid id, string sha256, RecordBook book) => Answer(book.RemovePicture(id, sha256)));
        _ = records.MapPost("/{id:guid}/signatures", (Guid id, SignatureBody body, RecordBook book) =>
        {
            byte[] png = new byte[((body.Png?.Length ?? 0) * 3 / 4) + 3];
            return Convert.TryFromBase64String(body.Png ?? "", png, out int bytes) ? Answer(book.Sign(id, body.Person, png[..bytes])) : TerminalApi.Refused(400, "bad_png");
        });
        _ = records.MapGet("/{id:guid}/pictures/{sha256:length(64)}", SendAsync);
    }

    private static void MapRequests(this WebApplication app)
    {
        RouteGroupBuilder requests = app.MapGroup("/api/requests").AddEndpointFilter(TerminalApi.SignedIn);
        _ = requests.MapPost("", (RequestBody body, HttpContext http, RequestBook book, TakenPictures taken) =>
        {
            byte[]? picture = body.PictureId is { } wanted ? taken.BytesOf(wanted, TerminalApi.OfficerOf(http)) : null;
            if (body.PictureId is not null && picture is null)
                return TerminalApi.Refused(409, "picture_gone");
            var asked = new WindowRequest(default, body.Kind ?? "", body.What ?? "", body.Place ?? "", body.Contact ?? "", body.Office ?? "", 0, "", "");
            (string code, Guid id) = book.Send(asked, picture, TerminalApi.OfficerOf(http));
            if (code.Length > 0)
                return Answer(code);
            if (body.PictureId is { } used)
                taken.LetGo(used);
            return Results.Json(new { id });
        });
        _ = requests.MapGet("/{id:guid}", (Guid id, HttpContext http, RequestBook book) =>
            book.Open(id, TerminalApi.OfficerOf(http)) is { } r
                ? Results.Json(new { r.Id, r.Kind, r.What, r.Place, r.Contact, r.Office, r.AtUnixMs, state = Words.Of(r.State), r.Answer })
                : TerminalApi.Refused(404, "unknown_record"));
    }

    private static CaseFields Fields(FieldsBody body) => new(
        body.Kind ?? "", body.CallId ?? "", body.Place ?? "", body.HappenedAtUnixMs,
        [.. (body.Persons ?? []).Select(p => new CasePerson(p.Role ?? "", p.Name ?? "", p.IdNumber ?? "", p.Phone ?? "", p.Statement ?? "", p.Refused))],
        body.Statement ?? "", body.Outcome ?? "", body.LegalBasis ?? "");

    private static Task SendAsync(Guid id, string sha256, HttpContext http, RecordBook book) =>
        PrivatePicture.SendAsync(http, sha256.All(char.IsAsciiHexDigitLower) ? book.PictureOf(id, sha256) : null);

    private static object Shown(CaseDraft d) => new
    {
        d.Id,
        state = d.State == Patrol.Dispatch.V1.FieldState.Unspecified ? "draft" : Words.Of(d.State),
        d.CreatedAtUnixMs,
        d.OfficerId,
        d.Fields,
        d.PersonSignatures,
        d.OfficerSignature,
        d.Pictures,
        d.Answer,
    };

    private static IResult Answer(string code) => code switch
    {
        "" => Results.NoContent(),
        "unknown_record" => TerminalApi.Refused(404, code),
        "already_sent" or "picture_gone" or "too_many_records" => TerminalApi.Refused(409, code),
        _ => TerminalApi.Refused(400, code),
    };
}
