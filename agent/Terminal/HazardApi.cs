using EdgeAgent.Agent.Hazards;
using EdgeAgent.Agent.Positions;

namespace EdgeAgent.Agent.Terminal;

/// <summary>/api/pictures: taken at the first touch; /api/hazards: reported at the second.</summary>
internal static class HazardApi
{
    internal sealed record PictureBody(string? CameraId);

    internal sealed record HazardBody(string? Kind, string? Note, Guid? PictureId);

    public static void MapHazards(this WebApplication app)
    {
        RouteGroupBuilder pictures = app.MapGroup("/api/pictures").AddEndpointFilter(TerminalApi.SignedIn);
        _ = pictures.MapPost("", async (PictureBody body, HttpContext http, TakenPictures taken) =>
        {
            (TakenPicture? picture, string code) = await taken.TakeAsync(body.CameraId ?? "", TerminalApi.OfficerOf(http), http.RequestAborted);
            return picture is null
                ? TerminalApi.Refused(code == "unknown_camera" ? 404 : 409, code)
                : Results.Json(new { picture.Id, picture.Still.CameraId, picture.Still.CapturedUnixMs });
        });
        _ = pictures.MapGet("/{id:guid}.jpg", (Guid id, HttpContext http, TakenPictures taken) => PrivatePicture.SendAsync(http, taken.BytesOf(id, TerminalApi.OfficerOf(http))));
        _ = pictures.MapDelete("/{id:guid}", (Guid id, HttpContext http, TakenPictures taken) =>
        {
            if (taken.Find(id, TerminalApi.OfficerOf(http)) is not null)
                taken.LetGo(id);
            return Results.NoContent();
        });
        RouteGroupBuilder hazards = app.MapGroup("/api/hazards").AddEndpointFilter(TerminalApi.SignedIn);
        _ = hazards.MapPost("", (HazardBody body, HttpContext http, HazardBook book, TakenPictures taken, PositionBook positions) => Report(body, http, book, taken, positions));
        _ = hazards.MapDelete("/{id:guid}", (Guid id, HazardBook book) => Answer(book.Undo(id)));
        _ = hazards.MapPost("/{id:guid}/closed", (Guid id, HttpContext http, HazardBook book) => Answer(book.Close(id, TerminalApi.OfficerOf(http))));
    }

    private static IResult Report(HazardBody body, HttpContext http, HazardBook book, TakenPictures taken, PositionBook positions)
    {
        // A picture that went by its clock meanwhile: the officer is told, and can report without one.
        TakenPicture? picture = body.PictureId is { } wanted ? taken.Find(wanted, TerminalApi.OfficerOf(http)) : null;
        if (body.PictureId is not null && picture is null)
            return TerminalApi.Refused(409, "picture_gone");
        (string code, Guid id) = book.Report(body.Kind ?? "", body.Note ?? "", picture, picture?.Position ?? positions.Current, TerminalApi.OfficerOf(http));
        if (code.Length > 0)
            return TerminalApi.Refused(400, code);
        if (picture is not null)
            taken.LetGo(picture.Id);
        return Results.Json(new { id, undoMs = (int)HazardBook.UndoTime.TotalMilliseconds });
    }

    private static IResult Answer(string code) => code switch
    {
        "" => Results.NoContent(),
        "unknown_hazard" => TerminalApi.Refused(404, code),
        _ => TerminalApi.Refused(409, code),
    };
}
