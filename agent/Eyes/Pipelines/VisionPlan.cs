using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>What is looked at and how often, as the host configured it; out of range is brought into it.</summary>
/// <param name="Fps">Sub-stream frames a second and camera.</param>
/// <param name="StillFps">The same while nothing moves and no visit is open; never below <see cref="LeastStillFps"/>.</param>
/// <param name="AnalysedWidth">Sub-stream frames are shrunk to this width, pixels.</param>
/// <param name="MainDecoding">What of the main stream is decoded as it comes.</param>
/// <param name="PlatesInSub">Plates are looked for in sub-stream frames.</param>
/// <param name="PlatesInMain">And in main-stream frames.</param>
/// <param name="MainFps">Main-stream frames a second and camera.</param>
/// <param name="MainWidth">They are shrunk to this width, pixels.</param>
internal sealed record VisionPlan(
    float Fps, float StillFps, int AnalysedWidth, Decoding MainDecoding, bool PlatesInSub, bool PlatesInMain, float MainFps, int MainWidth)
{
    /// <summary>A car that came to a halt out of sight must still be found, and the tracker needs two frames within its gap.</summary>
    private const float LeastStillFps = 2;

    /// <summary>Of most cameras; a rarer key frame makes visits end too early, never too late.</summary>
    private const double KeyFrameMs = 1000;

    public static VisionPlan Default { get; } = Of(new Configure());

    /// <summary>Time between two frames that can show a plate, milliseconds.</summary>
    public long PlateStepMs =>
        PlatesInSub ? (long)(1000 / Fps) : (long)Math.Max(MainDecoding == Decoding.KeyFrames ? KeyFrameMs : 0, 1000 / MainFps);

    /// <summary>The longest step at which a plate that only the main stream shows is seen again.</summary>
    public long SlowestPlateStepMs => PlatesInMain ? (this with { PlatesInSub = false }).PlateStepMs : PlateStepMs;

    public static VisionPlan Of(Configure asked)
    {
        float fps = asked.AnalysedFps is > 0 and <= 60 ? asked.AnalysedFps : 10;
        var decoding = asked.MainDecode switch
        {
            MainDecode.KeyFrames => Decoding.KeyFrames,
            MainDecode.Continuous => Decoding.All,
            _ => Decoding.None,
        };
        bool inMain = asked.PlateDetect != PlateDetect.Sub && decoding != Decoding.None;
        return new VisionPlan(
            fps,
            asked.StillFps > 0 ? Math.Max(asked.StillFps, Math.Min(fps, LeastStillFps)) : fps,
            Width(asked.AnalysedWidth, 640),
            decoding,
            PlatesInSub: asked.PlateDetect != PlateDetect.Main || !inMain,
            PlatesInMain: inMain,
            MainFps: asked.PlateDetectFps is >= 0.1f and <= 60 ? asked.PlateDetectFps : 3,
            MainWidth: Width(asked.PlateDetectWidth, 960));
    }

    private static int Width(uint asked, int standard) => asked == 0 ? standard : (int)Math.Clamp(asked, 320, 1920);
}
