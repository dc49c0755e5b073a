using EdgeAgent.Chaos.Power;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Chaos;

/// <summary>The storage of both sides under power cuts, and the disk that plays them.</summary>
public sealed class CutTests
{
    [Fact]
    public async Task After_a_thousand_power_cuts_no_promise_is_broken()
    {
        CutFigures figures = await new CutRun(ChaosProgram.File, ChaosProgram.Seed, skipSync: false, keep: null, TextWriter.Null).RunAsync(1000, CancellationToken.None);
        Assert.Empty(figures.First);
        Assert.Equal((1000, 0), (figures.Cuts, figures.Failed));
        Assert.True(figures.Promises > 10_000 && figures.Operations > 1000, figures.ToString());
    }

    [Fact]
    public async Task A_build_that_skips_the_sync_is_found_out()
    {
        CutFigures figures = await new CutRun(ChaosProgram.File, 7, skipSync: true, keep: null, TextWriter.Null).RunAsync(60, CancellationToken.None);
        Assert.True(figures.Failed > 10, $"only {figures.Failed} of 60 cuts broke a promise");
    }

    [Fact]
    public void What_was_synced_survives_and_what_was_not_may_go_in_any_part()
    {
        using var folder = new DispatchClient.TemporaryDirectory();
        string root = Path.Combine(folder.Path, "disk"), file = Path.Combine(root, "a");
        Directory.CreateDirectory(root);
        File.WriteAllBytes(file, new byte[1024]);
        var disk = new RecordedDisk(root);
        byte[] ones = [.. Enumerable.Repeat((byte)1, 1024)], twos = [.. Enumerable.Repeat((byte)2, 1024)];
        disk.Apply(new Written(file, 3, 0, ones));
        disk.Apply(new Synced(file));
        disk.Apply(new Written(file, 3, 512, twos));
        var random = new Random(1);
        var seen = new HashSet<(byte, byte, int)>();
        for (int cut = 0; cut < 100; cut++)
        {
            string image = Path.Combine(folder.Path, $"cut{cut}");
            disk.WriteImage(image, _ => Survival.Sectors, random);
            byte[] left = File.ReadAllBytes(Path.Combine(image, "a"));
            Assert.Equal(1, left[0]);
            _ = seen.Add((left[512], left.Length > 1024 ? left[1024] : (byte)9, left.Length));
        }
        // Neither, the first, the second alone (a hole of what was there before it), both.
        Assert.Equal([(1, 2, 1536), (1, 9, 1024), (2, 2, 1536), (2, 9, 1024)], seen.Order().Select(s => ((int)s.Item1, (int)s.Item2, s.Item3)));
        disk.WriteImage(Path.Combine(folder.Path, "nothing"), _ => Survival.Nothing, random);
        Assert.Equal(ones, File.ReadAllBytes(Path.Combine(folder.Path, "nothing", "a")));
    }

    [Fact]
    public void A_name_is_safe_once_its_folder_was_synced_and_a_rename_is_whole_or_not_at_all()
    {
        using var folder = new DispatchClient.TemporaryDirectory();
        string root = Path.Combine(folder.Path, "disk"), before = Path.Combine(root, "new"), after = Path.Combine(root, "kept");
        Directory.CreateDirectory(root);
        var disk = new RecordedDisk(root);
        disk.Apply(new Opened(before, 3, Create: true, Truncate: false));
        disk.Apply(new Written(before, 3, 0, [1, 2, 3]));
        disk.Apply(new Synced(before));
        disk.WriteImage(Path.Combine(folder.Path, "unnamed"), _ => Survival.Nothing, new Random(1));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "unnamed")));
        disk.Apply(new Synced(root));
        disk.Apply(new Renamed(before, after));
        var seen = new HashSet<string>();
        var random = new Random(2);
        for (int cut = 0; cut < 50; cut++)
        {
            string image = Path.Combine(folder.Path, $"cut{cut}");
            disk.WriteImage(image, _ => Survival.Sectors, random);
            string only = Assert.Single(Directory.GetFiles(image));
            Assert.Equal([1, 2, 3], File.ReadAllBytes(only));
            _ = seen.Add(Path.GetFileName(only));
        }
        Assert.Equal(["kept", "new"], seen.Order());
    }
}
