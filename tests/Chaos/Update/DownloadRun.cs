using System.Security.Cryptography;
using EdgeAgent.Rig.Run;
using Progress = EdgeAgent.Rig.Run.Progress;

namespace EdgeAgent.Chaos.Update;

/// <summary>What came of cars killed while they fetched a release.</summary>
/// <param name="Cuts">By how far the download was.</param>
/// <param name="Resumed">Starts that went on where the one before had stopped.</param>
/// <param name="Damaged">Of the cuts, those after which bytes at the end of what had come were lost, as in a power cut.</param>
/// <param name="Fetched">Releases that were there whole at the end.</param>
/// <param name="WrongBytes">Of these, other bytes than were offered.</param>
/// <param name="Never">Releases that did not come within a minute after the last cut.</param>
internal sealed record DownloadFigures(IReadOnlyDictionary<string, int> Cuts, int Resumed, int Damaged, int Fetched, int WrongBytes, int Never)
{
    public IEnumerable<string> Wrong()
    {
        if (WrongBytes > 0)
            yield return $"{WrongBytes} releases are kept as fetched and are other bytes than were offered";
        if (Never > 0)
            yield return $"{Never} releases never came";
        if (Cuts.GetValueOrDefault("download") == 0)
            yield return "no cut fell into a download, so nothing was tried";
    }
}

/// <summary>The car on the bench fetches releases from the real centre and is killed again and again meanwhile; now and then the end of what had come is lost as well.</summary>
internal sealed class DownloadRun(string root, int seed)
{
    private const int Bytes = 192 << 20, CutsOfOne = 4, LostAtMost = 1 << 20;
    private const double DamagedShare = 0.25;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2), Longest = TimeSpan.FromMinutes(1);

    private readonly Random random = new(seed);
    private readonly SortedDictionary<string, int> cuts = new(StringComparer.Ordinal);
    private readonly TimeProvider time = TimeProvider.System;
    private double downloadMs = 1500;
    private int resumed, damaged, fetched, wrong, never;

    public async Task<DownloadFigures> RunAsync(int kills, CancellationToken stop)
    {
        var progress = new Progress();
        RunOptions options = RunOptions.OfThisBuild(root, Path.Combine(root, ".run", "download"));
        await using var bench = new Bench(options, progress, time);
        await bench.StartAsync(stop);
        string releases = Path.Combine(bench.CarData, "releases"), file = Path.Combine(options.State, "release.bin");
        for (int done = 0, number = 1; done < kills; number++)
        {
            byte[] sha256 = await OfferAsync(bench, file, $"9.{number}.0", stop);
            string name = Path.Combine(releases, Convert.ToHexStringLower(sha256));
            (FileInfo part, FileInfo whole) = (new FileInfo(name + ".part"), new FileInfo(name + ".bundle"));
            // The first one is left alone: it tells how long a download takes.
            int due = number == 1 ? 0 : Math.Min(CutsOfOne, kills - done);
            for (int cut = 0; cut < due; cut++)
                await CutAsync(bench, part, whole, stop);
            done += due;
            await JudgeAsync(whole.FullName, sha256, number == 1, stop);
            progress.Transient($"{done} of {kills} cuts, {fetched} releases fetched");
        }
        return new DownloadFigures(cuts, resumed, damaged, fetched, wrong, never);
    }

    private async Task<byte[]> OfferAsync(Bench bench, string file, string version, CancellationToken stop)
    {
        byte[] content = new byte[Bytes];
        random.NextBytes(content);
        await File.WriteAllBytesAsync(file, content, stop);
        _ = await bench.CentreAsync(["releases", "add", "--data", bench.CentreData, "--file", file, "--version", version], null, stop);
        _ = await bench.CentreAsync(["releases", "offer", "--data", bench.CentreData, "--version", version, "--unit", BenchPlan.UnitId], null, stop);
        return SHA256.HashData(content);
    }

    /// <summary>Waits until some of it has come, for a random while more, and kills the car; then it is started again.</summary>
    private async Task CutAsync(Bench bench, FileInfo part, FileInfo whole, CancellationToken stop)
    {
        long before = Length(part);
        for (long began = time.GetTimestamp(); Length(whole) == 0 && Length(part) <= before && time.GetElapsedTime(began) < Longest;)
            await Task.Delay(Look, time, stop);
        await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * downloadMs), time, stop);
        await bench.KillCarAsync();
        string where = Length(whole) > 0 ? "fetched" : Length(part) == 0 ? "offered" : part.Length < Bytes ? "download" : "hash";
        cuts[where] = cuts.GetValueOrDefault(where) + 1;
        if (where is "download" or "hash")
        {
            resumed++;
            if (random.NextDouble() < DamagedShare)
                Lose(part);
        }
        await bench.StartCarAsync(stop, streaming: false);
    }

    // The file's length was written and its last bytes were not: zeros, as ext4 gives.
    private void Lose(FileInfo part)
    {
        using FileStream stream = part.Open(FileMode.Open, FileAccess.Write);
        int lost = (int)Math.Min(part.Length, random.Next(1, LostAtMost));
        stream.Position = part.Length - lost;
        stream.Write(new byte[lost]);
        damaged++;
    }

    private async Task JudgeAsync(string due, byte[] sha256, bool isFirst, CancellationToken stop)
    {
        long began = time.GetTimestamp();
        while (!File.Exists(due) && time.GetElapsedTime(began) < Longest)
            await Task.Delay(Look, time, stop);
        if (isFirst)
            downloadMs = time.GetElapsedTime(began).TotalMilliseconds;
        if (!File.Exists(due))
        {
            never++;
            return;
        }
        fetched++;
        await using FileStream whole = File.OpenRead(due);
        if (!(await SHA256.HashDataAsync(whole, stop)).AsSpan().SequenceEqual(sha256))
            wrong++;
    }

    /// <summary>0: it is not there.</summary>
    private static long Length(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : 0;
    }
}
