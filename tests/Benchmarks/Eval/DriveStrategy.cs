using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One way to spend the cores: which sub-stream the camera is asked for, and what eyes is told.</summary>
/// <param name="WideSub">The camera's 960 × 540 sub-stream instead of 640 × 360.</param>
internal sealed record DriveStrategy(string Name, string Description, bool WideSub, Action<Configure> Apply)
{
    public static IReadOnlyList<DriveStrategy> All { get; } =
    [
        new("sub-640", "plates looked for in the 640 × 360 sub-stream, main decoded on demand", WideSub: false, _ => { }),
    ];

    /// <param name="name">A strategy's name, or <c>all</c>.</param>
    /// <exception cref="InputException">There is none of that name.</exception>
    public static IReadOnlyList<DriveStrategy> Named(string name)
    {
        if (name == "all")
            return All;
        DriveStrategy[] named = [.. All.Where(s => s.Name == name)];
        return named.Length > 0 ? named : throw new InputException($"--strategy {name}: there is no such strategy. They are {string.Join(", ", All.Select(s => s.Name))}, all.");
    }
}
