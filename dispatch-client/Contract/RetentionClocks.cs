using Google.Protobuf.Reflection;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Bounds of the clocks of a <see cref="RetentionPolicy"/>. The upper ones are what the design promises the public, so a policy may
/// shorten them and never lengthen them.
/// </summary>
public static class RetentionClocks
{
    /// <summary>Field, longest, and what stands where no policy was ever received.</summary>
    private static readonly (string Clock, uint Most, uint Standard)[] Bounds =
    [
        ("plate_seconds", 180, 180),
        ("rejected_hours", 24, 24),
        ("confirmed_days", 1826, 90),
        ("evidence_days", 31, 31),
        ("recording_days", 90, 30),
        ("snapshot_days", 31, 7),
        ("look_up_minutes", 720, 30),
        ("template_days", 398, 180),
        ("call_days", 365, 30),
        ("instruction_days", 31, 7),
        ("detail_days", 1826, 366),
        ("trail_days", 366, 90),
    ];

    /// <summary>The clocks by the names of their fields, with the longest that each may be.</summary>
    public static IReadOnlyList<(string Clock, uint Most)> All { get; } = [.. Bounds.Select(bound => (bound.Clock, bound.Most))];

    /// <summary>Of a car or centre that was given none: version 0.</summary>
    public static RetentionPolicy Standard
    {
        get
        {
            var policy = new RetentionPolicy { Region = "-", Authority = "-", LegalReference = "-" };
            foreach (var (clock, _, standard) in Bounds)
                Descriptor(clock).Accessor.SetValue(policy, standard);
            return policy;
        }
    }

    /// <summary>What is wrong with a policy, a sentence each; empty when nothing is.</summary>
    public static IEnumerable<string> Problems(RetentionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var (name, value) in new[] { ("region", policy.Region), ("authority", policy.Authority), ("legal_reference", policy.LegalReference) })
        {
            if (string.IsNullOrWhiteSpace(value) || value.Length > 160)
                yield return $"{name} is empty or longer than 160 characters: a retention policy says whose it is and on what it stands.";
        }
        foreach (var (clock, most, _) in Bounds)
        {
            var value = (uint)Descriptor(clock).Accessor.GetValue(policy);
            if (value < 1 || value > most)
                yield return $"{clock} is {value}: give 1 to {most}.";
        }
    }

    private static FieldDescriptor Descriptor(string clock) => RetentionPolicy.Descriptor.FindFieldByName(clock);
}
