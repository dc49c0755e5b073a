using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Rig.Network;

namespace EdgeAgent.Rig.Run;

/// <summary>Where the two ends of the car's link run.</summary>
internal sealed record BenchLink(NetworkNamespace Car, NetworkNamespace Centre);

/// <summary>
/// Everything on one machine: bench cameras, a command centre with its own certificate authority, an enrolled car with lists
/// and an officer. Every part is the real program in its own process; this only starts, watches and ends them.
/// </summary>
/// <param name="link">Null: everything on this machine's loopback. Else car and centre each in a network of its own, joined by the caller.</param>
internal sealed class Bench(RunOptions options, Progress progress, TimeProvider time, BenchLink? link = null) : IAsyncDisposable
{
    /// <summary>A part that works is up within seconds, and one that ends by itself is told of at once: this is for a machine that is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly HttpClient terminal = Http(link?.Car), console = Http(link?.Centre);
    private ChildProcess? rig, centre, car;

    public BenchPlan Plan { get; } = BenchPlan.Make() with
    {
        CentreHost = link is null ? "127.0.0.1" : PacketRelay.CentreAddress.ToString(),
        HeldLinkPort = options.Drive is { HoldsLink: true } ? BenchPlan.Free(0) : 0,
    };

    /// <summary>What a car's unit file sets: the youngest generation is as large as the processor's cache otherwise. Hexadecimal.</summary>
    private static readonly Dictionary<string, string> CarEnvironment = new() { ["DOTNET_GCgen0size"] = "0x800000", ["MALLOC_ARENA_MAX"] = "2" };

    /// <summary>Restart=on-failure of the car's unit file, where there is no systemd: what ends by a signal is started again.</summary>
    private const string Supervisor =
        "trap 'kill -TERM $pid; wait $pid; exit $?' TERM; while :; do \"$@\" & pid=$!; wait $pid; code=$?; [ $code -lt 128 -o -e \"$KEEP_DOWN\" ] && exit $code; sleep 1; done";

    public string CarData => Path.Combine(options.State, "car");

    public string CentreData => Path.Combine(options.State, "centre");

    private string IgnitionFile => Path.GetFullPath(Path.Combine(options.State, "ignition"));

    public string TruthFile => Path.Combine(options.State, "rig", "truth.json");

    public ChildProcess Car => car ?? throw new InvalidOperationException("The car was not started.");

    public ChildProcess Centre => centre ?? throw new InvalidOperationException("The centre was not started.");

    /// <summary>While this file is there, a supervised car that ends stays down.</summary>
    public string KeepDownFile => Path.Combine(options.State, "keep-down");

    /// <summary>The settings that the car was started with.</summary>
    public string CarSettings => Path.Combine(options.State, "agent.json");

    private string Logs => Path.Combine(options.State, "logs");

    private string CentreProgram => options.Binary("CommandCentre", "command-centre");
    private string Edgectl => options.Binary("Edgectl", "edgectl");

    /// <summary>The bench's own description of its cameras, PTZ, GNSS and control address.</summary>
    public JsonNode Rig => JsonNode.Parse(File.ReadAllText(Path.Combine(options.State, "rig", "rig.json")))!;

    public async Task StartAsync(CancellationToken stop)
    {
        EmptyState();
        await progress.StepAsync("bench cameras, PTZ and GNSS", () => StartRigAsync(stop));
        await progress.StepAsync("command centre", () => InitCentreAsync(stop));
        await progress.StepAsync("car enrolled, lists signed", () => EnrolAsync(stop));
        await progress.StepAsync("car", () => StartCarAsync(stop));
    }

