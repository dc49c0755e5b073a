using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.Benchmarks.Bench;
using EdgeAgent.Benchmarks.Servers;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>
/// A city's cars on this machine: real gateways in processes of their own, the cars in another, a console that listens. One gateway
/// on SQLite, or several on one PostgreSQL server with RabbitMQ between them, of which one is killed half-way.
/// </summary>
internal sealed class FleetBench : IAsyncDisposable
{
    private const double GoalAgeP95Ms = 2000;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromMinutes(3), SettleFor = TimeSpan.FromSeconds(5), DeliverWithin = TimeSpan.FromSeconds(60);
    private readonly FleetOptions options;
    private readonly TextWriter progress;
    private readonly string folder = Directory.CreateTempSubdirectory("fleet-").FullName;
    private readonly string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly List<GatewayProcess> gateways = [];
    private readonly Dictionary<string, string> environment = [];
    private PostgresServer? postgres;
    private RabbitServer? rabbit;
    private Process? swarm;

    private FleetBench(FleetOptions options, TextWriter progress) => (this.options, this.progress) = (options, progress);

    private bool IsCity => options.Gateways > 1;

    /// <exception cref="InputException">Numbers out of range, or something does not start.</exception>
    public static async Task<FleetResult> RunAsync(FleetOptions options, TextWriter progress)
    {
        if (options.Cars is < 1 or > 5000 || options.Gateways is < 1 or > 5 || options.Seconds is < 10 or > 3600 || options.Alerts is < 1 or > 100_000 || options.AlertSeconds is < 1 or > 600)
            throw new InputException("--cars 1 to 5000, --gateways 1 to 5, --seconds 10 to 3600, --alerts 1 to 100000, --alert-seconds 1 to 600.");
        await using var bench = new FleetBench(options, progress);
        return await bench.MeasureAsync();
    }

    private async Task<FleetResult> MeasureAsync()
    {
        string cars = await StartAsync();
        await using FleetConsole console = await FleetConsole.OpenAsync(gateways[0].Http, password);
        await ConnectAsync(cars);
        await Task.Delay(SettleFor);
        _ = console.TakeAges();
        double cpu = Cpu();
        long began = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        IReadOnlyList<double> ages = console.TakeAges();
        int fresh = console.Fresh;
        progress.WriteLine($"  {fresh} of {options.Cars} fresh at the console, age p95 {CarSwarm.Of(ages, 0.95):0} ms; now the storm");
        await swarm!.StandardInput.WriteLineAsync($"storm {options.Alerts} {options.AlertSeconds}");
        await Task.Delay(TimeSpan.FromSeconds(options.AlertSeconds / 2.0));
        double cores = (Cpu() - cpu) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (IsCity)
            gateways[^1].Kill();
        long storming = Stopwatch.GetTimestamp();
        while (console.Shown.Count < options.Alerts && Stopwatch.GetElapsedTime(storming) < DeliverWithin)
            await Task.Delay(100);
        IReadOnlyList<double> stormy = console.TakeAges();
        IReadOnlyList<double> after = [];
        if (IsCity)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
            after = console.TakeAges();
        }
        await swarm.StandardInput.WriteLineAsync("end");
        SwarmResult result = JsonSerializer.Deserialize<SwarmResult>(await swarm.StandardOutput.ReadLineAsync() ?? "") ?? throw new InputException("The cars' process ended without a word.");
        KillFigures? kill = !IsCity ? null : new KillFigures(
            result.Reconnects.Count, CarSwarm.Of(result.Reconnects, 0.5), CarSwarm.Of(result.Reconnects, 0.95), CarSwarm.Of(result.Reconnects, 1), AgeFigures.Of(after));
        return new FleetResult(
            options.Cars, options.Gateways, postgres is null ? "SQLite" : "PostgreSQL", options.Seconds, fresh, AgeFigures.Of(ages), AgeFigures.Of(stormy), Storm(result, console), kill,
            Math.Round(cores, 2), Math.Round(gateways.Take(IsCity ? gateways.Count - 1 : 1).Max(g => g.PeakMb), 0), Math.Round(console.UnitsKb, 0), GoalAgeP95Ms, options.Seed, Machines.Describe());
    }

    private StormFigures Storm(SwarmResult result, FleetConsole console)
    {
        IReadOnlyList<string> rows = FleetGround.StoredAlerts(folder);
        var stored = rows.ToHashSet();
        long first = result.Alerts.Values.Min(t => t[0]);
        double[] acks = [.. result.Alerts.Values.Where(t => t[1] > 0).Select(t => (double)(t[1] - t[0]))];
        double[] shows = [.. result.Alerts.Where(a => console.Shown.ContainsKey(a.Key)).Select(a => (double)(console.Shown[a.Key].AtUnixMs - a.Value[0]))];
        return new StormFigures(
            result.Alerts.Count, acks.Length, result.Alerts.Count(a => a.Value[1] == 0 || !stored.Contains(a.Key)),
            rows.Count - stored.Count + console.Shown.Values.Count(s => s.Times > 1), console.Shown.Count, CarSwarm.Of(acks, 0.5), CarSwarm.Of(acks, 0.95),
            acks.Length == 0 ? 0 : result.Alerts.Values.Max(t => t[1]) - first, CarSwarm.Of(shows, 0.95), console.Shown.Count == 0 ? 0 : console.Shown.Values.Max(s => s.AtUnixMs) - first, console.CameBack);
    }

    private double Cpu() => gateways.Sum(g => g.CpuSeconds);

    private async Task<string> StartAsync()
    {
        string? connection = null;
        if (IsCity || options.Postgres)
        {
            progress.WriteLine("  starting PostgreSQL");
            postgres = await PostgresServer.StartAsync(durable: true);
            connection = await postgres.NewDatabaseAsync();
        }
        if (IsCity)
        {
            progress.WriteLine("  starting RabbitMQ");
            rabbit = await RabbitServer.StartAsync();
            environment["RabbitMq"] = rabbit.Address.ToString();
        }
        progress.WriteLine($"  enrolling {options.Cars} cars");
        string cars = await FleetGround.MakeAsync(folder, options.Cars, password, connection);
        for (int n = 0; n < options.Gateways; n++)
            gateways.Add(await GatewayProcess.StartAsync(FleetGround.DataOf(folder), environment));
        return cars;
    }

    private async Task ConnectAsync(string cars)
    {
        progress.WriteLine("  cars come on the line");
        swarm = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["bench", "fleet-cars", "--cars-file", cars, "--seed", $"{options.Seed}", .. gateways.SelectMany(g => new[] { "--gateway", g.Grpc.ToString() })])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string? said = await swarm.StandardOutput.ReadLineAsync().WaitAsync(ConnectWithin);
        if (said != CarSwarm.AllConnected)
            throw new InputException($"The cars do not come on the line: {said ?? "their process ended"}. {gateways[0].LastWords}");
    }

    public async ValueTask DisposeAsync()
    {
        if (swarm is { HasExited: false })
        {
            swarm.StandardInput.Close();
            if (!swarm.WaitForExit(TimeSpan.FromSeconds(15)))
                swarm.Kill();
        }
        swarm?.Dispose();
        foreach (GatewayProcess gateway in gateways)
            gateway.Dispose();
        if (rabbit is not null)
            await rabbit.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
