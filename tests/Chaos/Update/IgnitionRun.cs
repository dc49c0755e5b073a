using System.Diagnostics;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Chaos.Update;

/// <summary>What came of the ignition being turned on and off while a new version is on trial.</summary>
/// <param name="Cycles">Turned on and off.</param>
/// <param name="Reached">Of these, so many in which the new version ran already.</param>
/// <param name="FallBacks">Cycles after which the new version was not on trial any more.</param>
/// <param name="Failures">Failed starts that were counted.</param>
/// <param name="GoodAtLast">Left alone at last, it was marked good.</param>
internal sealed record IgnitionFigures(int Cycles, int Reached, int FallBacks, int Failures, bool GoodAtLast)
{
    public IEnumerable<string> Wrong()
    {
        if (Reached == 0)
            yield return "the new version never ran, so nothing was tried";
        if (FallBacks > 0 || Failures > 0)
            yield return $"quick ignition cycles used up {Failures} starts and ended {FallBacks} trials";
        if (!GoodAtLast)
            yield return "the new version was not marked good when it was left alone";
    }
}

internal sealed class IgnitionRun(UpdateWorld world, TextWriter progress)
{
    private const ulong Number = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Power cuts and stops that the service manager asks for, in turn.</summary>
    public async Task<IgnitionFigures> RunAsync(int count, CancellationToken stop)
    {
        using (Process update = world.Edgectl(["update"], "--bundle", world.Pack(Number), "--roots", world.RootsFile))
            await world.EndedAsync(update, stop);
        if (!world.Slots.Read().OnTrial)
            throw new ScenarioException("The new version could not be put on trial.");
        using var box = new BoxRun(world);
        int reached = 0, fallBacks = 0;
        // Half of the cycles are to end before the new version runs and half of them after it, however busy this machine is.
        long begun = world.Time.GetTimestamp();
        box.Start(wellFor: 60);
        _ = await box.WorksWithinAsync(Patience, stop);
        TimeSpan longest = world.Time.GetElapsedTime(begun) * 2;
        await box.CutAsync();
        for (int cycle = 0; cycle < count; cycle++)
        {
            box.Start(wellFor: 60);
            await Task.Delay(longest * world.Random.NextDouble(), world.Time, stop);
            reached += box.Running().Works ? 1 : 0;
            await (cycle % 2 == 0 ? box.CutAsync() : box.StopAsync());
            if (world.Slots.Read() is not { OnTrial: true })
                fallBacks++;
        }
        int failures = world.Slots.Read() is var left && left.Of(left.Current) is { } entry ? entry.Failures : -1;
        box.Start(wellFor: 0.5);
        long start = world.Time.GetTimestamp();
        while (world.Slots.Read().Floor != Number && world.Time.GetElapsedTime(start) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), world.Time, stop);
        bool good = world.Slots.Read() is { Floor: Number, OnTrial: false };
        await box.CutAsync();
        await progress.WriteLineAsync($"  {count} ignition cycles, the new version ran in {reached}, {fallBacks} fall-backs");
        return new IgnitionFigures(count, reached, fallBacks, failures, good);
    }
}
