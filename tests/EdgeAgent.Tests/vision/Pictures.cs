using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.Vision;

/// <summary>A picture in ordinary memory.</summary>
internal sealed class Picture(int width, int height)
{
    public byte[] Bgr { get; } = new byte[3 * width * height];

    public BgrView View => new(Bgr, width, height, 3 * width);

    public static Picture Filled(int width, int height, byte value)
    {
        var picture = new Picture(width, height);
        picture.Bgr.AsSpan().Fill(value);
        return picture;
    }

    public static Picture Noise(int width, int height, int seed)
    {
        var picture = new Picture(width, height);
        new Random(seed).NextBytes(picture.Bgr);
        return picture;
    }
}

internal static class Pictures
{
    private const string Font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";

    /// <summary>Draws a blue plate, 132 px wide with its middle at (316, 221), on a grey scene of 640x360, as a PNG.</summary>
    public static void DrawPlate(string path, string text) => Clips.Ffmpeg(
        "-f", "lavfi", "-i",
        "color=c=0x808890:s=640x360,format=bgr24,drawbox=x=180:y=120:w=280:h=150:c=0x303438:t=fill,"
        + "drawbox=x=250:y=200:w=132:h=42:c=0x1040b0:t=fill,"
        + $"drawtext=fontfile={Font}:text='{text}':fontsize=25:fontcolor=white:x=257:y=205",
        "-frames:v", "1", path);
}

internal static class Models
{
    public static string Directory { get; } = Path.Combine(Repository.Root, "models");

    public static ModelStore Open() => ModelStore.Open(Directory);
}

/// <summary>A folder that goes away with its test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = System.IO.Directory.CreateTempSubdirectory("edgeagent-vision-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => System.IO.Directory.Delete(Path, recursive: true);
}
