namespace EdgeAgent.DispatchClient.Releases;

/// <summary>What became of a version in the slots.</summary>
public enum SlotDeed
{
    /// <summary>Written, and current from the next start on.</summary>
    Installed,

    /// <summary>Started for the first time.</summary>
    Tried,

    Good,

    /// <summary>A start of it failed by itself, and it is tried again.</summary>
    Failed,

    /// <summary>It is not started again.</summary>
    GivenUp,

    /// <summary>It was good, and somebody went back to what was before it.</summary>
    TakenBack,
}

/// <param name="Number">One more than the one before it.</param>
/// <param name="Why">In words; "" where the deed says it all.</param>
public sealed record SlotNote(ulong Number, SlotDeed Deed, string Version, string Why, long AtUnixMs);

/// <summary>
/// The last deeds, kept in the state itself: what is decided and what is told of it are one write. Launcher and edgectl have no link
/// to the centre and no audit chain; the agent reads this and tells it.
/// </summary>
/// <param name="Id">Another one after the state was lost: numbers begin anew then.</param>
/// <param name="Notes">Oldest first, at most <see cref="MostNotes"/>; older ones are forgotten.</param>
public sealed record SlotHistory(Guid Id, IReadOnlyList<SlotNote> Notes)
{
    public const int MostNotes = 32;

    public static SlotHistory None { get; } = new(Guid.Empty, []);

    /// <summary>Followed by what a change of the state means.</summary>
    internal SlotHistory Followed(SlotState before, SlotState after, string why, TimeProvider time)
    {
        (SlotDeed Deed, SlotEntry About, string Why)[] deeds = [.. Deeds(before, after, why)];
        if (deeds.Length == 0)
            return this;
        DateTimeOffset now = time.GetUtcNow();
        ulong last = Notes.Count > 0 ? Notes[^1].Number : 0;
        IEnumerable<SlotNote> added = deeds.Select((deed, at) => new SlotNote(last + 1 + (ulong)at, deed.Deed, deed.About.Version, deed.Why, now.ToUnixTimeMilliseconds()));
        return new SlotHistory(Id == Guid.Empty ? Guid.CreateVersion7(now) : Id, [.. Notes.Concat(added).TakeLast(MostNotes)]);
    }

    public bool Equals(SlotHistory? other) => other is not null && Id == other.Id && Notes.SequenceEqual(other.Notes);

    public override int GetHashCode() => HashCode.Combine(Id, Notes.Count);

    private static IEnumerable<(SlotDeed Deed, SlotEntry About, string Why)> Deeds(SlotState before, SlotState after, string why)
    {
        foreach (string slot in (string[])["a", "b"])
        {
            if (after.Of(slot) is not { } entry)
                continue;
            if (before.Of(slot) is not { } was || was.Number != entry.Number)
            {
                yield return (SlotDeed.Installed, entry, "");
                continue;
            }
            if (entry.Tried && !was.Tried)
                yield return (SlotDeed.Tried, entry, "");
            if (entry.Standing != was.Standing)
                yield return entry.Standing == SlotStanding.Good ? (SlotDeed.Good, entry, "") : (SlotDeed.GivenUp, entry, entry.Why);
            else if (entry.Failures > was.Failures)
                yield return (SlotDeed.Failed, entry, entry.Why);
        }
        if (after.Current != before.Current && after.Of(before.Current) is { Standing: SlotStanding.Good } left && !after.OnTrial)
            yield return (SlotDeed.TakenBack, left, why);
    }
}
