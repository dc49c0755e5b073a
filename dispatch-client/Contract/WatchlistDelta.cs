using Google.Protobuf.Collections;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// What leads from one version of a list to the next, entry by entry. A delta is signed like a list and carries all of a list's
/// claims; what the earlier version stood on (kind, category, authority, order, purpose, model) it must repeat, since the entries
/// that stay were approved on just that.
/// </summary>
public static class WatchlistDelta
{
    /// <summary>The unsigned delta from one whole list to a later version of it.</summary>
    /// <returns>Null when the later one stands on something else, so that only the whole list will do.</returns>
    public static Watchlist? Between(Watchlist before, Watchlist after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (!Continues(before, after) || after.Version <= before.Version)
            return null;
        var delta = after.Clone();
        delta.DeltaFromVersion = before.Version;
        delta.EntriesAfter = (uint)Count(after);
        Changes(before.Plates, after.Plates, plate => plate.EntryId, delta.Plates, delta.RemovedEntryIds);
        Changes(before.Faces, after.Faces, face => face.EntryId, delta.Faces, delta.RemovedEntryIds);
        return delta;
    }

    /// <summary>The whole list that a delta makes of an earlier one. Shares its entries with both.</summary>
    /// <returns>Null when the delta does not build on that version, or does not lead where it says.</returns>
    public static Watchlist? Apply(Watchlist before, Watchlist delta)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(delta);
        if (!BuildsOn(before, delta))
            return null;
        var gone = Gone(delta);
        var after = delta.Clone();
        after.DeltaFromVersion = 0;
        after.EntriesAfter = 0;
        after.RemovedEntryIds.Clear();
        after.Plates.Clear();
        after.Plates.AddRange(before.Plates.Where(plate => !gone.Contains(plate.EntryId)));
        after.Plates.AddRange(delta.Plates);
        after.Faces.Clear();
        after.Faces.AddRange(before.Faces.Where(face => !gone.Contains(face.EntryId)));
        after.Faces.AddRange(delta.Faces);
        return Count(after) == delta.EntriesAfter ? after : null;
    }

    /// <summary>Whether the delta is one, and made for this very version of the list. Entries are not looked at.</summary>
    public static bool BuildsOn(Watchlist before, Watchlist delta)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(delta);
        return delta.DeltaFromVersion != 0 && delta.DeltaFromVersion == before.Version && delta.Version > before.Version && Continues(before, delta);
    }

    /// <summary>Ids of the entries that leave, or come back changed.</summary>
    public static IReadOnlySet<string> Gone(Watchlist delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        return delta.RemovedEntryIds.Concat(delta.Plates.Select(plate => plate.EntryId)).Concat(delta.Faces.Select(face => face.EntryId))
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether two lists hold the same entries, in whatever order.</summary>
    public static bool SameEntries(Watchlist one, Watchlist other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Same(one.Plates, other.Plates, plate => plate.EntryId) && Same(one.Faces, other.Faces, face => face.EntryId);
    }

    /// <summary>Whether two lists claim the same in all but the time of their issue. Entries are not looked at.</summary>
    public static bool SameClaims(Watchlist one, Watchlist other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Claims(one).Equals(Claims(other));
    }

    private static Watchlist Claims(Watchlist list)
    {
        var claims = list.Clone();
        claims.IssuedAtUnixMs = 0;
        claims.Plates.Clear();
        claims.Faces.Clear();
        return claims;
    }

    private static bool Continues(Watchlist before, Watchlist after) =>
        before.ListId == after.ListId
        && before.Kind == after.Kind
        && before.Category == after.Category
        && before.Authority == after.Authority
        && before.LegalReference == after.LegalReference
        && before.Purpose == after.Purpose
        && before.EmbeddingModelSha256 == after.EmbeddingModelSha256;

    private static int Count(Watchlist list) => list.Plates.Count + list.Faces.Count;

    private static void Changes<T>(
        RepeatedField<T> before, RepeatedField<T> after, Func<T, string> id, RepeatedField<T> changed, RepeatedField<string> removed)
        where T : class
    {
        var left = before.ToDictionary(id, StringComparer.Ordinal);
        changed.Clear();
        foreach (var entry in after)
        {
            if (!left.Remove(id(entry), out var earlier) || !earlier.Equals(entry))
                changed.Add(entry);
        }
        removed.AddRange(left.Keys);
    }

    private static bool Same<T>(RepeatedField<T> one, RepeatedField<T> other, Func<T, string> id)
        where T : class
    {
        var left = one.ToDictionary(id, StringComparer.Ordinal);
        return one.Count == other.Count && other.All(entry => left.TryGetValue(id(entry), out var same) && same.Equals(entry));
    }
}
