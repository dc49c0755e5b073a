using System.Globalization;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Clips;

/// <summary>
/// Encodes a main and a sub-stream in one go, as cameras do: constant rate, one key picture a second, one slice a picture, no
/// B-frames, parameter sets in front of each key picture. Writes Annex B streams.
/// </summary>
internal sealed class VideoEncoder(ClipOptions options, VideoCodec mainCodec)
{
    public const int SubWidth = 640;
    public const int SubHeight = 360;

    /// <summary>The larger sub-stream that some cameras offer.</summary>
    public const int WideSubWidth = 960;
    public const int WideSubHeight = 540;

    private const int SubBitsPerSecond = 600_000;
    private const int WideSubBitsPerSecond = 1_200_000;
    // A file of somebody's own is held in memory while it plays.
    private const int MaxFileSeconds = 300;

    private static readonly string[] Bt709 = ["-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"];

    public static string Extension(VideoCodec codec) => codec == VideoCodec.H264 ? "h264" : "h265";

    /// <param name="feed">Writes raw frames (planar 4:2:0) one after another.</param>
    public Task EncodeFramesAsync(string mainFile, string subFile, Func<Stream, Task> feed, CancellationToken stop) =>
        Ffmpeg.RunAsync([.. RawInput, .. Outputs("null", mainFile, subFile)], feed, stop);

    /// <summary>The same with a second, larger sub-stream.</summary>
    public Task EncodeFramesAsync(string mainFile, string subFile, string wideSubFile, Func<Stream, Task> feed, CancellationToken stop)
    {
        string filter = $"[0:v]split=3[main][small][wide];[small]{SubFilter(SubWidth, SubHeight)}[sub];[wide]{SubFilter(WideSubWidth, WideSubHeight)}[sub2]";
        string[] outputs =
        [
            "-filter_complex_threads", "1", "-filter_complex", filter,
            "-map", "[main]", .. MainCodec(mainFile),
            "-map", "[sub]", .. SubCodec(SubBitsPerSecond, subFile),
            "-map", "[sub2]", .. SubCodec(WideSubBitsPerSecond, wideSubFile),
        ];
        return Ffmpeg.RunAsync([.. RawInput, .. outputs], feed, stop);
    }

    /// <summary>Any video that ffmpeg reads, without sound, at most five minutes of it.</summary>
    public Task EncodeFileAsync(string file, string mainFile, string subFile, CancellationToken stop)
    {
        string fit = $"fps={Text(options.FramesPerSecond)},scale={options.Width}:{options.Height}:force_original_aspect_ratio=decrease,pad={options.Width}:{options.Height}:-1:-1,setsar=1";
        return Ffmpeg.RunAsync(["-t", Text(MaxFileSeconds), "-i", file, .. Outputs(fit, mainFile, subFile)], stop);
    }

    /// <summary>A clip of ours as a head sees it that is turned: what leaves the picture at one side comes in at the other.</summary>
    /// <param name="file">Its main stream.</param>
    /// <param name="pixels">How far what is seen moves to the left, below the width; negative: to the right.</param>
    public Task EncodeTurnedAsync(string file, int pixels, string mainFile, string subFile, CancellationToken stop)
    {
        int left = (pixels + options.Width) % options.Width & ~1;
        string roll = $"split[a][b];[a]crop={Text(options.Width - left)}:{options.Height}:{left}:0[l];[b]crop={left}:{options.Height}:0:0[r];[l][r]hstack";
        return Ffmpeg.RunAsync(["-r", Text(options.FramesPerSecond), "-i", file, .. Outputs(roll, mainFile, subFile)], stop);
    }

    /// <summary>One black picture in the very formats of the two streams.</summary>
    public Task EncodeBlackAsync(string mainFile, string subFile, CancellationToken stop)
    {
        string[] input = ["-f", "lavfi", "-i", $"color=black:s={options.Width}x{options.Height}:r={Text(options.FramesPerSecond)}:d={Text(1.0 / options.FramesPerSecond)}"];
        return Ffmpeg.RunAsync([.. input, .. Outputs("format=yuv420p", mainFile, subFile)], stop);
    }

    private string[] RawInput => ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", $"{options.Width}x{options.Height}", "-r", Text(options.FramesPerSecond), "-i", "pipe:0"];

    private string[] Outputs(string filter, string mainFile, string subFile) =>
    [
        "-filter_complex_threads", "1", "-filter_complex", $"[0:v]{filter},split=2[main][full];[full]{SubFilter(SubWidth, SubHeight)}[sub]",
        "-map", "[main]", .. MainCodec(mainFile),
        "-map", "[sub]", .. SubCodec(SubBitsPerSecond, subFile),
    ];

    private string SubFilter(int width, int height) => $"framestep={options.SubStep},scale={width}:{height}:flags=area";

    private string[] MainCodec(string file) =>
        ["-force_key_frames", $"expr:gte(t,n_forced/{Text(options.KeyPicturesPerSecond)})", "-forced-idr", "1",
            .. Codec(mainCodec, options.FramesPerSecond, options.BitsPerSecond, file)];

    // A rate like 12.5 has no whole group of one second: the next picture after each second is a key picture.
    private string[] SubCodec(int bitsPerSecond, string file) =>
        ["-force_key_frames", "expr:gte(t,n_forced)", .. Codec(VideoCodec.H264, (options.FramesPerSecond + options.SubStep - 1) / options.SubStep, bitsPerSecond, file)];

    /// <summary>How the bench's cameras encode H.264, without the output.</summary>
    public static string[] H264(int groupPictures, int bitsPerSecond) =>
        ["-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-profile:v", "main", "-threads", "1", "-g", Text(groupPictures), "-keyint_min", "1", "-sc_threshold", "0", "-bf", "0", .. Rate(bitsPerSecond), .. Bt709];

    private static string[] Codec(VideoCodec codec, int groupPictures, int bitsPerSecond, string file) => codec == VideoCodec.H264
        ? [.. H264(groupPictures, bitsPerSecond), "-f", "h264", file]
        : ["-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency", "-x265-params", $"keyint={Text(groupPictures)}:min-keyint=1:scenecut=0:open-gop=0:bframes=0:repeat-headers=1:info=0:frame-threads=1:pools=1:log-level=error", .. Rate(bitsPerSecond), .. Bt709, "-f", "hevc", file];

    private static string[] Rate(int bitsPerSecond) => ["-b:v", Text(bitsPerSecond), "-maxrate", Text(bitsPerSecond), "-bufsize", Text(bitsPerSecond)];

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
