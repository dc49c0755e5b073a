using System.Collections.Concurrent;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Chaos.Power;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;

namespace EdgeAgent.Chaos.Records;

/// <param name="Every">Histories of up to <paramref name="Depth"/> acts: all there are.</param>
/// <param name="Random">Longer ones, drawn.</param>
/// <param name="Confirmed">Alerts that ended so.</param>
internal sealed record AlertFigures(
    int Seed, int Histories, int Every, int Depth, int Random, long Steps, long Confirmed, long Rejected, long Lapsed, int WrongHistories, IReadOnlyList<string> First)
{
    public IEnumerable<string> Wrong()
    {
        if (WrongHistories > 0)
            yield return $"{WrongHistories} histories: {string.Join("; ", First)}";
        if (Confirmed == 0 || Rejected == 0 || Lapsed == 0)
            yield return "one of the three ends never came: this run shows nothing";
    }
}

/// <summary>Every short history of alerts, and many long ones: an alert is confirmed only by a signed decision that is written down.</summary>
internal sealed class AlertRun(int seed, string folder, TextWriter progress, bool signs = true)
{
    private const string Unit = "PB-0001";
    private const int LongestRandom = 24, MostShown = 5;
    private static readonly AlertAct[] Acts = Enum.GetValues<AlertAct>();

    private readonly ConcurrentBag<string> first = [];
    private long steps, confirmed, rejected, lapsed;
    private int wrongHistories, done;

    public AlertFigures Run(int count, CancellationToken stop)
    {
        (int depth, int every) = (0, 1);
        while (every + Power(depth + 1) <= count)
            every += Power(++depth);
        using ListCar car = Ground(out AlertGround ground, out UnitIdentity unit);
        using (unit)
        {
            var limit = new ParallelOptions { CancellationToken = stop };
            _ = Parallel.For(0, every, limit, number => Play(ground, Short(number), count));
            _ = Parallel.For(0, count - every, limit, number =>
            {
                var random = new Random(unchecked((seed * 7919) + number));
                Play(ground, [.. Enumerable.Range(0, random.Next(depth + 1, LongestRandom)).Select(_ => Acts[random.Next(Acts.Length)])], count);
            });
        }
        return new AlertFigures(
            seed, count, every, depth, count - every, steps, confirmed, rejected, lapsed, wrongHistories, [.. first.Order(StringComparer.Ordinal).Take(MostShown)]);
    }

    private static int Power(int depth) => checked((int)Math.Pow(Acts.Length, depth));

    /// <summary>The history of this number: first the empty one, then all of one act, then all of two.</summary>
    private static AlertAct[] Short(int number)
    {
        int length = 0;
        for (int of = 1; number >= of; of = Power(++length))
            number -= of;
        var acts = new AlertAct[length];
        for (int i = 0; i < length; i++, number /= Acts.Length)
            acts[i] = Acts[number % Acts.Length];
        return acts;
    }

    private void Play(AlertGround ground, AlertAct[] acts, int count)
    {
        var world = new AlertWorld(ground, signs);
        foreach (AlertAct act in acts)
            world.Play(act);
        world.End();
        _ = Interlocked.Add(ref steps, acts.Length);
        _ = Interlocked.Add(ref confirmed, world.Confirmed);
        _ = Interlocked.Add(ref rejected, world.Rejected);
        _ = Interlocked.Add(ref lapsed, world.Lapsed);
        if (world.Wrong.Count > 0)
        {
            _ = Interlocked.Increment(ref wrongHistories);
            if (first.Count < 100)
                first.Add($"{string.Join(' ', acts)}: {world.Wrong[0]}");
        }
        int now = Interlocked.Increment(ref done);
        if (now % 100_000 == 0)
            progress.WriteLine($"  {now} of {count} histories");
    }

    /// <summary>A car with one list of two plates; histories change nothing of it.</summary>
    private ListCar Ground(out AlertGround ground, out UnitIdentity unit)
    {
        string centre = Path.Combine(folder, "centre"), data = Path.Combine(folder, "car");
        _ = NewCentre.Make(centre, Unit, TimeProvider.System);
        var keys = new DataFolder(centre);
        CarBooks.Enrol(data, keys, Unit);
        unit = UnitIdentity.Load(Path.Combine(data, "identity"));
        var clocks = new CarClocks(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var car = new ListCar(data, unit, ScenarioList.Model, clocks, believesWall: false);
        car.Clock.CentreSaid(clocks.TrueUnixMs);
        _ = car.Lists.Take(ListIssuing.Sign(keys, ScenarioList.Plates(clocks.TrueUnixMs, clocks.TrueUnixMs + 3_600_000)).ToByteArray(), ScenarioList.ListId, 1);
        if (!car.Holds(ScenarioList.ListId))
            throw new ScenarioException("The list of the histories was refused.");
        var options = new CarOptions { DataDirectory = data, Cameras = [new CameraOptions { Id = "cam1", Main = "rtsp://127.0.0.1:1/1" }] };
        ground = new AlertGround(options, car.Clock, car.Lists, car.Lists.Current.Lists[ScenarioList.ListId], unit, car.Outbox);
        return car;
    }
}
