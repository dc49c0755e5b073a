namespace EdgeAgent.Contract;

/// <summary>What an officer can report as a hazard; a closed set, so that a glove finds it and a board counts it.</summary>
public static class HazardKinds
{
    public const int MostNote = 500;

    public static IReadOnlyList<string> All { get; } =
    [
        "blocked_fire_lane", "smoke", "broken_light", "road_damage", "open_manhole", "fallen_tree", "power_line", "flooding", "signal_fault", "crowding",
        "obstacle", "other",
    ];
}
