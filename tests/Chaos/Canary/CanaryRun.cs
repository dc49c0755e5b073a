using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.AuditVerifier;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Rig.Run;
using Truth = EdgeAgent.Rig.Run.Truth;

namespace EdgeAgent.Chaos.Canary;

/// <summary>
/// Drives people and plates on no list past the real car (cameras, eyes, host, an officer's real browser), makes its processes crash, and
/// looks through everything that they left. Before that the same eyes must find the same things where they were planted.
/// </summary>
/// <param name="repository">Root of the checkout.</param>
/// <param name="state">Everything that this run writes.</param>
/// <param name="progress">Takes lines.</param>
/// <param name="leak">Puts a face among the car's files, so that the scan must fail.</param>
internal sealed class CanaryRun(string repository, string state, TextWriter progress, bool leak = false)
{
    private const int SigAbrt = 6, SigKill = 9;

    private readonly string working = Path.Combine(state, "working"), temporary = Path.Combine(state, "tmp");

    // What the open files held while it ran.
    private readonly List<Trace> seen = [];

    public async Task<CanaryFigures> RunAsync(TimeSpan duration, CancellationToken stop)
    {
        foreach (string folder in (string[])[state, working, temporary])
            _ = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Inherited by all that is started here: crashes may leave cores, in a folder of ours, and so may temporary files.
        Environment.CurrentDirectory = working;
        Environment.SetEnvironmentVariable("TMPDIR", temporary);
        CoreLimit.Raise();
        RunOptions options = RunOptions.OfThisBuild(repository, Path.Combine(state, "bench"));
        await using var bench = new Bench(options, new Progress(), TimeProvider.System);
        await bench.StartAsync(stop);
        Truth truth = Truth.Read(bench.TruthFile);
        string[] plates = [.. truth.Unlisted.Where(t => t.Length >= 7 && t[0] >= 128)];
        CanarySubject subject = await SubjectAsync(plates, stop);
        using var look = new PictureLook([subject.Face], plates);
        var scanner = new TraceScanner(plates, [subject.Face], look.Look);
        var (planted, missed) = await PlantAsync(subject, look, stop);

        int decisions = await DriveAsync(bench, options, duration, scanner, stop);
        if (leak)
            await File.WriteAllBytesAsync(Path.Combine(bench.CarData, "crops.cache"), subject.Crop, stop);
        string[] cores = [.. Cores()];
        progress.WriteLine("  looking through what was left");
        List<Trace> traces = [.. scanner.Scan(bench.CarData), .. scanner.Scan(Path.Combine(options.State, "logs")), .. scanner.Scan(temporary), .. scanner.Scan(working)];
        Account account = Receipts(bench);
        return new CanaryFigures(
            (int)duration.TotalSeconds, decisions, account.Faces.Seen, account.Faces.Deleted, account.Plates.Seen, account.Plates.Deleted, account.Faces.OldestMs, account.AssistOldestMs, account.Plates.OldestMs,
            account.IsInOrder, planted, planted - missed.Count, missed, scanner.Files, scanner.Bytes, look.Decoded, cores.Length, [.. seen.Concat(traces).Select(t => t.ToString().Replace(state, "…", StringComparison.Ordinal)).Distinct()]);
    }

    private async Task<(int Planted, List<string> Missed)> PlantAsync(CanarySubject subject, PictureLook look, CancellationToken stop)
    {
        string folder = Directory.CreateDirectory(Path.Combine(state, "planted")).FullName;
        progress.WriteLine("  planting: file, write-ahead log, log, core, browser profile");
        var places = await new Planting(subject, folder, repository).PlantAsync(stop);
        var forms = subject.Forms();
        var missed = new List<string>();
        foreach (var (place, at) in places)
        {
            var found = new TraceScanner([subject.Plate], [subject.Face], look.Look).Scan(at).Select(t => (t.What, t.Form)).ToHashSet();
            missed.AddRange(forms.Where(f => !found.Contains((f.What, f.Form))).Select(f => $"{f.Form} of {f.What} in {place}"));
        }
        Directory.Delete(folder, recursive: true);
        int planted = places.Count * forms.Count;
        progress.WriteLine($"  found {planted - missed.Count} of {planted} planted");
        foreach (string one in missed)
            progress.WriteLine($"  not found: {one}");
        return (planted, missed);
    }

