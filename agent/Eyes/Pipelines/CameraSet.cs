using System.Collections.Immutable;
using EdgeAgent.Eyes.Cab;
using EdgeAgent.Eyes.Reading;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;

namespace EdgeAgent.Eyes.Pipelines;

/// <summary>
/// The cameras as the host configured them. A new configuration leaves alone every camera that stays as it was, unless what is looked
/// at changes.
/// </summary>
internal sealed class CameraSet(PipelineParts parts, DetectionStage detection, ReadingStage reading, CabStage cab, Seeing seeing) : IDisposable
{
    public const int MostCameras = 32;
    private const int PreviewWidth = 640;
    private static readonly PacketRingOptions s_smallest = new(Seconds: 1, Bytes: 1 << 20);
    private readonly Lock _gate = new();
    private ImmutableArray<(Camera Asked, CameraPipeline Pipeline)> _cameras = [];
    private VisionPlan _plan = VisionPlan.Default;
    private ImmutableArray<CameraPipeline> _leaving = [];
    private long _decodedByGone;
    private long _starvedByGone;
    private long _allocatedByGone;
    private float _share = 1;
    private float _previewFps;
    private int _previewWidth = PreviewWidth;

    public IEnumerable<CameraPipeline> Pipelines => _cameras.Select(c => c.Pipeline);

    /// <summary>Sub-stream pictures decoded since the process began, by cameras that are gone too.</summary>
    public long FramesDecoded => Interlocked.Read(ref _decodedByGone) + Pipelines.Concat(_leaving).Sum(p => p.Reader.FramesDecoded);

    /// <summary>Frames that were due while no buffer was free.</summary>
    public long FramesStarved => Interlocked.Read(ref _starvedByGone) + Pipelines.Concat(_leaving).Sum(p => p.Reader.FramesStarved);

    /// <summary>Managed bytes allocated by the threads that read cameras, on the way of frames.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedByGone) + Pipelines.Concat(_leaving).Sum(p => p.AllocatedBytes);

    public CameraPipeline? Find(string id) => _cameras.FirstOrDefault(c => c.Asked.Id == id).Pipeline;

    /// <summary>Takes up a configuration; returns when cameras that were left out have stopped.</summary>
    public void Configure(Configure configuration)
    {
        lock (_gate)
        {
            var plan = VisionPlan.Of(configuration);
            bool samePlan = plan == _plan;
            _plan = plan;
            var ring = RingOf(configuration);
            var kept = samePlan ? _cameras.Where(c => configuration.Cameras.Contains(c.Asked)).ToImmutableArray() : [];
            var gone = _cameras.RemoveAll(kept.Contains);
            _leaving = [.. gone.Select(c => c.Pipeline)];
            var added = configuration.Cameras.Take(MostCameras).DistinctBy(c => c.Id).Where(c => !kept.Any(k => k.Asked.Id == c.Id))
                .Select(c => (c, New(c, ring))).ToImmutableArray();
            _cameras = kept.AddRange(added);
            detection.SetCameras(Pipelines);
            reading.SetCameras(Pipelines);
            cab.KeepTo(Pipelines);
            Stop(gone);
            ApplyRatesNeedsLock();
            foreach (var (_, pipeline) in added)
                pipeline.Reader.Start();
        }
    }

    /// <summary>What may be looked for changed: frames are made only while something is.</summary>
    public void SetSeeing(SetSeeing asked)
    {
        lock (_gate)
        {
            seeing.Set(asked.Faces, asked.Plates, asked.PlateMemoryMs);
            _share = asked.Share is > 0 and < 1 ? asked.Share : 1;
            ApplyRatesNeedsLock();
        }
        detection.Wake();
    }

    /// <summary>What of a preview-only camera is looked at from now on.</summary>
    public void LookAtCab(LookAtCab asked)
    {
        lock (_gate)
        {
            cab.Look(asked.Looking, _cameras.FirstOrDefault(c => c.Asked.Id == asked.CameraId && c.Asked.PreviewOnly).Pipeline);
            ApplyRatesNeedsLock();
        }
    }

    public void SetPreview(SetPreview asked)
    {
        lock (_gate)
        {
            _previewFps = float.IsFinite(asked.Fps) ? Math.Clamp(asked.Fps, 0, 25) : 0;
            _previewWidth = asked.Width == 0 ? PreviewWidth : (int)Math.Clamp(asked.Width, 64, 1920);
            ApplyRatesNeedsLock();
        }
    }

    /// <summary>Stops and empties every camera. Detection and reading let go of them first.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            var all = _cameras;
            _leaving = [.. all.Select(c => c.Pipeline)];
            _cameras = [];
            detection.SetCameras([]);
            reading.SetCameras([]);
            cab.KeepTo([]);
            Stop(all);
        }
    }

    private void Stop(ImmutableArray<(Camera Asked, CameraPipeline Pipeline)> cameras)
    {
        // First all told, then each waited for: they stop side by side.
        foreach (var (_, pipeline) in cameras)
            pipeline.Reader.RequestStop();
        foreach (var (_, pipeline) in cameras)
        {
            pipeline.Dispose();
            _decodedByGone += pipeline.Reader.FramesDecoded;
            _starvedByGone += pipeline.Reader.FramesStarved;
            _allocatedByGone += pipeline.AllocatedBytes;
            _leaving = _leaving.Remove(pipeline);
        }
    }

    private static PacketRingOptions RingOf(Configure configuration)
    {
        var standard = new PacketRingOptions();
        return new PacketRingOptions(
            configuration.RingSeconds == 0 ? standard.Seconds : (int)Math.Clamp(configuration.RingSeconds, 1, 600),
            configuration.RingBytes == 0 ? standard.Bytes : (long)Math.Clamp(configuration.RingBytes, 1UL << 20, 1UL << 30));
    }

    private CameraPipeline New(Camera camera, PacketRingOptions ring)
    {
        string sub = camera.SubUrl.Length > 0 ? camera.SubUrl : camera.MainUrl;
        bool keepMain = !camera.PreviewOnly && camera.MainUrl.Length > 0;
        var options = new CameraOptions(camera.Id, camera.MainUrl, sub, keepMain, camera.PreviewOnly ? s_smallest : ring, _plan.MainDecoding);
        return new CameraPipeline(options, camera.PreviewOnly, _plan, parts, camera.PreviewOnly ? cab.Wake : detection.Wake);
    }

    private void ApplyRatesNeedsLock()
    {
        foreach (var (_, pipeline) in _cameras)
        {
            pipeline.SetRates(seeing.Faces, seeing.Plates, _share);
            pipeline.SetCabRate(cab.FpsOf(pipeline));
            pipeline.Reader.Preview.MaxWidth = _previewWidth;
            pipeline.Reader.Preview.Fps = _previewFps;
        }
    }
}
