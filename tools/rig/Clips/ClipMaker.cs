using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig.Clips;

/// <summary>A camera's clip, ready to be played, and what it shows.</summary>
/// <param name="Folder">Where its files lie.</param>
internal sealed record MadeClip(CameraClip Clip, CameraTruth Truth, string Folder);

/// <summary>
/// Makes clips and keeps them: a folder per clip under the cache, named by the hash of everything that went in. A second start
/// only reads files.
/// </summary>
internal sealed class ClipMaker(ClipOptions options, string cacheFolder, IProgress<string> progress) : IDisposable
{
    /// <summary>Raise it when drawing or encoding changes: clips made before are then not used any more.</summary>
    private const int Version = 4;

    private const string TruthFile = "truth.json";

    /// <summary>A tenth of the pan axis, half of it a half turn, is 18 of the 60 degrees that the picture is wide.</summary>
    private const double TurnedShare = 0.1 / 2 * 360 / 60;

    private readonly SemaphoreSlim atOnce = new(Math.Max(1, Environment.ProcessorCount));
    private readonly SemaphoreSlim loadingGlyphs = new(1);
    private HanGlyphs? glyphs;

    /// <param name="camera">1..7.</param>
    public Task<MadeClip> CaptureAsync(string id, int camera, VideoCodec codec, Cast cast, CancellationToken stop)
    {
        string inputs = JsonSerializer.Serialize(cast.Of(camera).Select(s => new { s.Vehicle, Person = Fingerprint(s.Person), s.Seconds, s.Course }));
        return MakeAsync(id, codec, $"capture {camera} {inputs}",
            async (files, encoder) => await DrawAsync(id, files, encoder, await new SceneBuilder(cast, options, await GlyphsAsync(stop)).CaptureAsync(camera, stop), stop), stop);
    }

    public Task<MadeClip> CabAsync(string id, Cast cast, CancellationToken stop) =>
        MakeAsync(id, VideoCodec.H264, $"cab {Fingerprint(cast.InCab)}",
            async (files, encoder) => await DrawAsync(id, files, encoder, await new SceneBuilder(cast, options, await GlyphsAsync(stop)).CabAsync(stop), stop), stop);

    /// <summary>The roof camera's clip, with what it shows when its head is turned by a tenth of its pan axis or more.</summary>
    public async Task<MadeClip> TurningAsync(string id, int camera, Cast cast, CancellationToken stop)
    {
        MadeClip ahead = await CaptureAsync(id, camera, VideoCodec.H264, cast, stop);
        CameraClip[] sides = await Task.WhenAll(((int[])[-TurnedPixels, TurnedPixels]).Select(pixels => TurnedAsync(id, ahead.Folder, pixels, stop)));
        return ahead with { Clip = ahead.Clip with { Turned = new TurnedClip(sides[0], sides[1]) } };
    }

    private int TurnedPixels => (int)(TurnedShare * options.Width);

    private async Task<CameraClip> TurnedAsync(string id, string ahead, int pixels, CancellationToken stop) =>
        (await MakeAsync(id, VideoCodec.H264, $"turned {pixels} {Path.GetFileName(ahead)}", async (files, encoder) =>
        {
            progress.Report($"{id}: turning by {pixels}");
            await encoder.EncodeTurnedAsync(new ClipFiles(ahead, VideoCodec.H264).Main, pixels, files.Main, files.Sub, stop);
            return [];
        }, stop)).Clip;

    /// <summary>Somebody's own video file. Nothing is known of what it shows.</summary>
    public Task<MadeClip> FileAsync(string id, string file, CancellationToken stop)
    {
        if (!File.Exists(file))
            throw new RigException($"--camera {id}={file}: there is no such file.");
        var info = new FileInfo(file);
        return MakeAsync(id, VideoCodec.H264, $"file {info.FullName} {info.Length} {info.LastWriteTimeUtc.Ticks}", async (files, encoder) =>
        {
            progress.Report($"{id}: encoding {file}");
            await encoder.EncodeFileAsync(file, files.Main, files.Sub, stop);
            return [];
        }, stop);
    }

    public void Dispose()
    {
        atOnce.Dispose();
        loadingGlyphs.Dispose();
    }

    private sealed record ClipFiles(string Folder, VideoCodec Codec)
    {
        public string Main => Path.Combine(Folder, "main." + VideoEncoder.Extension(Codec));

        public string Sub => Path.Combine(Folder, "sub.h264");

        public string BlackMain => Path.Combine(Folder, "black-main." + VideoEncoder.Extension(Codec));

        public string BlackSub => Path.Combine(Folder, "black-sub.h264");

