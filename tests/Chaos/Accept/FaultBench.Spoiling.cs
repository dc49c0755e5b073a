using System.Text.Json.Nodes;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Accept;

/// <summary>What is done to keys, data, models and lists.</summary>
internal sealed partial class FaultBench
{
    public const string EndingList = "bench-ending";

    private const int SpoilFrom = 2 * 4096;
    private ChildProcess? stranger;

    /// <summary>A unit of the same centre that is enrolled beside the car.</summary>
    /// <returns>Its data folder.</returns>
    public async Task<string> EnrolledAsync(string unit, CancellationToken stop)
    {
        JsonNode code = JsonNode.Parse(await Bench.CentreAsync(["enrol", "--data", Bench.CentreData, "--unit", unit, "--label", unit], null, stop))!;
        string data = NewFolder();
        (int exit, string said) = await Bench.EdgectlAsync(["provision", "--centre", Bench.Plan.CentreUrl, "--code", (string)code["code"]!, "--data", data, "--key", "file", "--json"], null, [], _ => { }, stop);
        return exit == 0 ? data : throw new ScenarioException($"{unit} was not enrolled: {said}");
    }

    /// <summary>A centre that this car was never enrolled with, by its address.</summary>
    public async Task<string> StrangerAsync(CancellationToken stop)
    {
        string data = NewFolder(), url = $"127.0.0.1:{BenchPlan.Free(0)}";
        _ = await Bench.CentreAsync(["init", "--data", data], null, stop);
        stranger = Bench.StartCentre("stranger", ["serve", "--data", data, "--grpc", url, "--http", "127.0.0.1:0", "--host", "127.0.0.1"]);
        for (int tenth = 0; tenth < 300; tenth++)
        {
            if (stranger.HasExited)
                throw new ScenarioException($"The other centre ended: {stranger.TailOfLog(5)}");
            using var probe = new System.Net.Sockets.TcpClient();
            try
            {
                await probe.ConnectAsync(System.Net.IPEndPoint.Parse(url), stop);
                break;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stop);
            }
        }
        return $"https://{url}";
    }

    /// <returns>The car's identity folder with one file in the middle of which a line is gone.</returns>
    public string SpoiltIdentity(string name)
    {
        string folder = NewFolder();
        Copy(Path.Combine(Bench.CarData, "identity"), folder);
        string file = Path.Combine(folder, name);
        string[] lines = File.ReadAllLines(file);
        File.WriteAllLines(file, lines.Where((_, at) => at != lines.Length / 2));
        return folder;
    }

    /// <returns>The models with one bit of one of them turned.</returns>
    public string SpoiltModels()
    {
        string folder = NewFolder();
        var models = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(models.FullName, "models", "models.json")))
            models = models.Parent ?? throw new ScenarioException("There is no folder models above this program.");
        Copy(Path.Combine(models.FullName, "models"), folder);
        Copy(Path.Combine(models.FullName, ".cache", "models"), folder);
        Turn(Directory.EnumerateFiles(Path.Combine(folder, "trained"), "plate_rec*.onnx").Single(), at: 100_000);
        return folder;
    }

    /// <summary>Every page of the database but the first two is nonsense.</summary>
    public static void SpoilOutbox(string data)
    {
        string file = Path.Combine(data, "events.db");
        byte[] content = File.ReadAllBytes(file);
        new Random(1).NextBytes(content.AsSpan(Math.Min(SpoilFrom, content.Length / 2)));
        File.WriteAllBytes(file, content);
        foreach (string side in (string[])["-wal", "-shm"])
            File.Delete(file + side);
    }

    public static void SpoilAudit(string data)
    {
        string file = Path.Combine(data, "audit", "audit.log");
        Turn(file, new FileInfo(file).Length / 2);
    }

    /// <summary>A list that is good for some seconds.</summary>
    public async Task IssueEndingListAsync(CancellationToken stop)
    {
        var list = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Bench.TruthFile)!, "watch-plates.json"), stop))!;
        (list["listId"], list["validHours"]) = (EndingList, 0.023);
        // Counted from an issue that is dated a minute back.
        string file = Path.Combine(NewFolder(), "list.json");
        await File.WriteAllTextAsync(file, list.ToJsonString(), stop);
        _ = await Bench.CentreAsync(["lists", "issue", "--data", Bench.CentreData, "--file", file], null, stop);
    }

    public async Task RevokeAsync(string list, CancellationToken stop) =>
        _ = await Bench.CentreAsync(["lists", "revoke", "--data", Bench.CentreData, "--list", list, "--reason", "bench"], null, stop);

    /// <summary>Nobody starts the car again when it ends.</summary>
    public void KeepDown() => File.WriteAllText(Bench.KeepDownFile, "");

    private static void Turn(string file, long at)
    {
        using FileStream open = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        open.Position = at;
        int value = open.ReadByte();
        open.Position = at;
        open.WriteByte((byte)(value ^ 1));
    }
}
