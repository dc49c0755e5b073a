using System.Runtime.InteropServices;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

public sealed unsafe class MotionTests : IDisposable
{
    private const int Width = 640, Height = 360;
    private const int Seed = 42;
    private readonly byte* _luma = (byte*)NativeMemory.Alloc(Width * Height);
    private readonly MotionMeter _meter = new();
    private readonly Random _random = new(Seed);
    private long _monoMs;

    public void Dispose() => NativeMemory.Free(_luma);

    [Fact]
    public void A_new_camera_moves_and_after_a_moment_of_stillness_does_not()
    {
        Assert.True(Look(Scene()));
        Run(frames: 15, Scene);
        Assert.False(Look(Scene()));
    }

    [Fact]
    public void Sensor_noise_is_no_movement()
    {
        Run(frames: 20, Scene);
        for (int i = 0; i < 100; i++)
            Assert.False(Look(Scene(noise: 8)), $"frame {i}, {_meter.MovingBlocks} blocks");
    }

    [Theory]
    [InlineData(60, 30, 4)]   // a car far away, across
    [InlineData(80, 60, 1)]   // one that comes slowly nearer
    public void A_small_thing_that_moves_is_seen_at_once(int width, int height, int pixelsPerFrame)
    {
        Run(frames: 20, Scene);
        Assert.False(Look(Scene(noise: 8)));
        int frames = 0;
        while (!Look(Scene(noise: 8, thing: (100 + ++frames * pixelsPerFrame, 150, width, height))))
            Assert.InRange(frames, 0, 5);
        for (int i = 0; i < 60; i++)
            Assert.True(Look(Scene(noise: 8, thing: (100 + ++frames * pixelsPerFrame, 150, width, height))), $"frame {i}");
    }

    [Fact]
    public void What_came_to_a_halt_becomes_part_of_the_scene()
    {
        Run(frames: 20, Scene);
        Assert.True(Look(Scene(thing: (100, 150, 120, 80))));
        Run(frames: 40, () => Scene(noise: 8, thing: (100, 150, 120, 80)));
        Assert.False(Look(Scene(noise: 8, thing: (100, 150, 120, 80))));
        Assert.True(Look(Scene()));
    }

    [Fact]
    public void Dusk_is_no_movement()
    {
        Run(frames: 20, Scene);
        for (int i = 0; i < 200; i++)
            Assert.False(Look(Scene(noise: 6, brightness: -i / 10)), $"frame {i}");
    }

    [Fact]
    public void A_picture_of_another_size_is_a_new_scene_and_a_tiny_one_always_moves()
    {
        Run(frames: 30, Scene);
        Assert.True(_meter.Look(new LumaPlane((nint)_luma, 320, 180, Width), _monoMs += 100));
        for (int i = 0; i < 30; i++)
            Assert.True(_meter.Look(new LumaPlane((nint)_luma, 32, 18, Width), _monoMs += 100));
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        Run(frames: 5, Scene);
        var plane = Scene();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 20; i++)
                _meter.Look(plane, _monoMs += 100);
        }));
    }

    [Fact]
    public void A_still_camera_gives_fewer_frames_unless_somebody_is_busy_with_it()
    {
        var limit = new FrameRateLimit { Fps = 10, StillFps = 2 };
        Assert.Equal(100, Frames(limit, moving: true));
        // After a movement the slow pace goes on from its last frame.
        Assert.InRange(Frames(limit, moving: false), 19, 21);
        limit.Busy = true;
        Assert.Equal(100, Frames(limit, moving: false));
        limit.Busy = false;
        limit.StillFps = 10;
        Assert.Equal(100, Frames(limit, moving: false));
    }

    private int Frames(FrameRateLimit limit, bool moving)
    {
        // Ten seconds at 25 a second.
        int frames = 0;
        for (int i = 0; i < 250; i++, _monoMs += 40)
            if (limit.IsDue(_monoMs) && limit.IsWanted(_monoMs, moving))
                frames++;
        return frames;
    }

    private void Run(int frames, Func<LumaPlane> scene)
    {
        for (int i = 0; i < frames; i++)
            Look(scene());
    }

    private bool Look(LumaPlane plane) => _meter.Look(plane, _monoMs += 100);

    private LumaPlane Scene() => Scene(noise: 0);

    private LumaPlane Scene(int noise = 0, int brightness = 0, (int X, int Y, int Width, int Height)? thing = null)
    {
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                int value = 90 + (x / 40 + y / 30) % 3 * 40 + brightness;
                if (thing is { } t && x >= t.X && x < t.X + t.Width && y >= t.Y && y < t.Y + t.Height)
                    value = (x - t.X) * 4 < t.Width ? 40 : 210;
                // About a sensor's spread: the sum of two even ones.
                if (noise > 0)
                    value += _random.Next(-noise, noise + 1) + _random.Next(-noise, noise + 1);
                _luma[y * Width + x] = (byte)Math.Clamp(value, 0, 255);
            }
        return new LumaPlane((nint)_luma, Width, Height, Width);
    }
}
