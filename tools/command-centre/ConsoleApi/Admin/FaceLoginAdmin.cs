using System.Data.Common;
using System.Text;
using Dapper;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record FaceLoginBody(string? Mode, string? Reason);

/// <summary>
/// What a face is worth at sign-in: one person proposes, another one approves, and then every car's roster is signed anew. Where a face is
/// worth nothing, no car gets one.
/// </summary>
internal sealed class FaceLoginAdmin
{
    private const string Path = "/admin/face-login";

    private readonly CentreDatabase database;
    private readonly ProposalDesk desk;
    private readonly ProposalKind kind;

    public FaceLoginAdmin(CentreDatabase database, ProposalDesk desk, RosterIssuing rosters)
    {
        (this.database, this.desk) = (database, desk);
        kind = new ProposalKind(ProposalTable.FaceLogin, FaceLoginModes.WordOf, (transaction, _, account) => new { cars = Reissue(transaction, rosters, account) });
    }

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet(Path, () => View()).Needs(Permission.ProposePolicies);
        _ = api.MapPost(Path, ProposeAsync).Needs(Permission.ProposePolicies);
        desk.Map(api, Path, kind);
    }

    private IResult View() => database.Read(c => Administration.Ok(new
    {
        current = FaceLoginModes.Word(FaceLoginModes.Current(c)),
        modes = FaceLoginModes.All.Keys,
        proposals = ProposalDesk.Shown(c, kind, FaceLoginModes.WordOf),
    }));

    private async Task<IResult> ProposeAsync(FaceLoginBody body, HttpContext context)
    {
        var mode = body.Mode ?? "";
        if (mode == "alone")
            return Refusal.Of(400, "face_unproven");
        return FaceLoginModes.All.ContainsKey(mode) ? await desk.ProposeAsync(kind, Encoding.UTF8.GetBytes(mode), body.Reason, context) : Refusal.Of(400, "bad_face_login");
    }

    private static int Reissue(DbTransaction transaction, RosterIssuing rosters, string account)
    {
        var units = transaction.Connection!.Query<string>(
            "SELECT unit_id FROM rosters JOIN units USING (unit_id) WHERE revoked_at IS NULL ORDER BY unit_id", transaction: transaction).AsList();
        foreach (var unitId in units)
            _ = rosters.Issue(transaction, unitId, account);
        return units.Count;
    }
}
