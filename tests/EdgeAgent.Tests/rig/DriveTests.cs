using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Tests.Rig;

public sealed class DriveTests(PlateDrawingTests.Glyphs glyphs) : IClassFixture<PlateDrawingTests.Glyphs>
{
    private static readonly DriveOptions s_small = new() { Seconds = 12, Width = 960 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_drive_has_enough_visits_of_every_width_that_counts_and_of_the_control(int seed)
    {
        (float Most, float Seconds)[] seen = [.. AllTraffic(seed).SelectMany(t => t).Select(t => t.Encounter.Seen(DriveVisit.CountedWidthPx))];

        Assert.InRange(seen.Count(s => s.Seconds >= 0.5f), 150, 400);
        foreach ((float from, float to) in ((float, float)[])[(48, 64), (64, 80), (80, 110), (110, 160), (160, 230)])
            Assert.InRange(seen.Count(s => s.Most >= from && s.Most < to), 7, 120);
    }

    [Fact]
    public void Traffic_follows_from_the_seed_comes_after_the_lead_in_and_is_gone_before_the_loop_ends()
    {
        List<Scheduled> first = Fill(1);
        Assert.Equal(Text(first), Text(Fill(1)));
        Assert.NotEqual(Text(first), Text(Fill(2)));
        Assert.All(first, t =>
        {
            Assert.InRange(t.StartSeconds, Traffic.LeadInSeconds, 12);
            Assert.InRange(t.StartSeconds + t.Encounter.Seconds, Traffic.LeadInSeconds, 11);
        });

        static List<Scheduled> Fill(int seed) => new Traffic(DriveSetting.All(new Random(seed))[1], new Random(seed)).Fill(12);
        static string Text(List<Scheduled> traffic) => string.Join(' ', traffic.Select(t => $"{t.Encounter.Plate.Text} {t.StartSeconds} {t.Encounter.YawDegrees}"));
    }

    [Fact]
    public void All_classes_and_courses_come_by_and_plates_are_turned_up_to_45_degrees()
    {
        Encounter[] all = [.. AllTraffic(1).SelectMany(t => t).Select(t => t.Encounter)];
        Assert.Equal(Enum.GetValues<PlateClass>(), all.Select(e => e.Plate.Class).Distinct().Order());
        Assert.Equal(Enum.GetValues<DriveCourse>(), all.Select(e => e.Course).Distinct().Order());
        Assert.InRange(all.Max(e => MathF.Abs(e.YawDegrees)), 38, 45);
        Assert.Equal(all.Length, all.Select(e => e.Plate.Text).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Plates_are_where_the_truth_says_and_as_wide(int camera)
    {
        DriveScene drive = DriveScene.Build(camera, s_small, glyphs.Han);
        var frame = new Frame420(s_small.Width, s_small.Height);
        int looked = 0;
        // Blue and yellow stand out of any car and street: chroma lies far from grey.
        foreach (DriveVisit visit in drive.Visits.Where(v => v.Class is "blue" or "yellow"))
        {
            int[] box = visit.Boxes.MaxBy(b => b[5])!;
            drive.Scene.Render(box[0] / 1000f, frame);
            float on = Cb(frame, box[1] + box[3] / 4, box[2] + box[4] / 4, box[3] / 2, box[4] / 2);
            Assert.True(visit.Class == "blue" ? on > 136 : on < 116, $"{visit.Id} {visit.Class}: {on}");
            Assert.InRange(box[5], visit.MaxWidthPx - 1, visit.MaxWidthPx);
            looked++;
        }
        Assert.InRange(looked, 1, 50);
    }

    [Fact]
    public async Task The_truth_file_holds_what_was_written()
    {
        DriveScene drive = DriveScene.Build(0, s_small, glyphs.Han);
        string file = Path.GetTempFileName();
        try
        {
            await DriveVisit.WriteAsync(file, drive.Visits, CancellationToken.None);
            IReadOnlyList<DriveVisit> read = await DriveVisit.ReadAsync(file, CancellationToken.None);
            Assert.Equal(drive.Visits.Count, (await File.ReadAllLinesAsync(file)).Length);
            // A record compares its list by reference.
            int[][] none = [];
            Assert.Equal(drive.Visits.Select(v => v with { Boxes = none }), read.Select(v => v with { Boxes = none }));
            Assert.Equal(drive.Visits.SelectMany(v => v.Boxes), read.SelectMany(v => v.Boxes));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_limited_shutter_costs_noise_and_none_where_there_is_light()
    {
        HourOfDay night = HourOfDay.Of(DriveLight.Night), limited = night.Within(night.ShutterSeconds / 4);
        Assert.Equal(night.ShutterSeconds / 4, limited.ShutterSeconds);
        Assert.Equal(night.NoiseSigma * 2, limited.NoiseSigma);
        Assert.Equal(night with { ShutterSeconds = limited.ShutterSeconds, NoiseSigma = limited.NoiseSigma }, limited);
        Assert.Same(night, night.Within(night.ShutterSeconds));
        Assert.Same(night, night.Within(float.PositiveInfinity));
    }

    [Fact]
    public void A_limited_shutter_smears_less()
    {
        float[] Smears(float longest) => [.. DriveScene.Build(6, s_small with { LongestShutterSeconds = longest }, glyphs.Han).Visits.Select(v => v.LeastSmear)];
        float[] free = Smears(float.PositiveInfinity), limited = Smears(1 / 500f);
        Assert.Equal(free.Length, limited.Length);
        Assert.All(free.Zip(limited), s => Assert.True(s.Second <= s.First));
        Assert.InRange(limited.Sum() / free.Sum(), 0.05, 0.2);
    }

    [Fact]
    public void Night_is_darker_and_what_passes_is_smeared_longer()
    {
        Assert.True(HourOfDay.Of(DriveLight.Night).ShutterSeconds > HourOfDay.Of(DriveLight.Day).ShutterSeconds);
        Assert.InRange((double)Luma(6) / Luma(0), 0.1, 0.45);

        int Luma(int camera)
        {
            var frame = new Frame420(s_small.Width, s_small.Height);
            DriveScene.Build(camera, s_small with { Seconds = 6 }, glyphs.Han).Scene.Render(1, frame);
            return (int)frame.Luma.ToArray().Average(v => v);
        }
    }

    [Fact]
    public void A_moving_street_goes_by_faster_where_it_is_nearer_and_comes_round()
    {
        var picture = new Frame420(64, 64);
        picture.Luma.Fill(20);
        for (int row = 0; row < 64; row++)
            picture.Luma[row * 64 + 40] = 220;
        var lens = new Lens(64, 1, 16, ShutterSeconds: 0);
        var street = new MovingBackdrop(picture, lens, acrossMetresPerSecond: 4);
        var frame = new Frame420(64, 64);

        street.Show(0, frame);
        Assert.Equal([40, 40, 40], [Line(frame, 4), Line(frame, 24), Line(frame, 40)]);
        street.Show(1, frame);
        // Houses at 14 m: 64 × 4 / 14 = 18; row 24 lies at 64 / 8 = 8 m: 32; a shift is even.
        Assert.Equal([22, 8], [Line(frame, 4), Line(frame, 24)]);

        static int Line(Frame420 of, int row) => of.Luma.Slice(row * 64, 64).IndexOf((byte)220);
    }

    private static List<Scheduled>[] AllTraffic(int seed)
    {
        IReadOnlyList<DriveSetting> settings = DriveSetting.All(new Random(seed));
        return [.. settings.Select((s, i) => new Traffic(s, new Random(seed * 100 + i)).Fill(new DriveOptions().Seconds))];
    }

    private static float Cb(Frame420 frame, int x, int y, int width, int height)
    {
        float sum = 0;
        for (int row = y / 2; row < (y + height) / 2; row++)
        {
            foreach (byte value in frame.Blueness.Slice(row * frame.Width / 2 + x / 2, width / 2))
                sum += value;
        }
        return sum / Math.Max(1, ((y + height) / 2 - y / 2) * (width / 2));
    }
}
