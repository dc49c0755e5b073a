using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>What became of alerts that were shown to an officer.</summary>
internal readonly record struct Outcomes(long Confirmed, long Rejected, long Lapsed)
{
    public long Shown => Confirmed + Rejected + Lapsed;

    public long Decided => Confirmed + Rejected;

    public static Outcomes operator +(Outcomes a, Outcomes b) => new(a.Confirmed + b.Confirmed, a.Rejected + b.Rejected, a.Lapsed + b.Lapsed);
}

/// <summary>Counts by word of a closed set; any other word, which a car gone wrong may send, is counted as "other" and never repeated.</summary>
internal sealed class CodeCounts(IReadOnlyList<string> known)
{
    public const string Other = "other";
    private readonly Dictionary<string, long> counts = known.Append(Other).Distinct().ToDictionary(code => code, _ => 0L);

    public IReadOnlyDictionary<string, long> All => counts;

    public long Total => counts.Values.Sum();

    public void Add(string code, long count = 1) => counts[counts.ContainsKey(code) ? code : Other] += count;
}

/// <summary>What the events of one month say, counted exactly. Only numbers are in here: nothing of whom they were about.</summary>
internal sealed class UsageTally(ReportMonth month)
{
    private readonly Dictionary<string, int> daysOfUnits = [];

    public Dictionary<(ListKind Kind, ListCategory Category), Outcomes> Hits { get; } = [];

    public Outcomes[] Days { get; } = new Outcomes[month.Days];

    public Outcomes All => Days.Aggregate(default(Outcomes), (sum, day) => sum + day);

    public CodeCounts Reasons { get; } = new([.. PublicWords.Reasons.Keys]);

    public CodeCounts Contradictions { get; } = new([.. PublicWords.Contradictions.Keys]);

    public CodeCounts ListRefusals { get; } = new([.. PublicWords.ListRefusals.Keys]);

    public CodeCounts EventRefusals { get; } = new([.. PublicWords.EventRefusals.Keys]);

    public long Stop { get; set; }

    public long Check { get; set; }

    /// <summary>The car no longer had the alert when it sent the decision.</summary>
    public long ToneUnknown { get; set; }

    /// <summary>Decisions that are not what the unit signed, or cannot be read. In no other count.</summary>
    public long BadSignatures { get; set; }

    /// <summary>Alerts of this month that came after its end.</summary>
    public long CameLate { get; set; }

    public Dictionary<ListOutcome, long> ListStates { get; } = [];

    public long CarSignIns { get; set; }

    public long CarSignInsRefused { get; set; }

    public long Tombstoned { get; set; }

    public long LiveStreams { get; set; }

    public long LiveStreamMs { get; set; }

    public int UnitsReported => daysOfUnits.Count;

    public long CarDays => daysOfUnits.Values.Sum(days => (long)int.PopCount(days));

    public void Hit(ListKind kind, ListCategory category, int day, Outcomes outcome)
    {
        // A category of faces that is for plates only, or none at all, is a fault of what was sent.
        var known = PublicWords.Categories.Any(entry => entry.Key == category && entry.Kinds.Contains(kind)) ? category : ListCategory.Unspecified;
        var key = kind is ListKind.Plates or ListKind.Faces ? (kind, known) : (ListKind.Unspecified, ListCategory.Unspecified);
        Hits[key] = Hits.GetValueOrDefault(key) + outcome;
        Days[day] += outcome;
    }

    public void Reported(string unitId, long unixMs) => daysOfUnits[unitId] = daysOfUnits.GetValueOrDefault(unitId) | (1 << month.DayOf(unixMs));
}
