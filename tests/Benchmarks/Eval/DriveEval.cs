using System.CommandLine;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Drives;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary><c>eval drives</c>: plates found and read per visit, by the real process on drawn drives whose truth is known.</summary>
internal static class DriveEval
{
    /// <param name="Shutter">1/N s at most; 0: automatic.</param>
    /// <param name="Recall">Of the first strategy, like the other figures beside it.</param>
    private sealed record Line(
        int Seed, int Shutter, int CamerasAtOnce, int Visits, int Found, int Read, int Wrong, int Missed, double Recall, double[] RecallBounds, IReadOnlyList<DriveFigures> Strategies,
        IReadOnlyList<DriveCause>? Causes, IReadOnlyList<object>? PerVisit);

    public static Command Command()
    {
        var seed = new Option<int>("--seed") { Description = "The drives follow from it.", DefaultValueFactory = _ => new DriveOptions().Seed };
        var strategy = new Option<string>("--strategy") { Description = $"{string.Join(", ", DriveStrategy.All.Select(s => s.Name))}, or all.", DefaultValueFactory = _ => DriveStrategy.All[0].Name };
        var cameras = new Option<int>("--cameras") { Description = "Clips played at the same time, 1 to 7: few where the machine is busy.", DefaultValueFactory = _ => 2 };
        var causes = new Option<bool>("--causes") { Description = "For visits not read: look at every frame offline and say what lost them." };
        var perVisit = new Option<bool>("--per-visit") { Description = "Also give each visit and what was told for it." };
        var fps = new Option<float>("--fps") { Description = "Analysed frames a second and camera.", DefaultValueFactory = _ => 10 };
        var shutter = new Option<int>("--shutter") { Description = "Cameras are set to 1/N s at most; 0: automatic exposure, up to 1/50 s by night.", DefaultValueFactory = _ => (int)MathF.Round(1 / new DriveOptions().LongestShutterSeconds) };
        var report = ReportPath.Option("drives");
        var command = new Command("drives", "Plates found and read per visit on drawn drives, by the real process that looks. Draws them first (some minutes, once).")
        { seed, strategy, cameras, fps, shutter, causes, perVisit, report };
        command.SetAction((parsed, stop) => Report.RunAsync(async () =>
        {
            int atOnce = parsed.GetValue(cameras);
            if (atOnce is < 1 or > DriveMaker.Cameras)
                throw new InputException($"--cameras {atOnce}: 1 to {DriveMaker.Cameras}.");
            IReadOnlyList<DriveStrategy> strategies = DriveStrategy.Named(parsed.GetValue(strategy)!);
            int shutterPart = parsed.GetValue(shutter);
            if (shutterPart < 0)
                throw new InputException($"--shutter {shutterPart}: 0 (automatic) or the N of 1/N s.");
            var options = new DriveOptions { Seed = parsed.GetValue(seed), LongestShutterSeconds = shutterPart == 0 ? float.PositiveInfinity : 1f / shutterPart };
            IReadOnlyList<DriveClip> clips = await ClipsAsync(options, stop);
            var figures = new List<DriveFigures>();
            var scores = new List<DriveScore>();
            foreach (DriveStrategy one in strategies)
            {
                DriveResult result = await new DriveRun(clips, options, atOnce, parsed.GetValue(fps), Console.Error).PlayAsync(one, stop);
                scores.Add(DriveScore.Of([.. clips.SelectMany(c => c.Visits)], result.Tells));
                figures.Add(DriveFigures.Of(result, scores[^1], atOnce));
            }
            DriveReport.Table(figures, Console.Error);
            ReportPath.Save(DriveReport.Page(figures, options, atOnce), parsed.GetValue(report)!, Console.Error);
            DriveFigures first = figures[0];
            return new Line(
                options.Seed, shutterPart, atOnce, first.Visits, first.Found, first.Read, first.Wrong, first.Missed, first.Recall, first.RecallBounds, figures,
                parsed.GetValue(causes) ? await DriveCauses.OfAsync(clips, scores[0], options, stop) : null,
                parsed.GetValue(perVisit) ? [.. scores[0].Visits.Select(PerVisit)] : null);
        }));
        return command;
    }

    private static object PerVisit(ScoredVisit v) => new
    {
        v.Visit.Id,
        v.Visit.Plate,
        v.Visit.Class,
        v.Visit.Light,
        v.Visit.Course,
        v.Visit.FromMs,
        v.Visit.ToMs,
        v.Visit.MaxWidthPx,
        v.Visit.CountedMs,
        v.Visit.YawDegrees,
        v.Visit.LeastSmear,
        Outcome = v.Outcome.ToString().ToLowerInvariant(),
        Told = v.Told.Select(t => new { t.Text, t.ClipMs, t.WidthPx, t.Votes, t.Weakest }),
    };

    private static async Task<IReadOnlyList<DriveClip>> ClipsAsync(DriveOptions options, CancellationToken stop)
    {
        try
        {
            return await new DriveMaker(options, new Rig.RigOptions { StateDirectory = "" }.CacheDirectory, new Lines()).MakeAsync(stop);
        }
        catch (RigException e)
        {
            throw new InputException(e.Message);
        }
    }

    private sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine($"  {value}");
    }
}
