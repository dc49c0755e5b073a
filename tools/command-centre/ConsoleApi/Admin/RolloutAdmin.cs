using EdgeAgent.CommandCentre.Releases;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi.Admin;

internal sealed record RolloutBody(string? Version, IReadOnlyList<IReadOnlyList<string>>? Rings, int? SoakMinutes, int? BackMinutes);

/// <summary>Releases and their way through rings.</summary>
internal sealed class RolloutAdmin(RolloutTable rollouts, RolloutBook book, ReleaseStore releases, CommitQueue commits, SessionRegistry sessions, TimeProvider time)
{
    private const int MostRings = 10, MostUnits = 20_000;
    private const int MostSoakMinutes = 30 * 24 * 60, MostBackMinutes = 7 * 24 * 60;

    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapGet("/admin/releases", (HttpContext context) => Administration.Ok(View())).Needs(Permission.ManageReleases);
        _ = api.MapPost("/admin/rollouts", BeginAsync).Needs(Permission.ManageReleases);
        foreach (var act in (string[])["pause", "resume", "roll_back"])
            _ = api.MapPost($"/admin/rollouts/{{id:guid}}/{act}", (Guid id, ReasonBody body, HttpContext context) => ActAsync(id, act, body, context)).Needs(Permission.ManageReleases);
    }

    private object View() => new
    {
        releases = releases.All().Select(release => new { release.Version, release.SizeBytes, addedAtUnixMs = release.AddedAt, release.Units }),
        rollouts = rollouts.All().Select(rollout => new
        {
            rolloutId = Uuid7.ToGuid(rollout.RolloutId),
            rollout.Version,
            rollout.State,
            rollout.Ring,
            rollout.SoakMinutes,
            rollout.BackMinutes,
            rollout.MadeBy,
            madeAtUnixMs = rollout.MadeAt,
            rollout.StopCode,
            rollout.StopUnit,
            rings = rollouts.Units(rollout.RolloutId).GroupBy(unit => unit.Ring).OrderBy(ring => ring.Key).Select(ring => new
            {
                ring = ring.Key,
                counts = ring.GroupBy(unit => unit.State).ToDictionary(state => state.Key, state => state.Count()),
                units = ring.Select(unit => new { unit.UnitId, unit.State, unit.Before, unit.OfferedAt, unit.FetchedAt, unit.InstalledAt, unit.Code }),
            }),
        }),
    };

    private async Task<IResult> BeginAsync(RolloutBody body, HttpContext context)
    {
        if (Visibility.DistrictOf(context).Length > 0)
            return Refusal.Of(403, "other_district");
        var rings = body.Rings?.Select(ring => (IReadOnlyList<string>)[.. (ring ?? []).OfType<string>()]).ToList() ?? [];
        if (rings.Count > MostRings || rings.Sum(ring => ring.Count) > MostUnits)
            return Refusal.Of(400, "too_many_rings");
        if (body.SoakMinutes is not (>= 0 and <= MostSoakMinutes) || body.BackMinutes is not (>= 1 and <= MostBackMinutes))
            return Refusal.Of(400, "bad_soak");
        var id = Uuid7.New(time);
        var rollout = new Rollout
        {
            RolloutId = id,
            Version = body.Version ?? "",
            SoakMinutes = body.SoakMinutes.Value,
            BackMinutes = body.BackMinutes.Value,
            MadeBy = context.Account(),
            MadeAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var (problem, told) = await commits.CommitAsync(transaction =>
            book.Begin(transaction, rollout, rings) is { Length: > 0 } refused ? (refused, []) : ("", book.Move(transaction, rollout)));
        foreach (var unitId in told)
            sessions.CommandsWait(unitId);
        return problem.Length > 0 ? Refusal.Of(400, problem) : Administration.Ok(new { rolloutId = Uuid7.ToGuid(id) });
    }

    private async Task<IResult> ActAsync(Guid id, string act, ReasonBody body, HttpContext context)
    {
        var (account, reason) = (context.Account(), body.Reason?.Trim() ?? "");
        if (Visibility.DistrictOf(context).Length > 0)
            return Refusal.Of(403, "other_district");
        if (Administration.ReasonProblem(reason) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        var refusal = await commits.CommitAsync(transaction => book.Act(transaction, Uuid7.ToBytes(id), act, account, reason));
        return refusal.Length == 0 ? Results.NoContent() : Refusal.Of(refusal == "unknown_rollout" ? 404 : 409, refusal);
    }
}
