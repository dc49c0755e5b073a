using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Eyes;

/// <summary>Six seconds of a car and a face moving past a camera, as main and sub-stream, made from the shared pictures.</summary>
public sealed class StreetClip : IDisposable
{
    public const string Plate = "京FK5358";
    private const string Car = "scene-easypr-002.jpg";
    private const string Person = "Aaron_Peirsol";
    private static readonly string[] s_encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"];
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-street").FullName;
    private readonly Lazy<(string Main, string Sub)> _streams;

    public StreetClip() => _streams = new Lazy<(string Main, string Sub)>(Make);

    /// <summary>Made when first asked for.</summary>
    public (string Main, string Sub) Streams => _streams.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Main, string Sub) Make()
    {
        string main = Path.Combine(_folder, "main.mp4"), sub = Path.Combine(_folder, "sub.mp4");
        string face = SharedData.At($"data/faces-lfw/{Person}/{Person}_0001.jpg");
        Clips.Ffmpeg([
            "-f", "lavfi", "-i", "color=gray:s=1920x1080:r=25:d=6",
            "-loop", "1", "-i", SharedData.At($"data/plates/{Car}"),
            "-loop", "1", "-i", face,
            "-filter_complex",
            "[2]scale=340:-1[f];[0][1]overlay=x=20+40*t:y=300[c];[c][f]overlay=x=1500:y=100+40*t,noise=alls=6:allf=t,split[m][s0];[s0]scale=640:360[s]",
            "-map", "[m]", "-t", "6", .. s_encoder, "-g", "50", "-b:v", "6M", main,
            "-map", "[s]", "-t", "6", .. s_encoder, "-g", "25", "-b:v", "1M", sub]);
        return (main, sub);
    }
}
