using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

/// <summary>Pictures as data URLs or plain base64, JPEG. Consent: the officer has agreed, before the administrator.</summary>
internal sealed record OfficerFacesBody(IReadOnlyList<string>? Pictures, bool Consent);

/// <summary>Enrols an officer's face for sign-in, with their consent, and takes it back out of every car when they withdraw it.</summary>
internal sealed class OfficerFaceAdmin(CommitQueue commits, FaceEnrolment enrolment)
{
    // Base64 is a third larger.
    private const long MostBodyBytes = OfficerFaces.MostPictures * (OfficerFaces.MostPictureBytes * 4L / 3 + 1024);

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/admin/rosters/{unitId}/officers/{officerId}/faces", EnrolAsync)
            .Needs(Permission.ManageOfficers).Costly().TakesUpTo(MostBodyBytes);
        _ = api.MapPost("/admin/officers/{officerId}/faces/withdraw", WithdrawAsync).Needs(Permission.ManageOfficers);
    }

    private async Task<IResult> EnrolAsync(string unitId, string officerId, OfficerFacesBody body, HttpContext context)
    {
        if (!body.Consent)
            return Refusal.Of(400, "consent_required");
        IReadOnlyList<FaceTemplate> faces;
        try
        {
            byte[][] pictures = [.. (body.Pictures ?? []).Select(Bytes)];
            faces = await Task.Run(() => OfficerFaces.Enrol(pictures), context.RequestAborted);
        }
        catch (PictureException e)
        {
            var why = string.Concat(e.Fault.ToString().Select((c, at) => char.IsUpper(c) ? (at == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
            return Results.Json(new { code = "bad_pictures", detail = e.Message, why, e.Picture, e.Other }, ConsoleJson.Options, statusCode: 400);
        }
        catch (Exception e) when (e is CentreException or FormatException)
        {
            return Administration.Refused(400, "bad_pictures", e.Message);
        }
        var account = context.Account();
        var (refusal, version) = await commits.CommitAsync(transaction =>
        {
            if (UnitTable.Find(transaction, unitId) is not { RevokedAt: null } unit || !UnitAdmin.IsReached(context, unit.District))
                return ("unknown_unit", 0L);
            var issued = enrolment.Enrol(transaction, unitId, officerId, faces, account);
            return (issued > 0 ? "" : "unknown_officer", issued);
        });
        return refusal.Length == 0 ? Administration.Ok(new { rosterVersion = version }) : Refusal.Of(404, refusal);
    }

    private async Task<IResult> WithdrawAsync(string officerId, HttpContext context)
    {
        var account = context.Account();
        var cars = await commits.CommitAsync(transaction => enrolment.Withdraw(transaction, officerId, account));
        return cars > 0 ? Administration.Ok(new { cars }) : Refusal.Of(404, "unknown_officer");
    }

    private static byte[] Bytes(string picture)
    {
        var bytes = Convert.FromBase64String(picture[(picture.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        return bytes.Length <= OfficerFaces.MostPictureBytes ? bytes : throw new CentreException("A picture has more than 2 MB.");
    }
}
