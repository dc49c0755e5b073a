using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Control;
using EdgeAgent.Rig.Gnss;
using EdgeAgent.Rig.Onvif;
using EdgeAgent.Rig.Rtsp;

namespace EdgeAgent.Rig;

/// <summary>Everything of the bench together: makes the clips, plays them, moves the PTZ, drives the GNSS. All on loopback.</summary>
internal sealed class RigServer : IAsyncDisposable
{
    public const string RigFileName = "rig.json";
    public const string TruthFileName = "truth.json";
    public const string CabId = "cab";

    private const string PtzCameraId = "cam1";
    private const string HevcCameraId = "cam7";
    private const string PtzUser = "bench";
    private const string PtzPassword = "bench-ptz";

    public static readonly IReadOnlyList<(string Id, string Zh, string En)> Labels =
    [
        ("cam1", "云台", "Roof PTZ"), ("cam2", "前", "Front"), ("cam3", "右前", "Front right"), ("cam4", "右后", "Rear right"),
        ("cam5", "后", "Rear"), ("cam6", "左后", "Rear left"), ("cam7", "左前", "Front left"), (CabId, "车内", "Cab"),
    ];

    private readonly RigOptions options;
    private readonly TimeProvider time;
    private readonly List<BenchCamera> cameras = [];
    private readonly List<CameraTruth> truths = [];
    private RtspServer? rtsp;
    private GnssReceiver? gnss;
    private WebApplication? web;
    private DiscoveryResponder? discovery;
    private RigFile? file;

    private RigServer(RigOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
    }

    /// <summary>What rig.json says.</summary>
    public RigFile Endpoints => file ?? throw new InvalidOperationException("With ListOnly nothing is served.");

    public Truth Truth => new(options.Clips.Seed, [.. truths]);

    public IReadOnlyList<BenchCamera> Cameras => cameras;

    public GnssReceiver? Gnss => gnss;

    public PtzSimulator? Ptz { get; private set; }

    /// <summary>Ends when a part of the bench has stopped by itself, with what went wrong.</summary>
    public async Task BrokenAsync(CancellationToken stop) =>
        await await Task.WhenAny([.. cameras.Select(c => c.Playing), .. gnss is null ? (Task[])[] : [gnss.Sending]]).WaitAsync(stop);

