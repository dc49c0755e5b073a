using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace EdgeAgent.Chaos.Power;

/// <summary>What came of simulated power cuts.</summary>
/// <param name="Cuts">Disks that were rebuilt and opened.</param>
/// <param name="Operations">Calls to the file system in the recordings, each a place to cut.</param>
/// <param name="Promises">Promises that stood at those cuts, all together.</param>
/// <param name="Failed">Cuts after which a promise was broken.</param>
/// <param name="First">The first of those, in words, with what replays it.</param>
internal sealed record CutFigures(int Cuts, int Operations, long Promises, int Failed, IReadOnlyList<string> First)
{
    /// <summary>Cuts by what survived them.</summary>
    public required IReadOnlyDictionary<string, int> Kinds { get; init; }
}

/// <summary>Records the real storage at work, cuts the power at random places and has both sides opened again.</summary>
internal sealed class CutRun(string program, int seed, bool skipSync, string? keep, TextWriter progress)
{
    private const int RunsARecording = 4;
    private const int StepsARun = 40;
    private const int CutsARecording = 500;
    private const int MostTold = 5;

    // In memory, so that the syncs of ten thousand recoveries cost nothing; the recording is what counts.
    private readonly string work = Directory.CreateDirectory($"/dev/shm/chaos-{Environment.ProcessId}-{seed}").FullName;
    private readonly ConcurrentQueue<string> broken = new();
    private readonly ConcurrentDictionary<string, int> kinds = new();
    private int operations;
    private int failed;
    private int done;
    private long promises;

    public async Task<CutFigures> RunAsync(int cuts, CancellationToken stop)
    {
        try
        {
            var jobs = Channel.CreateBounded<Job>(8);
            Task[] checking = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount)).Select(_ => Task.Run(() => CheckAsync(jobs.Reader, cuts), stop))];
            for (int recording = 0, left = cuts; left > 0; recording++)
            {
                int now = Math.Min(left, CutsARecording);
                await CutAsync(recording, now, jobs.Writer, stop);
                left -= now;
            }
            jobs.Writer.Complete();
            await Task.WhenAll(checking);
            return new CutFigures(cuts, operations, promises, failed, [.. broken.Order(StringComparer.Ordinal).Take(MostTold)]) { Kinds = new SortedDictionary<string, int>(kinds) };
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Several runs of the program over one folder, some killed; then the cuts, in the order of the recording.</summary>
    private async Task CutAsync(int recording, int cuts, ChannelWriter<Job> jobs, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, recording));
        string folder = Directory.CreateDirectory(Path.Combine(work, $"recording{recording}")).FullName;
        TwoSides.Make(folder);
        var disk = new RecordedDisk(folder);
        List<DiskOperation> all = await RecordAsync(folder, recording, random, stop);
        operations += all.Count;
        int[] at = [.. Enumerable.Range(0, cuts).Select(_ => random.Next(all.Count + 1)).Order()];
        var promised = new Promises();
        string book = Path.Combine(folder, CutWriter.Book);
        for (int operation = 0, cut = 0; cut < cuts; operation++)
        {
            for (; cut < cuts && at[cut] == operation; cut++)
                await jobs.WriteAsync(Rebuild(disk, promised, $"{recording}-{cut}", operation, random), stop);
            if (operation == all.Count)
                break;
            if (all[operation] is Written written && written.Path == book)
                promised.Read(written.Data);
            disk.Apply(all[operation]);
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task<List<DiskOperation>> RecordAsync(string folder, int recording, Random random, CancellationToken stop)
    {
        var all = new List<DiskOperation>();
        string trace = folder + ".trace";
        for (int run = 0; run < RunsARecording; run++)
        {
            string[] arguments = [PowerCommand.Writer, "--folder", folder, "--seed", $"{random.Next()}", "--steps", $"{random.Next(5, StepsARun)}", .. random.Next(3) > 0 ? ["--killed"] : Array.Empty<string>()];
            await SystemCallTrace.RecordAsync(trace, skipSync, program, arguments, stop);
            all.AddRange(SystemCallTrace.Read(trace, folder));
            File.Delete(trace);
        }
        progress.WriteLine($"  recording {recording + 1}: {all.Count} calls to the file system");
        return all;
    }

    private Job Rebuild(RecordedDisk disk, Promises promised, string name, int operation, Random random)
    {
        string image = Path.Combine(work, "cut" + name);
        int side = random.Next(3);
        Survival loss = random.Next(10) switch { < 1 => Survival.Everything, < 3 => Survival.Nothing, < 5 => Survival.Beginning, _ => Survival.Sectors };
        // Only the side without power loses anything; the other one's kernel lives on.
        disk.WriteImage(image, path => side == 2 || path.StartsWith(side == 0 ? "car" : "centre", StringComparison.Ordinal) ? loss : Survival.Everything, random);
        string kind = $"{(side == 0 ? "car" : side == 1 ? "centre" : "both")}_{loss}".ToLowerInvariant();
        return new Job(image, promised.Copy(), kind, $"seed {seed}, cut {name} at call {operation}, {kind}");
    }

    private async Task CheckAsync(ChannelReader<Job> jobs, int cuts)
    {
        await foreach (Job job in jobs.ReadAllAsync())
        {
            string? kept = keep is null ? null : Path.Combine(keep, Path.GetFileName(job.Image));
            if (kept is not null)
                CopyFolder(job.Image, kept);
            IReadOnlyList<string> wrong = await CutCheck.RunAsync(job.Image, job.Promised);
            Directory.Delete(job.Image, recursive: true);
            if (kept is not null && wrong.Count == 0)
                Directory.Delete(kept, recursive: true);
            _ = kinds.AddOrUpdate(job.Kind, 1, (_, count) => count + 1);
            _ = Interlocked.Add(ref promises, job.Promised.Appended.Count + job.Promised.Attached.Count + job.Promised.Stored.Count + job.Promised.Kept.Count);
            if (wrong.Count > 0)
            {
                _ = Interlocked.Increment(ref failed);
                if (broken.Count < MostTold)
                    broken.Enqueue($"{job.Told}: {string.Join("; ", wrong)}");
            }
            if (Interlocked.Increment(ref done) is var count && count % 500 == 0)
                await progress.WriteLineAsync($"  {count} of {cuts} cuts, {failed} broke a promise");
        }
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    private sealed record Job(string Image, Promises Promised, string Kind, string Told);
}
