namespace EdgeAgent.Chaos.Disk;

/// <summary>What came of a shift on a full disk.</summary>
internal sealed record DiskFigures
{
    public required int Seed { get; init; }

    public required int Minutes { get; init; }

    public required string FileSystem { get; init; }

    public required long DiskMib { get; init; }

    public required long ReserveMib { get; init; }

    public required double FilledAtMinute { get; init; }

    public required double FreedAtMinute { get; init; }

    /// <summary>SIGKILLs of the process that writes, all on the full disk.</summary>
    public required int Kills { get; init; }

    public required int Decisions { get; init; }

    /// <summary>Taken by the outbox and not at the centre in the end; call steps and audit heads included.</summary>
    public required int DecisionsLost { get; init; }

    public required int DecisionsRefusedByFullDisk { get; init; }

    /// <summary>Taken, by kind.</summary>
    public required IReadOnlyDictionary<string, int> Taken { get; init; }

    /// <summary>Not taken because the disk was full, by kind.</summary>
    public required IReadOnlyDictionary<string, int> NotTaken { get; init; }

    /// <summary>Taken and later dropped to make room, by kind.</summary>
    public required IReadOnlyDictionary<string, int> Dropped { get; init; }

    /// <summary>Numbers that tombstones stand for, and what the outbox counted as dropped.</summary>
    public required long Tombstoned { get; init; }

    public required long CountedDropped { get; init; }

    /// <summary>Dropped numbers that no tombstone names, and tombstoned ones that are at the centre all the same.</summary>
    public required int TombstonesWrong { get; init; }

    public required int PicturesDelivered { get; init; }

    /// <summary>Of events that were taken without them, for want of room.</summary>
    public required long PicturesParked { get; init; }

    public required string Message { get; init; }

    /// <summary>Simulated, from the space's return until the outbox took everything again; null: it never did.</summary>
    public required int? SecondsUntilRecovered { get; init; }

    public required long AtCentre { get; init; }

    public required long DoublesAtCentre { get; init; }

    public required long MissingAtCentre { get; init; }

    public required long Left { get; init; }

    public IEnumerable<string> Wrong()
    {
        if (Decisions == 0 || NotTaken.Count == 0)
            yield return "the disk was never full under load, so nothing was tried";
        if (DecisionsLost > 0)
            yield return $"{DecisionsLost} decisions, call steps or audit heads that the outbox had taken are not at the centre";
        if (DecisionsRefusedByFullDisk > 0)
            yield return $"{DecisionsRefusedByFullDisk} decisions, call steps or audit heads were refused because the disk was full";
        if (TombstonesWrong > 0 || Tombstoned != CountedDropped)
            yield return $"tombstones stand for {Tombstoned} numbers, {CountedDropped} were dropped, {TombstonesWrong} do not agree";
        if (!Message.Contains("is full", StringComparison.Ordinal))
            yield return "nobody was told that the disk is full";
        if (SecondsUntilRecovered is null)
            yield return "the outbox did not recover by itself once there was space";
        if (DoublesAtCentre > 0 || MissingAtCentre > 0 || Left > 0)
            yield return $"at the centre {DoublesAtCentre} events are double and {MissingAtCentre} numbers missing; {Left} were not delivered";
    }
}
