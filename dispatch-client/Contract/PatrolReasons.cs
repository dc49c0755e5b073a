namespace EdgeAgent.Contract;

/// <summary>Why an item of the plan was missed, as an officer says it; a closed set, so that one touch is enough.</summary>
public static class PatrolReasons
{
    public const int MostWords = 200;

    public const string Other = "other";

    public static IReadOnlyList<string> All { get; } = ["on_call", "ordered_elsewhere", "road_closed", "traffic", "vehicle_fault", "weather", Other];
}