    /// <summary>Returns when all of it answers and rig.json is written.</summary>
    /// <exception cref="RigException">Bad options, or something is missing: one sentence for the user.</exception>
    public static async Task<RigServer> StartAsync(RigOptions options, IProgress<string> progress, TimeProvider time, CancellationToken stop)
    {
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
            throw new RigException(string.Join(Environment.NewLine, problems));
        var rig = new RigServer(options, time);
        try
        {
            await rig.StartAsync(progress, stop);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // gpsd first: it is a process, and would outlive a failure of the rest.
        if (gnss is not null)
            await gnss.DisposeAsync();
        if (discovery is not null)
            await discovery.DisposeAsync();
        if (web is not null)
            await web.DisposeAsync();
        foreach (BenchCamera camera in cameras)
            await camera.DisposeAsync();
        if (rtsp is not null)
            await rtsp.DisposeAsync();
    }

    private async Task StartAsync(IProgress<string> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(options.StateDirectory);
        // A bench of before must not look ready.
        File.Delete(StateFile(RigFileName));
        Directory.CreateDirectory(options.CacheDirectory);

        IReadOnlyList<Person> persons = !options.WithPeople ? []
            : options.PicturesDirectory is { } folder ? PeopleFolder.Read(folder)
            : await FreePictures.GetAsync(options.CacheDirectory, progress, stop);
        var cast = new Cast(options.Clips.Seed, persons);
        List<(string Id, MadeClip Clip)> clips = await MakeClipsAsync(cast, progress, stop);
        await WatchFiles.WriteAsync(options.StateDirectory, cast, stop);
        truths.AddRange(clips.Select(c => c.Clip.Truth));
        if (!options.ListOnly)
            await ServeAsync(clips, stop);
        await WriteAsync(TruthFileName, Truth, stop);
        if (file is not null)
            await WriteAsync(RigFileName, file, stop);
    }

    private IEnumerable<string> Ids => Labels.Select(l => l.Id).Where((id, i) => id == CabId || i < options.Cameras);

    private async Task<List<(string Id, MadeClip Clip)>> MakeClipsAsync(Cast cast, IProgress<string> progress, CancellationToken stop)
    {
        using var maker = new ClipMaker(options.Clips, options.CacheDirectory, progress);
        string[] played = [.. Ids.Where(id => !IsUrl(options.OwnCameras.GetValueOrDefault(id)))];
        MadeClip[] made = await Task.WhenAll(played.Select(id => MakeAsync(maker, id)));
        return [.. played.Zip(made)];

        // On the pool: drawing is work for a processor, several clips at once.
        Task<MadeClip> MakeAsync(ClipMaker maker, string id) => Task.Run(() =>
            options.OwnCameras.TryGetValue(id, out string? ownFile) ? maker.FileAsync(id, ownFile, stop)
            : id == CabId ? maker.CabAsync(id, cast, stop)
            : id == PtzCameraId ? maker.TurningAsync(id, 1, cast, stop)
            : maker.CaptureAsync(id, Labels.TakeWhile(l => l.Id != id).Count() + 1, id == HevcCameraId ? VideoCodec.H265 : VideoCodec.H264, cast, stop), stop);
    }

    private async Task ServeAsync(List<(string Id, MadeClip Clip)> clips, CancellationToken stop)
    {
        rtsp = new RtspServer(new RtspServerOptions { Port = options.RtspPort }, time);
        // In step they would all send their key pictures in the same millisecond, which real cameras do not.
        var phases = new Random(options.Clips.Seed);
        foreach ((string id, MadeClip made) in clips)
            cameras.Add(new BenchCamera(id, made.Clip, rtsp, options.Clips.Seed, time, phase: TimeSpan.FromSeconds(phases.NextDouble())));
        for (int i = 0; i < truths.Count; i++)
            truths[i] = truths[i].StartedAt(cameras[i].Start);
        if (options.WithGnss)
            gnss = await GnssReceiver.StartAsync(time, stop);

        CameraEntry[] entries = [.. Ids.Select(id => Entry(id, clips.Where(c => c.Id == id).Select(c => c.Clip).FirstOrDefault()))];
        // The cab camera is no capture camera and is configured by hand: nobody finds it.
        (string Id, PtzSimulator Services)[] onvif = [.. entries.Where(e => e.Id != CabId).Select(e => (e.Id, OnvifOf(e)))];
        Ptz = onvif[0].Services;
        if (cameras.FirstOrDefault(c => c.Id == PtzCameraId) is { } roof)
            roof.LooksAt = () => Ptz.PictureAt;
        string http = await StartWebAsync(onvif, stop);
        if (options.WithDiscovery)
            discovery = new DiscoveryResponder([.. onvif.Select(c => Discoverable(c.Id, http))]);
        file = new RigFile(
            [.. entries.Where(e => e.Id != CabId)], entries.Single(e => e.Id == CabId), new PtzEntry($"{http}/onvif/device_service", PtzUser, PtzPassword),
            gnss is null ? null : new GnssEntry("127.0.0.1", gnss.Port), http, Environment.ProcessId);
    }

    private CameraEntry Entry(string id, MadeClip? made)
    {
        (_, string zh, string en) = Labels.Single(l => l.Id == id);
        if (made is not null)
            return new CameraEntry(id, zh, en, rtsp!.UrlOf($"{id}/main"), rtsp.UrlOf($"{id}/sub"), made.Clip.Main.Codec == VideoCodec.H264 ? "h264" : "hevc");
        string[] urls = options.OwnCameras[id].Split(',');
        return new CameraEntry(id, zh, en, urls[0], urls[^1], "unknown");
    }

    private PtzSimulator OnvifOf(CameraEntry entry)
    {
        string encoding = entry.CodecMain == "hevc" ? "H265" : "H264";
        OfferedStream[] streams =
        [
            new("main", encoding, options.Clips.Width, options.Clips.Height, entry.Main),
            new("sub", "H264", VideoEncoder.SubWidth, VideoEncoder.SubHeight, entry.Sub),
        ];
        return new PtzSimulator(PtzUser, PtzPassword, () => streams, time, moves: entry.Id == PtzCameraId) { Serial = $"BENCH-{entry.Id}" };
    }

    /// <summary>An id of its own, also beside another bench's camera of the same name.</summary>
    private static DiscoverableCamera Discoverable(string id, string http)
    {
        var service = new Uri($"{http}/{OnvifRoot(id)}/device_service");
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(service.ToString()));
        return new DiscoverableCamera(new Guid(hash.AsSpan(0, 16)), service, Labels.Single(l => l.Id == id).En, id);
    }

    /// <summary>The roof camera is where it always was.</summary>
    private static string OnvifRoot(string id) => id == PtzCameraId ? "onvif" : $"{id}/onvif";

    /// <summary>One Kestrel for the cameras' services and the faults.</summary>
    private async Task<string> StartWebAsync((string Id, PtzSimulator Services)[] onvif, CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        web = builder.Build();
        foreach ((string id, PtzSimulator services) in onvif)
            services.Map(web, OnvifRoot(id));
        ControlApi.Map(web, cameras, onvif.ToDictionary(c => c.Id, c => c.Services), onvif[0].Services, gnss, () => Truth);
        await web.StartAsync(stop);
        return web.Urls.First();
    }

    /// <summary>Whole or not at all: who waits for the file reads it the moment it is there.</summary>
    private async Task WriteAsync<T>(string name, T content, CancellationToken stop)
    {
        string partial = StateFile(name + ".part");
        await File.WriteAllTextAsync(partial, JsonSerializer.Serialize(content, content is Truth ? RigJson.Compact : RigJson.Options), stop);
        File.Move(partial, StateFile(name), overwrite: true);
    }

    private string StateFile(string name) => Path.Combine(options.StateDirectory, name);

    private static bool IsUrl(string? camera) => camera is not null && camera.StartsWith("rtsp://", StringComparison.OrdinalIgnoreCase);
}
