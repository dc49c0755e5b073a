namespace EdgeAgent.CommandCentre.Containments;

/// <summary>One post of a cordon and who was sent there.</summary>
internal sealed record ContainmentPost
{
    public required string PostId { get; init; }
    public required string Name { get; init; }
    public required double Latitude { get; init; }
    public required double Longitude { get; init; }

    /// <summary>"": nobody was sent.</summary>
    public string UnitId { get; init; } = "";
    public Guid InstructionId { get; init; }
    public long? OrderedAtUnixMs { get; init; }

    /// <summary>How far away the car was when it was sent; null where that was not known.</summary>
    public double? OrderedMetres { get; init; }

    /// <summary>When the car that is sent was first seen there.</summary>
    public long? ArrivedAtUnixMs { get; init; }
}

/// <summary>A cordon (封控) with its posts, from its order to its end.</summary>
internal sealed record Containment
{
    public const int MostPosts = PostProposal.MostPosts, MostOpen = 20;
    public const int MostName = 40, LeastReason = 3, MostReason = 200;

    /// <summary>Within this of its post a car stands there.</summary>
    public const double HoldMetres = 60;

    /// <summary>A straight line at this speed: an order of who is nearer, no promise of when.</summary>
    public const double MetresPerSecond = 30 / 3.6;

    public required Guid OperationId { get; init; }
    public required string Name { get; init; }
    public required string Reason { get; init; }

    /// <summary>Whose it is: "" the city's.</summary>
    public required string District { get; init; }
    public required string Account { get; init; }
    public required long StartedAtUnixMs { get; init; }
    public required CordonShape Cordon { get; init; }
    public required IReadOnlyList<ContainmentPost> Posts { get; init; }
    public long? EndedAtUnixMs { get; init; }
    public string EndReason { get; init; } = "";
    public string EndedBy { get; init; } = "";

    /// <summary>Instructions that were read, and when; from its own table.</summary>
    public IReadOnlyDictionary<Guid, long> Read { get; init; } = new Dictionary<Guid, long>();
}