    private void EmptyState()
    {
        string mark = Path.Combine(options.State, ".bench");
        if (Directory.Exists(options.State) && Directory.EnumerateFileSystemEntries(options.State).Any() && !File.Exists(mark))
            throw new BenchException($"{options.State} is not empty and not a bench's: name another folder with --state.");
        if (Directory.Exists(options.State))
            Directory.Delete(options.State, recursive: true);
        Directory.CreateDirectory(options.State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(mark, "");
        File.WriteAllText(IgnitionFile, "1");
    }

    private async Task StartRigAsync(CancellationToken stop)
    {
        string ready = Path.Combine(options.State, "rig", "rig.json");
        rig = Start("rig", link?.Car, options.Binary("Rig", "rig"), ["serve", "--state", Path.GetDirectoryName(ready)!, .. options.RigArguments]);
        // Making the clips the first time is minutes of work for two cores; afterwards they lie in .cache.
        await UntilAsync("the cameras", [rig], TimeSpan.FromMinutes(10), () => Task.FromResult(File.Exists(ready)), stop);
    }

    private async Task InitCentreAsync(CancellationToken stop)
    {
        await CentreAsync(["init", "--data", CentreData], null, stop);
        await CentreAsync(["accounts", "add", "--data", CentreData, "--user", BenchPlan.Dispatcher, "--role", "supervisor", "--password-stdin"], Plan.DispatcherPassword, stop);
        await StartCentreAsync(stop);
    }

    /// <summary>Starts the centre (again) over the data that it has.</summary>
    public async Task StartCentreAsync(CancellationToken stop)
    {
        centre = Start("centre", link?.Centre, CentreProgram,
            ["serve", "--data", CentreData, "--grpc", $"{Plan.CentreHost}:{Plan.LinkPort}", "--http", $"127.0.0.1:{Plan.ConsolePort}", "--host", Plan.CentreHost,
                "--web-root", Path.Combine(options.Repository, "tools", "command-centre", "web", "dist")]);
        await UntilAsync("the command centre", [centre], Patience, () => AnswersAsync(console, Plan.ConsoleUrl, stop), stop);
    }

    /// <summary>Another centre's program beside this bench's; whoever starts it ends it.</summary>
    public ChildProcess StartCentre(string name, string[] arguments) => Start(name, null, CentreProgram, arguments);

    private async Task EnrolAsync(CancellationToken stop)
    {
        JsonNode code = JsonNode.Parse(await CentreAsync(["enrol", "--data", CentreData, "--unit", BenchPlan.UnitId, "--label", "Bench 1"], null, stop))!;
        (string program, string[] arguments) = In(link?.Car, Edgectl, ["provision", "--centre", Plan.CentreUrl, "--code", (string)code["code"]!, "--data", CarData, "--key", "file", "--json"]);
        await ChildProcess.RunAsync(program, arguments, null, stop);
        await CentreAsync(["officers", "add", "--data", CentreData, "--unit", BenchPlan.UnitId, "--officer", BenchPlan.OfficerId, "--name", "值班民警", "--role", "officer", "--pin-stdin"], Plan.Pin, stop);
        foreach (string list in (string[])["watch-plates.json", "watch-faces.json"])
        {
            string file = Path.Combine(options.State, "rig", list);
            if (File.Exists(file))
                await CentreAsync(["lists", "issue", "--data", CentreData, "--file", file], null, stop);
        }
    }

    /// <summary>Starts the car (again) over the data that it has.</summary>
    /// <param name="streaming">Return when all its cameras stream; false: when its terminal answers.</param>
    public async Task StartCarAsync(CancellationToken stop, bool streaming = true)
    {
        int cameras = streaming ? Rig["cameras"]!.AsArray().Count : 0;
        await File.WriteAllTextAsync(CarSettings, CarConfiguration().ToJsonString(new JsonSerializerOptions { WriteIndented = true }), stop);
        string program = options.Binary("EdgeAgent.Agent", "edge-agent");
        string[] arguments = ["host", "--config", CarSettings];
        if (options.Drive is { CarGivesWay: true })
            (program, arguments) = ("nice", ["-n", "10", program, .. arguments]);
        if (options.Supervised)
            (program, arguments) = ("bash", ["-c", Supervisor, "car", program, .. arguments]);
        car = Start("car", link?.Car, program, arguments, new Dictionary<string, string>(CarEnvironment) { ["KEEP_DOWN"] = KeepDownFile });
        await UntilAsync("the car", Parts, Patience, async () => await SummaryAsync(stop) is { } s && s.CamerasStreaming >= cameras, stop);
    }

    /// <summary>Returns when all the car's cameras stream.</summary>
    public Task StartedAsync(CancellationToken stop) =>
        UntilAsync("the cameras' streams", Parts, Patience, async () => await SummaryAsync(stop) is { } s && s.CamerasStreaming >= Rig["cameras"]!.AsArray().Count, stop);

    /// <summary>Returns when an officer is signed in and cameras are looked at.</summary>
    public Task AnalysingAsync(CancellationToken stop) =>
        UntilAsync("the analysis", Parts, Patience, async () => await SummaryAsync(stop) is { FramesAnalysed: > 0 }, stop);

    private JsonObject CarConfiguration()
    {
        JsonNode bench = Rig;
        var cameras = new JsonArray();
        foreach (JsonNode? camera in bench["cameras"]!.AsArray().Append(bench["cab"]))
        {
            if (camera is null)
                continue;
            var entry = new JsonObject
            {
                ["Id"] = (string)camera["id"]!,
                ["LabelZh"] = (string)camera["labelZh"]!,
                ["LabelEn"] = (string)camera["labelEn"]!,
                ["Main"] = (string)camera["main"]!,
                ["Sub"] = (string)camera["sub"]!,
                ["PreviewOnly"] = (string)camera["id"]! == "cab",
            };
            if (bench["ptz"] is { } ptz && (string)camera["id"]! == "cam1")
            {
                entry["Ptz"] = (string)ptz["url"]!;
                entry["PtzUser"] = (string)ptz["user"]!;
                entry["PtzPassword"] = (string)ptz["password"]!;
            }
            cameras.Add(entry);
        }
        return new JsonObject
        {
            ["DataDirectory"] = CarData,
            [nameof(Centre)] = Plan.CarCentreUrl,
            ["Terminal"] = new JsonObject { ["Url"] = Plan.TerminalUrl, ["WebRoot"] = Path.Combine(options.Repository, "agent", "Terminal", "web", "dist") },
            ["Cameras"] = cameras,
            ["Vision"] = VisionSection(),
            ["Alerts"] = new JsonObject { ["RepeatSuppressSeconds"] = options.RepeatSuppressSeconds },
            ["Gnss"] = new JsonObject { ["Host"] = (string)bench["gnss"]!["host"]!, ["Port"] = (int)bench["gnss"]!["port"]! },
            // Write 0 into it and the ignition is off. The machine that the bench runs on is not switched off.
            ["Power"] = new JsonObject { [nameof(IgnitionFile)] = IgnitionFile, ["Command"] = new JsonArray("true") },
        };
    }

    private JsonObject VisionSection()
    {
        // Measured is the full rate of every camera, also of those in front of which nothing moves.
        JsonObject section = options.Measure ? new() { ["StillFps"] = 25 } : options.Drive is { CarGivesWay: true } ? new() { ["Precedence"] = "even" } : [];
        foreach (var (key, value) in options.Vision)
            section[key] = double.TryParse(value, out double number) ? number : bool.TryParse(value, out bool truth) ? truth : value;
        return section;
    }

    private ChildProcess[] Parts => [.. new[] { rig, centre, car }.OfType<ChildProcess>()];

    /// <exception cref="BenchException">A part ended by itself; the message shows the end of its log.</exception>
    public void AllAlive() => Alive(Parts);

    private static void Alive(IEnumerable<ChildProcess> parts)
    {
        if (parts.FirstOrDefault(p => p.HasExited) is { } gone)
            throw new BenchException($"{gone.Name} ended by itself with {gone.ExitCode}. The end of {gone.LogPath}:\n{gone.TailOfLog(20)}");
    }

    private async Task UntilAsync(string what, ChildProcess[] parts, TimeSpan limit, Func<Task<bool>> done, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (!await done())
        {
            Alive(parts);
            if (time.GetElapsedTime(start) > limit)
                throw new BenchException($"{what} did not come up within {limit.TotalSeconds:0} s. The end of {parts[^1].LogPath}:\n{parts[^1].TailOfLog(20)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
        }
    }

    private ChildProcess Start(string name, NetworkNamespace? space, string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        (program, arguments) = In(space, program, arguments);
        return ChildProcess.Start(name, Logs, program, arguments, environment);
    }

    private static (string Program, string[] Arguments) In(NetworkNamespace? space, string program, string[] arguments) =>
        space is null ? (program, arguments) : (space.CommandPrefix[0], [.. space.CommandPrefix.Skip(1), program, .. arguments]);

    private static HttpClient Http(NetworkNamespace? space) =>
        new(new SocketsHttpHandler { ConnectCallback = space is null ? null : space.ConnectAsync }) { Timeout = TimeSpan.FromSeconds(3) };

    private static async Task<bool> AnswersAsync(HttpClient http, string url, CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(url), stop);
            return true;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !stop.IsCancellationRequested))
        {
            // Not there yet, or so slow that the client gave up: the caller has the last word.
            return false;
        }
    }

    /// <summary>The car's counters; null while its terminal does not answer.</summary>
    public async Task<CarSummary?> SummaryAsync(CancellationToken stop)
    {
        try
        {
            return CarSummary.Parse(await terminal.GetStringAsync(new Uri(Plan.TerminalUrl + "/api/summary"), stop));
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>What the car wrote at its end: counters after the last frame was given back.</summary>
    public CarSummary FinalSummary()
    {
        string file = Path.Combine(CarData, "run", "summary.json");
        return File.Exists(file) ? CarSummary.Parse(File.ReadAllText(file)) : throw new BenchException($"The car left no {file}.");
    }

    public async Task<Ledger> LedgerAsync(CancellationToken stop) => Ledger.Compare(
        JsonNode.Parse(await ChildProcess.RunAsync(Edgectl, ["outbox", "--data", CarData, "--json", "--ids"], null, stop))!,
        JsonNode.Parse(await CentreAsync(["events", "--data", CentreData, "--json", "--ids"], null, stop))!);

    /// <summary>Ids of the decisions that the centre holds.</summary>
    public async Task<string> DecisionsAtCentreAsync(CancellationToken stop) => await CentreAsync(["events", "--data", CentreData, "--json", "--decisions"], null, stop);

    /// <summary>SIGKILL, as a crash would; start it again with <see cref="StartCarAsync"/>.</summary>
    public Task KillCarAsync() => Car.KillAsync();

    /// <summary>The process of eyes that the car runs now; null while it runs none.</summary>
    public int? EyesPid()
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{Car.Id}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse)
                .Cast<int?>()
                .FirstOrDefault(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("\0eyes\0", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // It ended while it was looked for.
            return null;
        }
    }

    public Task KillCentreAsync() => Centre.KillAsync();

    /// <summary>A technician's command at the car.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">More of its environment.</param>
    /// <param name="through">A program that runs it, with arguments of its own; empty: none.</param>
    /// <param name="onProgress">Given each line of its progress.</param>
    /// <returns>Its exit code, and what it printed.</returns>
    public async Task<(int Code, string Output)> EdgectlAsync(
        string[] arguments, IReadOnlyDictionary<string, string>? environment, IReadOnlyList<string> through, Action<string> onProgress, CancellationToken stop)
    {
        var output = new System.Text.StringBuilder();
        string[] whole = [.. through, Edgectl, .. arguments];
        await using var command = ChildProcess.Start("edgectl", Logs, whole[0], whole[1..], environment, line => output.AppendLine(line), onProgress);
        while (!command.HasExited)
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
        _ = await command.StopAsync(TimeSpan.FromSeconds(5));
        return (command.ExitCode, output.ToString());
    }

    public Task<string> CentreAsync(string[] arguments, string? input, CancellationToken stop) => ChildProcess.RunAsync(CentreProgram, arguments, input, stop);

    /// <summary>Both pages driven by a script of <c>tools/rig</c>, to its end.</summary>
    /// <param name="more">Arguments of that script alone.</param>
    /// <returns>What it printed.</returns>
    public Task<string> DriveAsync(DriveOptions drive, IEnumerable<string> more, CancellationToken stop)
    {
        string[] link = drive.HoldsLink ? ["--link-listen", $"{Plan.HeldLinkPort}", "--link-to", $"{Plan.LinkPort}", "--rig", (string)Rig["control"]!, "--unit", BenchPlan.UnitId] : [];
        return ChildProcess.RunAsync("node",
            [Path.Combine(options.Repository, "tools", "rig", drive.Script), "--terminal", Plan.TerminalUrl, "--console", Plan.ConsoleUrl, "--officer", BenchPlan.OfficerId, "--pin", Plan.Pin,
                "--user", BenchPlan.Dispatcher, "--password", Plan.DispatcherPassword, "--truth", TruthFile, "--out", drive.Folder, .. link, .. more], null, stop);
    }

    /// <summary>Ends the car first, since it still delivers; then the centre, then the cameras.</summary>
    /// <returns>Whether the car ended by itself within its time.</returns>
    public async Task<bool> EndAsync()
    {
        bool byItself = car is null || await car.StopAsync(TimeSpan.FromSeconds(20));
        if (centre is not null)
            _ = await centre.StopAsync(TimeSpan.FromSeconds(10));
        if (rig is not null)
            _ = await rig.StopAsync(TimeSpan.FromSeconds(10));
        return byItself;
    }

    public async ValueTask DisposeAsync()
    {
        _ = await EndAsync();
        foreach (ChildProcess part in Parts)
            await part.DisposeAsync();
        terminal.Dispose();
        console.Dispose();
    }
}
