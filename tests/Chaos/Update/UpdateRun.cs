using System.Diagnostics;
using System.Globalization;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Update;

/// <summary>What came of updates with the power cut in them.</summary>
/// <param name="Updates">Updates begun.</param>
/// <param name="Cuts">By where the power went.</param>
/// <param name="Bricked">Starts after which nothing worked.</param>
/// <param name="WrongVersion">Starts after which another version worked than the one that was good or the one that was put there.</param>
/// <param name="Good">Versions that were marked good.</param>
/// <param name="TakenBack">Versions that do not work and were taken back by themselves.</param>
/// <param name="NotTakenBack">Those that were not.</param>
/// <param name="Older">Times that the floor fell.</param>
/// <param name="TakenBackP95Ms">From ignition on with a version that fails until the version before works.</param>
/// <param name="WorksP50Ms">From ignition on until a version works, after a cut.</param>
internal sealed record UpdateFigures(
    int Updates, IReadOnlyDictionary<string, int> Cuts, int Bricked, int WrongVersion, int Good, int TakenBack, int NotTakenBack, int Older,
    double? TakenBackP95Ms, double? WorksP50Ms, double? WorksMaxMs, IReadOnlyList<string> First)
{
    public IEnumerable<string> Wrong() => First
        .Concat(Good == 0 ? ["no version ever became good, so nothing was tried"] : [])
        .Concat(Bricked > 0 ? [$"{Bricked} cuts left a box on which nothing works"] : [])
        .Concat(WrongVersion > 0 ? [$"{WrongVersion} cuts left a box with another version than it should run"] : [])
        .Concat(NotTakenBack > 0 ? [$"{NotTakenBack} versions that do not work were not taken back"] : [])
        .Concat(Older > 0 ? [$"the floor fell {Older} times"] : []);
}

/// <summary>One update after the other on one box; in each, the power goes once.</summary>
/// <param name="careless">Program `chaos`, which unpacks over what runs instead; null: the real updater.</param>
internal sealed class UpdateRun(UpdateWorld world, string? careless, TextWriter progress) : IDisposable
{
    private const double BadShare = 0.04, InUpdateShare = 0.6;
    private const int FirstNumber = 1000, ShownFirst = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BoxRun box = new(world);
    private readonly SortedDictionary<string, int> cuts = new(StringComparer.Ordinal);
    private readonly List<double> worksMs = [], takenBackMs = [];
    private readonly List<string> first = [];
    private string good = "";
    private double updateMs = 1000, trialMs = 1500;
    private int bricked, wrongVersion, marked, takenBack, notTakenBack, older;

    public async Task<UpdateFigures> RunAsync(int count, CancellationToken stop)
    {
        using (this)
        {
            await BeginAsync(stop);
            for (int done = 0; done < count && first.Count < ShownFirst; done++)
            {
                ulong floor = world.Slots.Read().Floor;
                await OneAsync((ulong)(FirstNumber + 1 + done), stop);
                if (world.Slots.Read().Floor < floor)
                    older++;
                if ((done + 1) % 50 == 0)
                    await progress.WriteLineAsync($"  {done + 1} of {count} updates, {bricked} bricked, {marked} marked good, {takenBack} taken back");
            }
        }
        return new UpdateFigures(
            cuts.Values.Sum(), cuts, bricked, wrongVersion, marked, takenBack, notTakenBack, older,
            RunReport.Percentile([.. takenBackMs.Order()], 0.95), RunReport.Percentile([.. worksMs.Order()], 0.5), worksMs.Count == 0 ? null : worksMs.Max(), first);
    }

    public void Dispose() => box.Dispose();

    // A first version that is good; how long an update and a trial take tells where the cuts are to fall.
    private async Task BeginAsync(CancellationToken stop)
    {
        string bundle = world.Pack(FirstNumber);
        long start = world.Time.GetTimestamp();
        using (Process update = Updater(bundle))
            await world.EndedAsync(update, stop);
        updateMs = world.Time.GetElapsedTime(start).TotalMilliseconds;
        start = world.Time.GetTimestamp();
        box.Start(wellFor: 0);
        await GoodAsync(FirstNumber, stop);
        trialMs = world.Time.GetElapsedTime(start).TotalMilliseconds;
        await box.CutAsync();
        good = UpdateWorld.VersionOf(FirstNumber);
        await progress.WriteLineAsync($"  an update takes {updateMs:0} ms, a trial {trialMs:0} ms");
    }

