using System.CommandLine;
using System.Security.Cryptography;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Edgectl.Logs;

namespace EdgeAgent.Edgectl.Support;

internal static class SupportBundleCommand
{
    private const int MostAgentLines = 5000, MostKernelLines = 500;

    public static Command Create()
    {
        var data = Cli.Data();
        var config = ConfigCommand.File();
        var agent = new AgentProgram();
        var log = new LogOptions();
        var kernelLog = new Option<string?>("--kernel-log") { Description = "A kernel's log, as of a mounted disk, instead of this machine's own." };
        var hours = new Option<double>("--hours") { Description = "So much of the agent's log, hours, 0.1 to 720.", DefaultValueFactory = _ => 24 };
        var to = new Option<string?>("--out") { Description = "The bundle; without it support-TIME.tar.gz in this folder." };
        var json = Cli.AsJson();
        var command = new Command(
            "support-bundle",
            """
            Writes what somebody far away needs to help: versions, settings without passwords, how each stage is, counts, the agent's and
            the hardware's log, disks and memory. Each file is looked through for pictures, video, face templates, plates, keys, tokens,
            PINs and people's numbers before it is taken; one with a finding is left out, and lines of logs with one. Run it as root.

            Example: edgectl support-bundle --data /var/lib/edge-agent --out support.tar.gz
            JSON: {"bundle","bytes","sha256","files":[{"name","bytes","sha256"}],"leftOut":[{"name","why":[…],"sentence"}],
            "linesLeftOut":{FILE:{KIND:COUNT}}}; why: picture, video, face_template, plate, key, token, pin, person, opaque, binary, not_available.
            Exit codes: 0 written, whatever was left out; 1 not written; 2 wrong command line; 130 interrupted, nothing written.
            """)
        { data, config, log.File, log.Journal, log.Unit, kernelLog, hours, to, json };
        command.Does(json, agent, async (parsed, stop) =>
        {
            var folder = parsed.GetValue(data)!;
            var now = TimeProvider.System.GetUtcNow();
            var path = Path.GetFullPath(parsed.GetValue(to) ?? $"support-{now:yyyyMMdd'T'HHmmss'Z'}.tar.gz");
            var since = now - TimeSpan.FromHours(Cli.Within(parsed.GetValue(hours), 0.1, 720, "--hours"));
            var manifest = await CollectAsync(
                new Sources(folder, log.Of(parsed), parsed.GetValue(kernelLog), since, agent.Slots(parsed)),
                () => OptionsReport.AskAsync(agent, parsed, parsed.GetValue(config)!, stop), path, stop);
            await using var written = File.OpenRead(path);
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, stop));
            if (parsed.GetValue(json))
                Cli.Print(new { bundle = path, bytes = written.Length, sha256, manifest.Files, manifest.LeftOut, manifest.LinesLeftOut });
            else
                Show(path, written.Length, sha256, manifest);
            return Cli.Done;
        });
        return command;
    }

    private sealed record Sources(string Data, LogSource Log, string? KernelLog, DateTimeOffset Since, AppSlots? Slots);

    private static async Task<BundleManifest> CollectAsync(Sources from, Func<Task<OptionsReport>> options, string path, CancellationToken stop)
    {
        RunningAgent? running = null;
        string why = $"No agent runs over {from.Data}.";
        try
        {
            running = await RunningAgent.AskAsync(from.Data, stop);
        }
        catch (IOException error)
        {
            why = error.Message;
        }
        var unitId = running?.UnitId ?? UnitOf(from.Data);
        var scan = new SecretScan([.. (running?.Models ?? []).Select(m => m.Sha256).Where(IsHash), .. unitId is null ? (string[])[] : [unitId]]);
        var bundle = new SupportBundle(scan, TimeProvider.System);
        Task<byte[]> OfRunning(Func<RunningAgent, byte[]> make) => running is null ? throw new IOException(why) : Task.FromResult(make(running));
        await bundle.AddAsync("versions.json", () => Task.FromResult(BundleSources.Versions(from.Slots, running)));
        await bundle.AddAsync("settings.json", async () => BundleSources.Json(await options()));
        await bundle.AddAsync("stages.json", () => OfRunning(BundleSources.Stages));
        await bundle.AddAsync("lists.json", () => OfRunning(BundleSources.Lists));
        await bundle.AddAsync("counts.json", () => Task.FromResult(BundleSources.Counts(OutboxReport.Read(from.Data))));
        await bundle.AddAsync("machine.json", () => Task.FromResult(BundleSources.Machine(from.Data)));
        var agentLog = new CleanLog(scan, MostAgentLines);
        await bundle.AddAsync("agent.log", async () =>
        {
            var filter = LogFilter.All with { Since = from.Since };
            await Progress.WhileAsync(agentLog.AddAsync(from.Log.ReadAsync(from.Since, follow: false, stop).Where(filter.Takes)), "looking through the agent's log", stop);
            return agentLog.Bytes;
        });
        bundle.CountLines("agent.log", agentLog.LeftOut);
        var kernelLog = new CleanLog(scan, MostKernelLines);
        await bundle.AddAsync("kernel.log", async () =>
        {
            foreach (var line in await KernelLog.ReadAsync(from.KernelLog, stop))
                kernelLog.Add(line);
            return kernelLog.Bytes;
        });
        bundle.CountLines("kernel.log", kernelLog.LeftOut);
        return bundle.Write(path, unitId);
    }

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    private static string? UnitOf(string data)
    {
        try
        {
            using var identity = UnitIdentity.Load(Cli.IdentityIn(data));
            return identity.UnitId;
        }
        catch (IdentityException)
        {
            return null;
        }
    }

    private static void Show(string path, long bytes, string sha256, BundleManifest manifest)
    {
        foreach (var file in manifest.Files)
            Console.Out.WriteLine($"in it:    {file.Name}, {file.Bytes} bytes");
        foreach (var file in manifest.LeftOut)
            Console.Out.WriteLine($"left out: {file.Name}: {(file.Sentence.Length > 0 ? file.Sentence : $"it holds {string.Join(", ", file.Why)}")}");
        foreach (var (name, kinds) in manifest.LinesLeftOut)
            Console.Out.WriteLine($"left out: lines of {name} with {string.Join(", ", kinds.Select(k => $"{k.Key} ({k.Value})"))}");
        Console.Out.WriteLine($"{path}: {bytes} bytes, SHA-256 {sha256}.");
    }
}
