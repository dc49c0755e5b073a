using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Chaos.Disk;
using EdgeAgent.Edgectl.Box;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Accept;

/// <summary>The bench with a car that was accepted, and ways to spoil it.</summary>
internal sealed partial class FaultBench(Bench bench, string state) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly HttpClient http = new();
    private readonly List<IDisposable> held = [];
    private int written;

    public Bench Bench => bench;

    public FaultSite Usual => new(bench.CarSettings, Nothing, []);

    /// <summary>A fresh folder of this run.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(state, "faults", $"{++written}")).FullName;

    public async Task<FaultSite> ControlAsync(string order, CancellationToken stop)
    {
        foreach (string one in order.Split(' '))
        {
            using HttpResponseMessage answer = await http.PostAsync(new Uri((string)bench.Rig["control"]! + one), null, stop);
            _ = answer.EnsureSuccessStatusCode();
        }
        return Usual;
    }

    public FaultSite WithSettings(Action<JsonObject, FaultBench> change)
    {
        var settings = (JsonObject)JsonNode.Parse(File.ReadAllText(bench.CarSettings))!;
        change(settings, this);
        string file = Path.Combine(NewFolder(), "agent.json");
        File.WriteAllText(file, settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return Usual with { Settings = file };
    }

    /// <summary>The car's data as it is now, in a folder of its own, with something done to it.</summary>
    public FaultSite WithData(Action<string> change)
    {
        string copy = NewFolder();
        Copy(bench.CarData, copy);
        change(copy);
        return WithSettings((settings, _) => settings["DataDirectory"] = copy);
    }

    /// <summary>The car's data on a disk of 64 MiB.</summary>
    public FaultSite OnSmallDisk()
    {
        SmallDisk disk = SmallDisk.Mount(64L << 20);
        held.Add(disk);
        Copy(bench.CarData, disk.Root);
        return WithSettings((settings, _) => settings["DataDirectory"] = disk.Root);
    }

    /// <summary>Waits until the car says something of itself.</summary>
    public async Task UntilAsync(string what, Func<RunningAgent, bool> said, CancellationToken stop)
    {
        for (int second = 0; second < 90; second++)
        {
            if (await RunningAgent.AskAsync(bench.CarData, stop) is { } agent && said(agent))
                return;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
        }
        throw new ScenarioException($"The car does not come to say: {what}.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable one in held)
            one.Dispose();
        http.Dispose();
        if (stranger is not null)
            await stranger.DisposeAsync();
    }

    /// <summary>Files that go while they are copied are the car's own temporary ones; sockets hold nothing.</summary>
    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) != ".sock"))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            try
            {
                File.Copy(file, target, overwrite: true);
            }
            catch (IOException) when (!File.Exists(file) || Path.GetExtension(file) == ".lock")
            {
                // Said above; and whoever holds a lock holds it there.
            }
        }
    }
}
