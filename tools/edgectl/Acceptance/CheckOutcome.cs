using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>Something that is wrong.</summary>
/// <param name="About">Which camera, list, folder; "": the unit.</param>
/// <param name="Detail">What was measured, or said by whoever refused.</param>
internal sealed record Finding(Fault Fault, string About, string Detail);

/// <summary>Something that was measured, right or wrong.</summary>
internal sealed record Measure(string Zh, string En, string Value);

/// <summary>A camera's picture, with whatever could name anybody made unrecognisable.</summary>
internal sealed record Shot(string CameraId, string Caption, byte[] Jpeg);

/// <summary>What one check found. Filled from several threads.</summary>
internal sealed class CheckOutcome(CheckTitle title)
{
    private readonly Lock _gate = new();
    private readonly List<Finding> _findings = [];
    private readonly List<Measure> _measures = [];
    private readonly List<Shot> _shots = [];
    private readonly List<InstalledPart> _parts = [];

    public CheckTitle Title => title;

    /// <summary>Why it was not looked at; "": it was.</summary>
    public string Skipped { get; set; } = "";

    public double Seconds { get; set; }

    public IReadOnlyList<Finding> Findings => Copy(_findings);

    public IReadOnlyList<Measure> Measures => Copy(_measures);

    public IReadOnlyList<Shot> Shots => Copy(_shots);

    public IReadOnlyList<InstalledPart> Parts => Copy(_parts);

    public bool IsGrave => Findings.Any(f => f.Fault.IsGrave);

    public void Found(string code, string about = "", string detail = "") => Add(_findings, new Finding(FaultWords.Of(code), about, detail));

    public void Measured(string zh, string en, string value) => Add(_measures, new Measure(zh, en, value));

    public void Saw(Shot shot) => Add(_shots, shot);

    public void Holds(InstalledPart part) => Add(_parts, part);

    private void Add<T>(List<T> list, T item)
    {
        lock (_gate)
            list.Add(item);
    }

    private IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_gate)
            return [.. list];
    }
}

/// <summary>A check by name: "cameras" for programs, the rest for people.</summary>
internal sealed record CheckTitle(string Name, string Zh, string En);

/// <summary>Looks at one side of a unit.</summary>
internal interface ICheck
{
    public CheckTitle Title { get; }

    /// <summary>Which of the others must have found nothing grave for this one to mean anything.</summary>
    public IReadOnlyList<string> Needs { get; }

    /// <summary>What it throws counts as a finding of its own.</summary>
    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop);
}
