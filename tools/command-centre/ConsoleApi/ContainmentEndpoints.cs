using EdgeAgent.CommandCentre.Containments;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.ConsoleApi;

internal sealed record PostBody(string? PostId, string? Name, double Latitude, double Longitude, string? UnitId);

/// <param name="Posts">Null: propose them; else propose cars for these.</param>
internal sealed record ProposalBody(CordonShape? Cordon, IReadOnlyList<PostBody>? Posts);

internal sealed record BeginBody(string? Name, string? Reason, CordonShape? Cordon, IReadOnlyList<PostBody>? Posts);

internal sealed record AssignBody(string? UnitId);

internal sealed record EndBody(string? Reason);

/// <summary>Cordons: proposed by the centre, decided by a dispatcher or supervisor, followed by all of the district.</summary>
internal sealed class ContainmentEndpoints(
    ContainmentBook book, CarChoice cars, RoadBook roads, CommitQueue commits, SessionRegistry sessions, ConsoleFeed feed)
{
    private const double MostOffCordonMetres = 1000;

    public void Map(RouteGroupBuilder api)
    {
        var containment = api.MapGroup("/containments").Needs(Permission.WatchField);
        _ = containment.MapGet("", (HttpContext context, ContainmentViews views) => Results.Json(views.Now(Visibility.DistrictOf(context)), ConsoleJson.Options));
        _ = containment.MapPost("/proposal", (ProposalBody body, HttpContext context) => Propose(body, context));
        _ = containment.MapPost("", BeginAsync);
        _ = containment.MapPost("/{operationId:guid}/posts/{postId}", AssignAsync);
        _ = containment.MapPost("/{operationId:guid}/end", EndAsync);
        _ = api.MapGet("/roads", (double west, double south, double east, double north) =>
            Results.Json(new { roads.Installed, lines = roads.Within(west, south, east, north) }, ConsoleJson.Options)).Needs(Permission.WatchField);
    }

    private IResult Propose(ProposalBody body, HttpContext context)
    {
        if (Cordon.Of(body.Cordon) is not { } cordon)
            return Refusal.Of(400, "bad_cordon");
        if (body.Posts is { Count: > Containment.MostPosts } || body.Posts?.Any(post => !IsPlace(post)) == true)
            return Refusal.Of(400, "bad_posts");
        var proposal = body.Posts is { } own
            ? new PostProposal("own", 0, [.. own.Select((post, n) => new ProposedPost(post.PostId ?? $"p{n + 1}", post.Latitude, post.Longitude, 0))])
            : PostProposal.Of(cordon, roads);
        var candidates = cars.Cars(Visibility.DistrictOf(context));
        return Results.Json(
            new
            {
                proposal.Source,
                proposal.MergedMetres,
                roadsInstalled = roads.Installed,
                speedKmh = Containment.MetresPerSecond * 3.6,
                holdMetres = Containment.HoldMetres,
                proposal.Posts,
                assignments = CarChoice.Propose(proposal.Posts, candidates),
                cars = candidates,
            },
            ConsoleJson.Options);
    }

    private async Task<IResult> BeginAsync(BeginBody body, HttpContext context, TimeProvider time)
    {
        if (!MayOrder(context))
            return Refusal.Of(403, "not_allowed");
        var (name, reason) = (body.Name?.Trim() ?? "", body.Reason?.Trim() ?? "");
        if (Problem(name, reason, body, context) is { Length: > 0 } problem)
            return Refusal.Of(400, problem);
        var asked = new Containment
        {
            OperationId = Uuid7.ToGuid(Uuid7.New(time)),
            Name = name,
            Reason = reason,
            District = Visibility.DistrictOf(context),
            Account = context.Account(),
            StartedAtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Cordon = body.Cordon!,
            Posts = [.. body.Posts!.Select((post, n) => new ContainmentPost
            {
                PostId = $"p{n + 1}",
                Name = post.Name?.Trim() is { Length: > 0 } given ? given : $"{n + 1}",
                Latitude = post.Latitude,
                Longitude = post.Longitude,
                UnitId = post.UnitId ?? "",
            })],
        };
        return await ActAsync(async () =>
        {
            var begun = await commits.CommitAsync(transaction => book.Begin(transaction, asked, By(context)));
            Tell(begun.Posts.Select(post => post.UnitId));
            return Results.Json(new { begun.OperationId }, ConsoleJson.Options);
        });
    }

    private Task<IResult> AssignAsync(Guid operationId, string postId, AssignBody body, HttpContext context)
    {
        var unitId = body.UnitId ?? "";
        if (!MayOrder(context))
            return Task.FromResult(Refusal.Of(403, "not_allowed"));
        if (unitId.Length > 0 && !Known(context).Contains(unitId))
            return Task.FromResult(Refusal.Of(400, "unknown_unit"));
        return ActAsync(async () =>
        {
            var (_, units) = await commits.CommitAsync(transaction => book.Assign(transaction, operationId, postId, unitId, By(context)));
            Tell(units);
            return Results.NoContent();
        });
    }

    private Task<IResult> EndAsync(Guid operationId, EndBody body, HttpContext context)
    {
        var reason = body.Reason?.Trim() ?? "";
        if (!MayOrder(context))
            return Task.FromResult(Refusal.Of(403, "not_allowed"));
        if (ReasonProblem(reason) is { Length: > 0 } problem)
            return Task.FromResult(Refusal.Of(400, problem));
        return ActAsync(async () =>
        {
            var (_, units) = await commits.CommitAsync(transaction => book.End(transaction, operationId, reason, By(context)));
            Tell(units);
            return Results.NoContent();
        });
    }

    private string Problem(string name, string reason, BeginBody body, HttpContext context)
    {
        if (name.Length is 0 or > Containment.MostName)
            return "bad_operation_name";
        if (ReasonProblem(reason) is { Length: > 0 } problem)
            return problem;
        if (Cordon.Of(body.Cordon) is not { } cordon)
            return "bad_cordon";
        if (body.Posts is not { Count: > 0 and <= Containment.MostPosts } posts || posts.Any(post => !IsPlace(post) || post.Name?.Length > Containment.MostName))
            return "bad_posts";
        if (posts.Any(post => cordon.MetresFrom(cordon.Plane.Of(post.Latitude, post.Longitude)) > MostOffCordonMetres))
            return "post_off_cordon";
        var sent = posts.Select(post => post.UnitId ?? "").Where(unit => unit.Length > 0).ToList();
        return sent.Distinct().Count() != sent.Count ? "unit_twice" : sent.TrueForAll(Known(context).Contains) ? "" : "unknown_unit";
    }

    private static string ReasonProblem(string reason) =>
        reason.Length < Containment.LeastReason ? "reason_required" : reason.Length > Containment.MostReason ? "reason_too_long" : "";

    private HashSet<string> Known(HttpContext context) => [.. cars.Cars(Visibility.DistrictOf(context)).Select(car => car.UnitId)];

    private void Tell(IEnumerable<string> units)
    {
        foreach (var unitId in units.Where(unit => unit.Length > 0))
            sessions.CommandsWait(unitId);
        feed.Changed("containment");
        feed.Changed(InstructionDesk.Topic);
    }

    private static async Task<IResult> ActAsync(Func<Task<IResult>> act)
    {
        try
        {
            return await act();
        }
        catch (ContainmentFault fault)
        {
            return Refusal.Of(fault.Code is "unknown_operation" or "unknown_post" ? 404 : 409, fault.Code);
        }
    }

    // The car asks the same of the role that an instruction names.
    private static bool MayOrder(HttpContext context) => context.Role() is "dispatcher" or "supervisor";

    private static Commander By(HttpContext context) => new(context.Account(), context.Role(), Visibility.DistrictOf(context));

    private static bool IsPlace(PostBody post) => Math.Abs(post.Latitude) <= 85 && Math.Abs(post.Longitude) <= 180;
}

/// <summary>Open cordons of the viewer's district, and those that ended in the last hours.</summary>
internal sealed class ContainmentTopic(ContainmentViews views) : IConsoleTopic
{
    public string Type => "containment";

    public Permission Needs => Permission.WatchField;

    public object Now(HttpContext viewer) => views.Now(Visibility.DistrictOf(viewer));
}
