using EdgeAgent.Eyes.V1;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>One way to spend the cores: which sub-stream the camera is asked for, and what eyes is told.</summary>
/// <param name="WideSub">The camera's 960 × 540 sub-stream instead of 640 × 360.</param>
internal sealed record DriveStrategy(string Name, string Description, bool WideSub, Action<Configure> Apply)
{
    /// <summary>The first is the product's default.</summary>
    public static IReadOnlyList<DriveStrategy> All { get; } =
    [
        new("sub-640", "Plates looked for in the 640 × 360 sub-stream; main stream decoded on demand.", WideSub: false, _ => { }),
        new("sub-960", "Plates looked for in a 960 × 540 sub-stream; main stream decoded on demand.", WideSub: true, c => c.AnalysedWidth = 960),
        new("main-3", "Main stream decoded continuously; plates looked for in three of its pictures a second, at 960 × 540.", WideSub: false, c => FromMain(c, PlateDetect.Main, 3)),
        new("main-5", "Main stream decoded continuously; plates looked for in five of its pictures a second, at 960 × 540.", WideSub: false, c => FromMain(c, PlateDetect.Main, 5)),
        new("both-3", "Plates looked for in the 640 × 360 sub-stream and in three main pictures a second; main stream decoded continuously.", WideSub: false, c => FromMain(c, PlateDetect.Both, 3)),
        new("sub-640-key", "Plates looked for in the 640 × 360 sub-stream and in the main stream's key pictures.", WideSub: false, c =>
        {
            c.MainDecode = MainDecode.KeyFrames;
            c.PlateDetect = PlateDetect.Both;
        }),
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

    private static void FromMain(Configure configure, PlateDetect where, float fps)
    {
        configure.MainDecode = MainDecode.Continuous;
        configure.PlateDetect = where;
        configure.PlateDetectFps = fps;
    }
}
