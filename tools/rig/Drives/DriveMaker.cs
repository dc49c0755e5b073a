using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Drives;

/// <summary>A drive's files: three streams of the same pictures, and the truth.</summary>
internal sealed record DriveClip(string Camera, string Folder, IReadOnlyList<DriveVisit> Visits)
{
    public string MainFile => Path.Combine(Folder, "main.h264");

    public string SubFile => Path.Combine(Folder, "sub.h264");

    public string WideSubFile => Path.Combine(Folder, "sub960.h264");

    /// <summary>To be played as a camera.</summary>
    /// <param name="wideSub">With 960 × 540 as sub-stream instead of 640 × 360.</param>
    public async Task<CameraClip> LoadAsync(bool wideSub, int framesPerSecond, CancellationToken stop)
    {
        ElementaryStream main = await ElementaryStream.LoadAsync(MainFile, VideoCodec.H264, stop);
        ElementaryStream sub = await ElementaryStream.LoadAsync(wideSub ? WideSubFile : SubFile, VideoCodec.H264, stop);
        return new CameraClip(main, sub, main.Units[0], sub.Units[0], framesPerSecond);
    }
}

/// <summary>Makes the drives of a seed and keeps them, a folder a camera; a second start only reads files.</summary>
internal sealed class DriveMaker(DriveOptions options, string cacheFolder, IProgress<string> progress)
{
    public const int Cameras = 7;

    /// <summary>Raise it when drawing, traffic or encoding changes.</summary>
    private const int Version = 1;

    private const string TruthFile = "truth.jsonl";

    public async Task<IReadOnlyList<DriveClip>> MakeAsync(CancellationToken stop)
    {
        HanGlyphs? han = null;
        var clips = new DriveClip[Cameras];
        using var atOnce = new SemaphoreSlim(Math.Max(1, Environment.ProcessorCount));
        if (Enumerable.Range(0, Cameras).Any(c => !File.Exists(Path.Combine(FolderOf(c), TruthFile))))
            han = await HanGlyphs.LoadAsync(stop);
        await Task.WhenAll(Enumerable.Range(0, Cameras).Select(camera => Task.Run(async () =>
        {
            await atOnce.WaitAsync(stop);
            try
            {
                clips[camera] = await MakeAsync(camera, han, stop);
            }
            finally
            {
                atOnce.Release();
            }
        }, stop)));
        return clips;
    }

    private string FolderOf(int camera)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"drive {Version} {camera} {options}")));
        return Path.Combine(cacheFolder, "drive-" + Convert.ToHexStringLower(hash)[..16]);
    }

    private async Task<DriveClip> MakeAsync(int camera, HanGlyphs? han, CancellationToken stop)
    {
        string folder = FolderOf(camera);
        if (han is not null && !File.Exists(Path.Combine(folder, TruthFile)))
            await DrawAsync(camera, folder, han, stop);
        IReadOnlyList<DriveVisit> visits = await DriveVisit.ReadAsync(Path.Combine(folder, TruthFile), stop);
        return new DriveClip(visits[0].Camera, folder, visits);
    }

    /// <summary>Beside first, then renamed: a drive is there whole or not at all.</summary>
    private async Task DrawAsync(int camera, string folder, HanGlyphs han, CancellationToken stop)
    {
        string beside = $"{folder}.{Environment.ProcessId}.part";
        Directory.CreateDirectory(beside);
        try
        {
            DriveScene drive = DriveScene.Build(camera, options, han);
            var clip = new DriveClip(drive.Setting.Camera, beside, drive.Visits);
            await new VideoEncoder(options.Clip, VideoCodec.H264).EncodeFramesAsync(clip.MainFile, clip.SubFile, clip.WideSubFile, video => FeedAsync(drive, video, stop), stop);
            await DriveVisit.WriteAsync(Path.Combine(beside, TruthFile), drive.Visits, stop);
            if (!Directory.Exists(folder))
                Directory.Move(beside, folder);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, TruthFile)))
        {
            // Another process was quicker.
        }
        finally
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
        }
    }

    private async Task FeedAsync(DriveScene drive, Stream video, CancellationToken stop)
    {
        var frame = new Frame420(options.Width, options.Height);
        for (int i = 0; i < options.FrameCount; i++)
        {
            if (i % 100 == 0)
                progress.Report($"{drive.Setting.Camera}: drawing {i} of {options.FrameCount}");
            drive.Scene.Render((float)i / options.FramesPerSecond, frame);
            await video.WriteAsync(frame.Bytes, stop);
        }
    }
}
