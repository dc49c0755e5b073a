using System.Threading.Channels;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Inference;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Eyes;

/// <summary>What detection does with one frame, with the real networks.</summary>
public sealed class SteadyFrameTests : IDisposable
{
    private const string Font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc";
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-steady").FullName;
    private readonly FramePool _pool = new();
    private readonly Counters _counters = new();
    private readonly Seeing _seeing = new();
    private readonly LookQueue _looks;
    private readonly DetectionStage _stage;

    public SteadyFrameTests()
    {
        _looks = new LookQueue(_counters);
        _stage = new DetectionStage(
            ModelStore.Open(Path.Combine(Repository.Root, "models")), _pool, _seeing, _looks, _counters, TimeProvider.System, NullLogger<DetectionStage>.Instance);
        _stage.Load();
        _seeing.Set(faces: true, plates: true);
    }

    public void Dispose()
    {
        _stage.Dispose();
        _looks.Dispose();
        Assert.Equal(0, _pool.Outstanding);
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_frame_with_nothing_new_in_it_allocates_nothing()
    {
        using var camera = NewCamera(new Configure { AnalysedFps = 10 });
        using var frame = PlatePicture();
        Analyse(camera, frame, from: 0, frames: 20, isMain: false);
        Assert.Equal(VisitKind.Plate, Assert.Single(camera.Visits).Kind);
        int from = 20;
        Assert.Equal(0, Allocations.Of(() =>
        {
            Analyse(camera, frame, from, frames: 50, isMain: false);
            from += 50;
        }));
        Assert.Single(camera.Visits);
    }

    [Fact]
    public void A_plate_is_one_visit_whichever_streams_show_it_and_in_whatever_order_their_frames_come()
    {
        using var camera = NewCamera(new Configure
        {
            AnalysedFps = 10,
            MainDecode = MainDecode.Continuous,
            PlateDetect = PlateDetect.Both,
            PlateDetectFps = 3,
            PlateDetectWidth = 640,
        });
        Assert.NotNull(camera.MainFrames);
        using var frame = PlatePicture();
        for (int i = 0; i < 20; i++)
        {
            Analyse(camera, frame, from: i, frames: 1, isMain: false);
            // Captured a little before the one above.
            frame.Mark(new FrameStamp("cam", 0, 1000 + 100 * i - 40, 0));
            _stage.Analyse(camera, frame, isMain: true);
        }
        var visit = Assert.Single(camera.Visits);
        Assert.Equal(1000 + 19 * 100 - 40, visit.LastSeenMonoMs);
        Assert.Equal(1, _counters.PlateTracks);
    }

    [Fact]
    public void A_plate_that_stays_in_sight_is_let_go_of_on_its_clock_begun_anew_and_counted_once()
    {
        _seeing.Set(faces: true, plates: true, plateMemoryMs: 3000);
        using var camera = NewCamera(new Configure { AnalysedFps = 10 });
        using var frame = PlatePicture();
        var ids = new HashSet<string>();
        for (int i = 0; i < 100; i++)
        {
            Analyse(camera, frame, from: i, frames: 1, isMain: false);
            var visit = camera.Visits.SingleOrDefault();
            Assert.True(visit is null || visit.LastSeenMonoMs - visit.BeganMonoMs < 3000);
            if (visit is not null && ids.Add(visit.Id) && ids.Count == 1)
                visit.Counted = true;
        }
        Assert.Equal(4, ids.Count);
        Assert.True(camera.Visits.Single().Counted);
        _seeing.Set(faces: true, plates: true, plateMemoryMs: 3_600_000);
        Assert.Equal(180_000, _seeing.PlateMemoryMs);
    }

    [Fact]
    public void Plates_that_only_the_main_stream_shows_stay_one_visit_from_key_frame_to_key_frame()
    {
        using var camera = NewCamera(new Configure { MainDecode = MainDecode.KeyFrames, PlateDetect = PlateDetect.Main, PlateDetectWidth = 640 });
        using var frame = PlatePicture();
        for (int second = 0; second < 6; second++)
        {
            // The sub-stream's frames look for faces only, and end nothing.
            for (int i = 0; i < 10; i++)
                Analyse(camera, frame, from: 10 * second + i, frames: 1, isMain: false);
            Analyse(camera, frame, from: 10 * second + 10, frames: 1, isMain: true);
        }
        Assert.False(Assert.Single(camera.Visits).OutOfSight);
        Assert.Equal(1, _counters.PlateTracks);
    }

    [Fact]
    public void A_camera_is_busy_while_a_look_is_wanted_and_not_when_all_is_known()
    {
        using var camera = NewCamera(new Configure { AnalysedFps = 10, StillFps = 2 });
        using var frame = PlatePicture();
        Analyse(camera, frame, from: 0, frames: 1, isMain: false);
        Assert.True(camera.Reader.Analysis.Busy);
        Analyse(camera, frame, from: 1, frames: 5, isMain: false);
        Assert.True(camera.Reader.Analysis.Busy);
        Assert.Single(camera.Visits).Settled = true;
        Analyse(camera, frame, from: 6, frames: 1, isMain: false);
        Assert.False(camera.Reader.Analysis.Busy);
    }

    [Theory]
    [InlineData(MainDecode.OnDemand, PlateDetect.Main, true, false)]
    [InlineData(MainDecode.KeyFrames, PlateDetect.Main, false, true)]
    [InlineData(MainDecode.Continuous, PlateDetect.Both, true, true)]
    [InlineData(MainDecode.Continuous, PlateDetect.Sub, true, false)]
    public void Plates_are_looked_for_somewhere_whatever_is_asked(MainDecode decode, PlateDetect detect, bool sub, bool main)
    {
        var plan = VisionPlan.Of(new Configure { MainDecode = decode, PlateDetect = detect, AnalysedFps = float.NaN, StillFps = 0.01f });
        Assert.Equal((sub, main, 10f, 2f), (plan.PlatesInSub, plan.PlatesInMain, plan.Fps, plan.StillFps));
    }

    private void Analyse(CameraPipeline camera, Frame frame, int from, int frames, bool isMain)
    {
        for (int i = from; i < from + frames; i++)
        {
            frame.Mark(new FrameStamp("cam", i, 1000 + 100 * i, 0));
            _stage.Analyse(camera, frame, isMain);
        }
    }

    private CameraPipeline NewCamera(Configure configure)
    {
        var media = Channel.CreateBounded<MediaMessage>(1);
        var parts = new PipelineParts(_pool, _counters, media.Writer, TimeProvider.System, NullLoggerFactory.Instance);
        // Never started: the frames are the test's own.
        var options = new CameraOptions("cam", "rtsp://127.0.0.1:9/main", "rtsp://127.0.0.1:9/sub", KeepMain: true, new PacketRingOptions());
        return new CameraPipeline(options, previewOnly: false, VisionPlan.Of(configure), parts, () => { });
    }

    private Frame PlatePicture()
    {
        string path = Path.Combine(_folder, "plate.png");
        Clips.Ffmpeg(
            "-f", "lavfi", "-i",
            "color=c=0x808890:s=640x360,format=bgr24,drawbox=x=180:y=120:w=280:h=150:c=0x303438:t=fill,"
            + $"drawbox=x=250:y=200:w=132:h=42:c=0x1040b0:t=fill,drawtext=fontfile={Font}:text='京FK5358':fontsize=25:fontcolor=white:x=257:y=205",
            "-frames:v", "1", path);
        return PictureFile.Load(path, _pool);
    }
}