    /// <summary>The officer works; each minute what lies open is looked through; at the end everything crashes.</summary>
    private async Task<int> DriveAsync(Bench bench, RunOptions options, TimeSpan duration, TraceScanner scanner, CancellationToken stop)
    {
        await using ChildProcess officer = ChildProcess.Start(
            "officer", Path.Combine(options.State, "logs"), "node",
            [Path.Combine(repository, "tools", "rig", "officer.mjs"), "--url", bench.Plan.TerminalUrl, "--officer", BenchPlan.OfficerId, "--pin-env", "OFFICER_PIN",
                "--truth", bench.TruthFile, "--seconds", "86400", "--reject-every", "3", "--assist-every", "65"],
            new Dictionary<string, string> { ["OFFICER_PIN"] = bench.Plan.Pin });
        await bench.AnalysingAsync(stop);
        long began = TimeProvider.System.GetTimestamp();
        int minute = 0;
        while (TimeProvider.System.GetElapsedTime(began) < duration)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
            bench.AllAlive();
            if (TimeProvider.System.GetElapsedTime(began).TotalMinutes < minute + 0.75)
                continue;
            minute++;
            seen.AddRange(scanner.Scan(bench.CarData));
            progress.WriteLine($"  minute {minute}: looked through the open files, {seen.Count} traces");
        }
        int decisions = await bench.SummaryAsync(stop) is { } summary ? (int)summary.Decisions : 0;
        progress.WriteLine("  eyes and host crash, the officer's browser is killed");
        int eyes = bench.EyesPid() ?? throw new ScenarioException("The process that looks was not there to crash.");
        _ = Posix.Kill(officer.Id, SigKill);
        // .NET takes the first one for its own and goes back to the default with it.
        for (int i = 0; i < 50 && (!bench.Car.HasExited || Directory.Exists($"/proc/{eyes}")); i++)
        {
            _ = Posix.Kill(bench.Car.Id, SigAbrt);
            _ = Posix.Kill(eyes, SigAbrt);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
        }
        return bench.Car.HasExited ? decisions : throw new ScenarioException("The car did not crash.");
    }

    // A pattern without a folder puts them where the process ran.
    private IEnumerable<string> Cores()
    {
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern").Trim();
        string folder = pattern.StartsWith('/') ? Path.GetDirectoryName(pattern)! : working;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "core*") : [];
    }

    private async Task<CanarySubject> SubjectAsync(string[] plates, CancellationToken stop)
    {
        // The bench's person on no list; the same picture walks past the cameras.
        var persons = await FreePictures.GetAsync(Path.Combine(repository, ".cache", "rig"), new Progress<string>(progress.WriteLine), stop);
        using var pictures = new FacePictures();
        EnrolledFace face = pictures.Enrol(persons.First(p => !p.Listed).EnrolPicture);
        return new CanarySubject(plates[0], MemoryMarshal.Cast<byte, float>(face.Template).ToArray(), face.PortraitJpeg);
    }

    private static Account Receipts(Bench bench)
    {
        using X509Certificate2 unit = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(bench.CarData, "identity", "unit.crt")));
        var account = new Account(10_000, 180_000);
        using FileStream chain = File.OpenRead(Path.Combine(bench.CarData, "audit", "audit.log"));
        Finding finding = new Chain([unit], [], account.Add).Verify(chain);
        return finding.IsWhole ? account : throw new ScenarioException($"The car's audit chain is not whole: {finding.Code} at record {finding.AtRecord}.");
    }
}
