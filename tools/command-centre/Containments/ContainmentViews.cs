using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Containments;

/// <param name="State">open, ordered, read, on_the_way, held, left, or unknown where the car's place is not known.</param>
internal sealed record PostView(
    string PostId, string Name, double Latitude, double Longitude, string UnitId, string State, double? Metres, long? OrderedAtUnixMs, long? ReadAtUnixMs, long? ArrivedAtUnixMs);

/// <param name="Closed">Cars stand at both its ends.</param>
internal sealed record PieceView(IReadOnlyList<double[]> Line, bool Closed);

internal sealed record ContainmentView(
    Guid OperationId, string Name, string Reason, string Account, long StartedAtUnixMs, long? EndedAtUnixMs, string EndReason, string EndedBy, CordonShape Cordon,
    IReadOnlyList<PostView> Posts, IReadOnlyList<PieceView> Pieces);

/// <summary>A cordon as it stands, by the live positions of its cars.</summary>
internal sealed class ContainmentViews(ContainmentTable table, CarChoice cars, TimeProvider time)
{
    private const long ShownAfterEndMs = 12 * 3_600_000;
    private const double NearerMetres = 100;

    public IReadOnlyList<ContainmentView> Now(string district) =>
        [.. Recent().Where(operation => district.Length == 0 || operation.District == district).Select(View)];

    public IReadOnlyList<Containment> Recent() => table.Since(time.GetUtcNow().ToUnixTimeMilliseconds() - ShownAfterEndMs);

    public ContainmentView View(Containment operation)
    {
        var posts = operation.Posts.Select(post => View(operation, post)).ToList();
        return new ContainmentView(
            operation.OperationId, operation.Name, operation.Reason, operation.Account, operation.StartedAtUnixMs, operation.EndedAtUnixMs, operation.EndReason,
            operation.EndedBy, operation.Cordon, posts, Pieces(operation.Cordon, posts));
    }

    /// <summary>Null: nobody was sent, or where the car is is not known.</summary>
    public double? Metres(ContainmentPost post) =>
        post.UnitId.Length > 0 && cars.Place(post.UnitId) is { } place ? new LocalPlane(post.Latitude, post.Longitude).Of(place).Length : null;

    private PostView View(Containment operation, ContainmentPost post)
    {
        var metres = operation.EndedAtUnixMs is null ? Metres(post) : null;
        long? read = operation.Read.TryGetValue(post.InstructionId, out var at) ? at : null;
        var state = post.UnitId.Length == 0 ? "open"
            : operation.EndedAtUnixMs is not null ? post.ArrivedAtUnixMs is null ? "ordered" : "held"
            : metres <= Containment.HoldMetres ? "held"
            : post.ArrivedAtUnixMs is not null ? metres is null ? "unknown" : "left"
            : metres is { } far && post.OrderedMetres is { } was && was - far >= NearerMetres ? "on_the_way"
            : read is not null ? "read"
            : "ordered";
        return new PostView(
            post.PostId, post.Name, post.Latitude, post.Longitude, post.UnitId, state, metres is { } m ? Math.Round(m) : null, post.OrderedAtUnixMs, read, post.ArrivedAtUnixMs);
    }

    private static List<PieceView> Pieces(CordonShape shape, List<PostView> posts)
    {
        if (Cordon.Of(shape) is not { } cordon || posts.Count == 0)
            return [];
        var around = posts.Select(post => (Post: post, Along: cordon.MetresAlong(cordon.Plane.Of(post.Latitude, post.Longitude)))).OrderBy(one => one.Along).ToList();
        return [.. around.Select((one, n) =>
        {
            var (next, state) = (around[(n + 1) % around.Count], one.Post.State);
            return new PieceView(cordon.Piece(one.Along, next.Along), state == "held" && next.Post.State == "held");
        })];
    }
}
