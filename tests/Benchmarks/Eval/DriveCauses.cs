using EdgeAgent.Hw.Frames;
using EdgeAgent.Rig.Drives;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What a visit offered, looked at picture by picture without haste, and what became of it.</summary>
/// <param name="Cause">
/// <c>sub</c>: the detector finds it in fewer than two sub-stream pictures; <c>detect</c>: it is not found in the main stream either;
/// <c>reader</c>: no main picture reads right; <c>few</c>: fewer than a quarter of them do; <c>pipeline</c>: it could be read and was not.
/// </param>
/// <param name="SubFrames">Sub-stream pictures that show it, and those of them in which it is found.</param>
/// <param name="MainFrames">Main pictures that show it at least 48 px wide, those in which it is found, those that read right.</param>
internal sealed record DriveCause(string Id, string Plate, string Class, string Light, int MaxWidthPx, float LeastSmear, string Outcome, string[] Told, string Cause, int[] SubFrames, int[] MainFrames, string[] Reads);

/// <summary>Finds out what loses visits: every picture of those not read goes through detector and reader, without any clock.</summary>
internal static class DriveCauses
{
    private const int LeastMainPx = 48;
    private const int TwoFrames = 2;

    public static async Task<IReadOnlyList<DriveCause>> OfAsync(IReadOnlyList<DriveClip> clips, DriveScore score, DriveOptions options, CancellationToken stop)
    {
        ModelStore models = ModelStore.Open();
        using var detector = new PlateDetector(models);
        using var reader = new PlateReader(models);
        var causes = new List<DriveCause>();
        foreach (DriveClip clip in clips)
        {
            ScoredVisit[] lost = [.. score.Counted.Where(v => v.Visit.Camera == clip.Camera && v.Outcome != DriveOutcome.Read)];
            if (lost.Length == 0)
                continue;
            var looks = lost.ToDictionary(v => v.Visit.Id, v => new Looks(v));
            await DriveFrames.EachAsync(clip.SubFile, 640, 360, options.FramesPerSecond, (ms, frame) => LookInSub(looks.Values, ms, frame, detector, options), stop);
            await DriveFrames.EachAsync(clip.MainFile, options.Width, options.Height, options.FramesPerSecond, (ms, frame) => LookInMain(looks.Values, ms, frame, detector, reader), stop);
            causes.AddRange(looks.Values.Select(l => l.Cause()));
        }
        foreach (var cause in causes.GroupBy(c => c.Cause).OrderByDescending(g => g.Count()))
            await Console.Error.WriteLineAsync($"  lost by {cause.Key}: {cause.Count()}");
        return causes;
    }

    private sealed class Looks(ScoredVisit scored)
    {
        public DriveVisit Visit => scored.Visit;

        public int[] Sub { get; } = new int[2];

        public int[] Main { get; } = new int[3];

        public List<string> Reads { get; } = [];

        public int[]? BoxAt(long ms) => Visit.Boxes.FirstOrDefault(b => b[0] == ms);

        public DriveCause Cause()
        {
            string cause = Main[1] == 0 ? "detect" : Sub[1] < TwoFrames ? "sub" : Main[2] == 0 ? "reader" : Main[2] * 4 < Main[0] ? "few" : "pipeline";
            return new DriveCause(
                Visit.Id, Visit.Plate, Visit.Class, Visit.Light, Visit.MaxWidthPx, Visit.LeastSmear, scored.Outcome.ToString().ToLowerInvariant(), [.. scored.Told.Select(t => t.Text)], cause, Sub, Main,
                [.. Reads.GroupBy(r => r).OrderByDescending(g => g.Count()).Take(3).Select(g => $"{g.Key} × {g.Count()}")]);
        }
    }

    private static void LookInSub(IEnumerable<Looks> visits, long ms, BgrView frame, PlateDetector detector, DriveOptions options)
    {
        (Looks Look, int[] Box)[] here = [.. visits.Select(v => (v, v.BoxAt(ms)!)).Where(v => v.Item2 is not null)];
        if (here.Length == 0)
            return;
        var found = new PlateBox[32];
        int count = detector.Detect(frame, found);
        float scale = (float)frame.Width / options.Width;
        foreach ((Looks look, int[] box) in here)
        {
            look.Sub[0]++;
            look.Sub[1] += Nearest(found.AsSpan(0, count), box, scale, 0, 0) is null ? 0 : 1;
        }
    }

    private static void LookInMain(IEnumerable<Looks> visits, long ms, BgrView frame, PlateDetector detector, PlateReader reader)
    {
        var found = new PlateBox[32];
        foreach (Looks look in visits)
        {
            if (look.BoxAt(ms) is not { } box || box[5] < LeastMainPx)
                continue;
            look.Main[0]++;
            // As the product cuts it: four plate widths around it.
            (int width, int height) = 4 * box[5] <= 480 ? (480, 288) : 4 * box[5] <= 640 ? (640, 384) : (960, 576);
            int x = Math.Clamp(box[1] + box[3] / 2 - width / 2, 0, frame.Width - width), y = Math.Clamp(box[2] + box[4] / 2 - height / 2, 0, frame.Height - height);
            BgrView crop = frame.Crop(x, y, width, height);
            int count = detector.Detect(crop, found);
            if (Nearest(found.AsSpan(0, count), box, 1, x, y) is not { } plate)
                continue;
            look.Main[1]++;
            string read = reader.Read(crop, plate)?.Text ?? "";
            look.Main[2] += read == look.Visit.Plate ? 1 : 0;
            look.Reads.Add(read);
        }
    }

    private static PlateBox? Nearest(ReadOnlySpan<PlateBox> found, int[] box, float scale, int offsetX, int offsetY)
    {
        foreach (PlateBox one in found)
        {
            float x = one.Corners.Centre.X + offsetX, y = one.Corners.Centre.Y + offsetY;
            if (Math.Abs(x - (box[1] + box[3] / 2f) * scale) < box[3] * scale * 0.6f && Math.Abs(y - (box[2] + box[4] / 2f) * scale) < box[4] * scale)
                return one;
        }
        return null;
    }
}