    private async Task OneAsync(ulong number, CancellationToken stop)
    {
        Behaviour behaviour = world.Random.NextDouble() >= BadShare ? Behaviour.Works : world.Random.Next(2) == 0 ? Behaviour.Ends : Behaviour.Sick;
        string bundle = world.Pack(number, behaviour), fresh = UpdateWorld.VersionOf(number);
        if (careless is not null || world.Random.NextDouble() < InUpdateShare)
            await CutInUpdateAsync(bundle, number, stop);
        else
            await CutInTrialAsync(bundle, number, stop);
        bool bad = behaviour != Behaviour.Works && world.Slots.Read().OnTrial;
        long start = world.Time.GetTimestamp();
        box.Start(wellFor: 0);
        string works = await box.WorksWithinAsync(Patience, stop);
        double took = world.Time.GetElapsedTime(start).TotalMilliseconds;
        bool due = works == good || (works == fresh && behaviour == Behaviour.Works);
        if (works.Length == 0)
            bricked++;
        else if (!due)
            wrongVersion++;
        if (!due)
            first.Add($"update {number} ({behaviour}): '{works}' works where {good} or {fresh} should");
        else if (bad)
            _ = works == good ? takenBack++ : notTakenBack++;
        (bad ? takenBackMs : worksMs).Add(took);
        if (works == fresh && careless is null)
        {
            await GoodAsync(number, stop);
            marked++;
        }
        if (due)
            good = works;
        await box.CutAsync();
    }

    private async Task CutInUpdateAsync(string bundle, ulong number, CancellationToken stop)
    {
        using Process update = Updater(bundle);
        await Task.Delay(TimeSpan.FromMilliseconds(world.Random.NextDouble() * updateMs * 1.1), world.Time, stop);
        bool ended = update.HasExited;
        update.Kill();
        await world.EndedAsync(update, stop);
        Count(ended ? "after" : careless is not null ? "careless" : Where(number));
    }

    private async Task CutInTrialAsync(string bundle, ulong number, CancellationToken stop)
    {
        using (Process update = Updater(bundle))
            await world.EndedAsync(update, stop);
        box.Start(wellFor: 0.1);
        await Task.Delay(TimeSpan.FromMilliseconds(world.Random.NextDouble() * (trialMs + 200)), world.Time, stop);
        string before = box.Running().Pid > 0 ? "trial" : "first_start";
        await box.CutAsync();
        Count(world.Slots.Read() is { OnTrial: false } state && state.Floor == number ? "marked_good" : before);
    }

    /// <summary>By what the disk holds: how far the updater came.</summary>
    private string Where(ulong number)
    {
        SlotState state = world.Slots.Read();
        if (state.Of(state.Current)?.Number == number)
            return "switched";
        string slot = state.Inactive;
        if (world.Slots.ManifestOf(slot)?.Number == number)
            return "sealed";
        return state.Of(slot) is not null || !Directory.Exists(world.Slots.Files(slot)) ? "verify"
            : !File.Exists(Path.Combine(world.Slots.Files(slot), "sums")) ? "write" : "read_back";
    }

    private Process Updater(string bundle) => careless is not null && good.Length > 0
        ? UpdateWorld.Start(careless, [CarelessUpdate.Name, "--bundle", bundle, "--roots", world.RootsFile, "--to", world.Slots.Files(world.Slots.Read().Current)])
        : world.Edgectl(["update"], "--bundle", bundle, "--roots", world.RootsFile);

    private async Task GoodAsync(ulong number, CancellationToken stop)
    {
        for (long start = world.Time.GetTimestamp(); world.Slots.Read().Floor != number; await Task.Delay(TimeSpan.FromMilliseconds(10), world.Time, stop))
        {
            if (world.Time.GetElapsedTime(start) > Patience)
                throw new ScenarioException($"Version {number.ToString(CultureInfo.InvariantCulture)} works and was not marked good within {Patience.TotalSeconds} s.");
        }
    }

    private void Count(string where) => cuts[where] = cuts.GetValueOrDefault(where) + 1;
}
