using System.Numerics;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Tests.Rig;

public sealed class SceneTests(SceneTests.Drawn drawn) : IClassFixture<SceneTests.Drawn>
{
    private readonly Scene scene = drawn.Scene;

    [Fact]
    public void The_plate_is_where_the_truth_says()
    {
        Actor actor = scene.Actors[0];
        var frame = new Frame420(scene.Width, scene.Height);
        int looked = 0;
        foreach (Appearance appearance in Appearance.Of(actor, scene, BenchClips.Options.FrameCount, BenchClips.Options.FramesPerSecond))
        {
            foreach (int[] box in appearance.Boxes)
            {
                scene.Render(box[0] / 1000f, frame);
                (float blue, _) = ColourIn(frame, box[1], box[2], box[3], box[4]);
                (float beside, _) = ColourIn(frame, box[1], Math.Max(0, box[2] - 3 * box[4]), box[3], box[4]);
                // Blue's Cb lies far above 128; bodies, glass and road are near grey.
                Assert.True(blue > 150 && blue > beside + 15, $"at {box[0]} ms: {blue} on the plate, {beside} above it");
                looked++;
            }
        }
        Assert.InRange(looked, 3, 100);
    }

    [Fact]
    public void Before_and_after_its_time_nothing_is_seen()
    {
        Assert.All(scene.Actors, a => Assert.False(scene.IsSeen(a, a.Path[0].Seconds - 0.01f)));
        Assert.All(scene.Actors, a => Assert.False(scene.IsSeen(a, a.Path[^1].Seconds + 0.01f)));
    }

    [Fact]
    public void Appearances_lie_within_the_loop_and_hold_their_own_widths()
    {
        foreach (Actor actor in scene.Actors)
        {
            List<Appearance> appearances = Appearance.Of(actor, scene, BenchClips.Options.FrameCount, BenchClips.Options.FramesPerSecond);
            Assert.NotEmpty(appearances);
            foreach (Appearance appearance in appearances)
            {
                Assert.InRange(appearance.FromMs, 0, appearance.ToMs);
                Assert.InRange(appearance.ToMs, 0, (long)(BenchClips.Options.LoopSeconds * 1000));
                Assert.InRange(appearance.MinWidthPx, (int)Appearance.MinCountedWidthPx, appearance.MaxWidthPx);
            }
        }
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_frame_and_another_seed_another()
    {
        static byte[] Middle(Scene of)
        {
            var frame = new Frame420(of.Width, of.Height);
            of.Render(1.2f, frame);
            return frame.Bytes;
        }
        byte[] first = Middle(await drawn.BuildAsync(BenchClips.Options));
        Assert.Equal(first, Middle(await drawn.BuildAsync(BenchClips.Options)));
        Assert.NotEqual(first, Middle(await drawn.BuildAsync(BenchClips.Options with { Seed = 2 })));
    }

    [Fact]
    public void What_moves_is_smeared_along_its_way_and_keeps_its_light()
    {
        var picture = new Raster(40, 40);
        picture.FillRectangle(19, 5, 2, 30, Colour.Grey(255));
        var sprite = new Sprite(picture, new Vector2(20, 40), 1, default);
        Frame420 sharp = Draw(sprite, Vector2.Zero);
        Frame420 smeared = Draw(sprite, new Vector2(8, 0));

        int Lit(Frame420 frame) => frame.Luma.Slice(50 * frame.Width, frame.Width).ToArray().Count(v => v > 20);
        int Light(Frame420 frame) => frame.Luma.ToArray().Sum(v => v);
        Assert.InRange(Lit(sharp), 2, 4);
        Assert.InRange(Lit(smeared), 8, 12);
        Assert.InRange((double)Light(smeared) / Light(sharp), 0.93, 1.07);
    }

    [Theory]
    [InlineData(-36, 0)]
    [InlineData(98, 0)]
    [InlineData(30, -39)]
    public void What_is_nearly_out_of_the_picture_may_move_farther_than_it_is_seen(int x, int y)
    {
        var picture = new Raster(40, 40);
        picture.FillRectangle(0, 0, 40, 40, Colour.Grey(255));
        var sprite = new Sprite(picture, new Vector2(20, 40), 1, default);
        var frame = new Frame420(100, 100);
        frame.Luma.Fill(16);
        new Compositor(maxBlurTaps: 24).Draw(frame, sprite, Matrix3x2.CreateTranslation(x, y), new Vector2(60, 45));

        // Nothing of it comes in again at the other side.
        Assert.Equal(16, frame.Luma[60 * frame.Width + (x < 50 ? 99 : 0)]);
    }

    [Fact]
    public void Shapes_reach_exactly_to_their_edges()
    {
        var picture = new Raster(10, 10);
        picture.FillRectangle(2.5f, 2, 4, 3, Colour.Grey(200));

        Assert.Equal([0, 0, 128, 255, 255, 255, 128, 0, 0, 0], Enumerable.Range(0, 10).Select(x => (int)picture.Pixels[(3 * 10 + x) * 4 + 3]));
        Assert.Equal([0, 0, 255, 255, 255, 0, 0, 0, 0, 0], Enumerable.Range(0, 10).Select(y => (int)picture.Pixels[(y * 10 + 4) * 4 + 3]));
    }

    private static Frame420 Draw(Sprite sprite, Vector2 motion)
    {
        var frame = new Frame420(100, 100);
        new Compositor().Draw(frame, sprite, Matrix3x2.CreateTranslation(30, 30), motion);
        return frame;
    }

    /// <summary>Mean Cb and Cr of the inner part of a box.</summary>
    private static (float Blueness, float Redness) ColourIn(Frame420 frame, int x, int y, int width, int height)
    {
        float blueness = 0, redness = 0;
        int count = 0;
        for (int row = (y + height / 4) / 2; row < (y + height * 3 / 4) / 2; row++)
        {
            for (int column = (x + width / 8) / 2; column < (x + width * 7 / 8) / 2; column++, count++)
            {
                blueness += frame.Blueness[row * frame.Width / 2 + column];
                redness += frame.Redness[row * frame.Width / 2 + column];
            }
        }
        return (blueness / count, redness / count);
    }

    /// <summary>Camera 2, drawn once for all tests.</summary>
    public sealed class Drawn : IAsyncLifetime
    {
        private HanGlyphs glyphs = null!;

        internal Scene Scene { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            glyphs = await HanGlyphs.LoadAsync(CancellationToken.None);
            Scene = await BuildAsync(BenchClips.Options);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        internal Task<Scene> BuildAsync(ClipOptions options) =>
            new SceneBuilder(BenchClips.Cast, options, glyphs).CaptureAsync(2, CancellationToken.None);
    }
}
