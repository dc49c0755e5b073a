namespace EdgeAgent.Chaos.Disk;

/// <summary>When what happens, in seconds of the simulated shift.</summary>
/// <param name="Seed">What everything random follows from.</param>
/// <param name="Seconds">Length of the shift.</param>
/// <param name="FillAt">Another program has filled the disk; from then on it takes what comes free.</param>
/// <param name="FreeAt">Somebody has tidied up.</param>
/// <param name="KillAt">The car's process is killed with SIGKILL and started again.</param>
/// <param name="ReserveBytes">What the outbox holds back.</param>
internal sealed record DiskPlan(int Seed, int Seconds, int FillAt, int FreeAt, IReadOnlyList<int> KillAt, long ReserveBytes)
{
    public const long DiskBytes = 128L << 20;
    private const int ShortestMinutes = 3;
    private const int Kills = 4;

    public static DiskPlan Make(int seed, int minutes, bool withReserve)
    {
        if (minutes < ShortestMinutes)
            throw new ScenarioException($"A shift of {minutes} minutes is too short for a disk to fill and empty in; {ShortestMinutes} at least.");
        var random = new Random(seed);
        int seconds = minutes * 60;
        int fill = random.Next(seconds / 10, seconds / 4), free = random.Next(seconds * 3 / 4, seconds * 17 / 20);
        // On the full disk, all of them.
        int[] kills = [.. Enumerable.Range(0, Kills).Select(_ => random.Next(fill + 10, free)).Order()];
        return new DiskPlan(seed, seconds, fill, free, kills, withReserve ? 32L << 20 : 0);
    }
}