        public string Truth => Path.Combine(Folder, TruthFile);
    }

    private async Task<MadeClip> MakeAsync(string id, VideoCodec codec, string inputs, Func<ClipFiles, VideoEncoder, Task<IReadOnlyList<ObjectTruth>>> make, CancellationToken stop)
    {
        string key = Hash(string.Create(CultureInfo.InvariantCulture, $"{Version} {codec} {options} {inputs}"))[..16];
        var files = new ClipFiles(Path.Combine(cacheFolder, key), codec);
        if (!File.Exists(files.Truth))
        {
            await atOnce.WaitAsync(stop);
            try
            {
                await MakeInAsync(files, codec, make, stop);
            }
            finally
            {
                atOnce.Release();
            }
        }
        return await LoadAsync(id, files, stop);
    }

    /// <summary>Beside first, then renamed: a clip is there whole or not at all, whoever else makes it at the same time.</summary>
    private async Task MakeInAsync(ClipFiles files, VideoCodec codec, Func<ClipFiles, VideoEncoder, Task<IReadOnlyList<ObjectTruth>>> make, CancellationToken stop)
    {
        Directory.CreateDirectory(cacheFolder);
        var beside = new ClipFiles($"{files.Folder}.{Environment.ProcessId}.{Guid.NewGuid():N}.part", codec);
        Directory.CreateDirectory(beside.Folder);
        try
        {
            var encoder = new VideoEncoder(options, codec);
            IReadOnlyList<ObjectTruth> objects = await make(beside, encoder);
            await encoder.EncodeBlackAsync(beside.BlackMain, beside.BlackSub, stop);
            await File.WriteAllTextAsync(beside.Truth, JsonSerializer.Serialize(objects, RigJson.Compact), stop);
            if (!Directory.Exists(files.Folder))
                Directory.Move(beside.Folder, files.Folder);
        }
        catch (IOException) when (File.Exists(files.Truth))
        {
            // Another process was quicker.
        }
        finally
        {
            if (Directory.Exists(beside.Folder))
                Directory.Delete(beside.Folder, recursive: true);
        }
    }

    private async Task<MadeClip> LoadAsync(string id, ClipFiles files, CancellationToken stop)
    {
        var clip = new CameraClip(
            await ElementaryStream.LoadAsync(files.Main, files.Codec, stop), await ElementaryStream.LoadAsync(files.Sub, VideoCodec.H264, stop),
            (await ElementaryStream.LoadAsync(files.BlackMain, files.Codec, stop)).Units[0], (await ElementaryStream.LoadAsync(files.BlackSub, VideoCodec.H264, stop)).Units[0],
            options.FramesPerSecond, options.SubStep);
        ObjectTruth[] objects = JsonSerializer.Deserialize<ObjectTruth[]>(await File.ReadAllTextAsync(files.Truth, stop), RigJson.Options)!;
        return new MadeClip(clip, new CameraTruth(id, (long)clip.Length.TotalMilliseconds, clip.Pictures, options.Width, options.Height, objects), files.Folder);
    }

    private async Task<IReadOnlyList<ObjectTruth>> DrawAsync(string id, ClipFiles files, VideoEncoder encoder, Scene scene, CancellationToken stop)
    {
        await encoder.EncodeFramesAsync(files.Main, files.Sub, async video =>
        {
            var frame = new Frame420(scene.Width, scene.Height);
            for (int i = 0; i < options.FrameCount; i++)
            {
                if (i % 100 == 0)
                    progress.Report($"{id}: drawing {i} of {options.FrameCount}");
                scene.Render((float)i / options.FramesPerSecond, frame);
                await video.WriteAsync(frame.Bytes, stop);
            }
        }, stop);
        return [.. scene.Actors.Select(a => new ObjectTruth(
            a.Id, a.Kind == TargetKind.Plate ? "plate" : "face", a.Kind == TargetKind.Plate ? a.Name : null, a.Kind == TargetKind.Face ? a.Name : null, a.PlateClass, a.Listed, a.Hard,
            Appearance.Of(a, scene, options.FrameCount, options.FramesPerSecond)))];
    }

    private async Task<HanGlyphs> GlyphsAsync(CancellationToken stop)
    {
        await loadingGlyphs.WaitAsync(stop);
        try
        {
            return glyphs ??= await HanGlyphs.LoadAsync(stop);
        }
        finally
        {
            loadingGlyphs.Release();
        }
    }

    private static string Fingerprint(Person? person) =>
        person is null ? "" : $"{person.Id} {person.Face} {person.Listed} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(person.ShownPicture)))}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
