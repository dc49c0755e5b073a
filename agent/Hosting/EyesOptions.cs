using EdgeAgent.Eyes.V1;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Agent.Hosting;

/// <summary>How the host runs the process that looks.</summary>
internal sealed record EyesOptions
{
    /// <summary>Frames a second and camera that are analysed. Default 10, 1 to 25.</summary>
    public float AnalysedFps { get; init; } = 10;

    /// <summary>
    /// The same of a camera in front of which nothing moves and no visit is open: the cores go where something happens. Default 2,
    /// 2 to 25; from AnalysedFps up no difference is made.
    /// </summary>
    public float StillFps { get; init; } = 2;

    /// <summary>Sub-stream frames are shrunk to this width before they are analysed, pixels. Default 640, 320 to 1920.</summary>
    public int AnalysedWidth { get; init; } = 640;

    /// <summary>
    /// What of the main streams is decoded: "on-demand" (default; out of memory, around the instants worth a closer look),
    /// "key-frames" (also each picture that stands for itself, as it comes) or "continuous" (all of it; crops are then at hand).
    /// </summary>
    public string MainDecode { get; init; } = "on-demand";

    /// <summary>Where plates are looked for: "sub" (default), "main" or "both". The last two want a main stream that is decoded as it comes.</summary>
    public string PlateDetect { get; init; } = "sub";

    /// <summary>Main-stream frames a second and camera in which plates are looked for. Default 3, 0.5 to 10; at most what is decoded.</summary>
    public float PlateDetectFps { get; init; } = 3;

    /// <summary>They are shrunk to this width, pixels. Default 960, 640 to 1920.</summary>
    public int PlateDetectWidth { get; init; } = 960;

    /// <summary>What networks run on: "cpu" (default), "cuda", "tensorrt" or "openvino". One that is not there is told of, and the CPU taken.</summary>
    public string ExecutionProvider { get; init; } = "cpu";

    /// <summary>
    /// "first" (default): detection runs in real time and reading before ordinary work, where the system grants it; "even": like
    /// everything else on the machine.
    /// </summary>
    public string Precedence { get; init; } = "first";

    /// <summary>Seconds of encoded video that are kept in memory a camera. Default 20, 5 to 300.</summary>
    public int RingSeconds { get; init; } = 20;

    /// <summary>Bound of that memory a camera, MiB. Default 24, 4 to 256.</summary>
    public int RingMegabytes { get; init; } = 24;

    /// <summary>
    /// Whether the host starts eyes itself. Default true: then only that very process may speak to it. False: any process of the
    /// same user may, for one started under a debugger or a bench.
    /// </summary>
    public bool Spawn { get; init; } = true;

    public IEnumerable<string> Problems()
    {
        if (AnalysedFps is not (>= 1 and <= 25))
            yield return $"Vision.AnalysedFps is {AnalysedFps}: give 1 to 25.";
        if (StillFps is not (>= 2 and <= 25))
            yield return $"Vision.StillFps is {StillFps}: give 2 to 25.";
        if (AnalysedWidth is < 320 or > 1920)
            yield return $"Vision.AnalysedWidth is {AnalysedWidth}: give 320 to 1920.";
        if (DecodeOf(MainDecode) is null)
            yield return $"Vision.MainDecode is '{MainDecode}': give on-demand, key-frames or continuous.";
        if (DetectOf(PlateDetect) is null)
            yield return $"Vision.PlateDetect is '{PlateDetect}': give sub, main or both.";
        else if (DetectOf(PlateDetect) != Eyes.V1.PlateDetect.Sub && DecodeOf(MainDecode) == Eyes.V1.MainDecode.OnDemand)
            yield return $"Vision.PlateDetect is {PlateDetect} while Vision.MainDecode is on-demand: set it to key-frames or continuous, so that there are main pictures to look at.";
        if (PlateDetectFps is not (>= 0.5f and <= 10))
            yield return $"Vision.PlateDetectFps is {PlateDetectFps}: give 0.5 to 10.";
        if (PlateDetectWidth is < 640 or > 1920)
            yield return $"Vision.PlateDetectWidth is {PlateDetectWidth}: give 640 to 1920.";
        if (ProviderOf(ExecutionProvider) is null)
            yield return $"Vision.ExecutionProvider is '{ExecutionProvider}': give cpu, cuda, tensorrt or openvino.";
        if (PrecedenceOf(Precedence) is null)
            yield return $"Vision.Precedence is '{Precedence}': give first or even.";
        if (RingSeconds is < 5 or > 300)
            yield return $"Vision.RingSeconds is {RingSeconds}: give 5 to 300.";
        if (RingMegabytes is < 4 or > 256)
            yield return $"Vision.RingMegabytes is {RingMegabytes}: give 4 to 256.";
    }

    /// <summary>What eyes is told of all this; the cameras are added by the one who knows them.</summary>
    public Configure ToConfigure() => new()
    {
        AnalysedFps = AnalysedFps,
        StillFps = StillFps,
        AnalysedWidth = (uint)AnalysedWidth,
        MainDecode = DecodeOf(MainDecode) ?? default,
        PlateDetect = DetectOf(PlateDetect) ?? default,
        PlateDetectFps = PlateDetectFps,
        PlateDetectWidth = (uint)PlateDetectWidth,
        RingSeconds = (uint)RingSeconds,
        RingBytes = (ulong)RingMegabytes << 20,
    };

    public static Eyes.Process.Precedence? PrecedenceOf(string name) => name switch
    {
        "first" => Eyes.Process.Precedence.First,
        "even" => Eyes.Process.Precedence.Even,
        _ => null,
    };

    public static ExecutionProvider? ProviderOf(string name) => name switch
    {
        "cpu" => Vision.Inference.ExecutionProvider.Cpu,
        "cuda" => Vision.Inference.ExecutionProvider.Cuda,
        "tensorrt" => Vision.Inference.ExecutionProvider.TensorRt,
        "openvino" => Vision.Inference.ExecutionProvider.OpenVino,
        _ => null,
    };

    private static MainDecode? DecodeOf(string name) => name switch
    {
        "on-demand" => Eyes.V1.MainDecode.OnDemand,
        "key-frames" => Eyes.V1.MainDecode.KeyFrames,
        "continuous" => Eyes.V1.MainDecode.Continuous,
        _ => null,
    };

    private static PlateDetect? DetectOf(string name) => name switch
    {
        "sub" => Eyes.V1.PlateDetect.Sub,
        "main" => Eyes.V1.PlateDetect.Main,
        "both" => Eyes.V1.PlateDetect.Both,
        _ => null,
    };
}
