using System.Text.Json;
using EdgeAgent.Benchmarks.Bench;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>What the process of the cars says at its end. Times in milliseconds.</summary>
/// <param name="Alerts">Event id, and when it was sent first and acknowledged (0: never), Unix ms.</param>
internal sealed record SwarmResult(int Connected, int Refused, IReadOnlyList<double> Reconnects, IReadOnlyDictionary<string, long[]> Alerts);

/// <summary>
/// The process that plays the cars. It says on standard output when all are on the line, takes orders on standard input
/// ("storm COUNT SECONDS", "end"), and ends with one JSON line.
/// </summary>
internal static class CarSwarm
{
    public const string AllConnected = "connected";
    private const int DiallingAtOnce = 32;

    public static async Task RunAsync(string carsFile, IReadOnlyList<Uri> gateways, int seed)
    {
        FleetCar[] told = JsonSerializer.Deserialize<FleetCar[]>(await File.ReadAllBytesAsync(carsFile)) ?? [];
        SimulatedCar[] cars = [.. told.Select((car, n) => new SimulatedCar(car, gateways, seed + n))];
        using var dialling = new SemaphoreSlim(DiallingAtOnce);
        using var stop = new CancellationTokenSource();
        Task[] driving = [.. cars.Select(car => Task.Run(() => car.RunAsync(dialling, stop.Token)))];
        while (cars.Any(car => !car.Connected))
            await Task.Delay(100);
        Console.WriteLine(AllConnected);
        while (await Console.In.ReadLineAsync() is { } order && order != "end")
        {
            string[] words = order.Split(' ');
            await StormAsync(cars, int.Parse(words[1]), TimeSpan.FromSeconds(int.Parse(words[2])));
        }
        var result = new SwarmResult(
            cars.Count(car => car.Connected), cars.Sum(car => car.Refused), [.. cars.SelectMany(car => car.Reconnects)],
            cars.SelectMany(car => car.Times).ToDictionary(pair => IdOf(pair.Key), pair => new[] { pair.Value.Sent, pair.Value.Acked }));
        Console.WriteLine(JsonSerializer.Serialize(result));
        await stop.CancelAsync();
        await Task.WhenAll(driving).WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (SimulatedCar car in cars)
            car.Dispose();
    }

    /// <summary>Signed before it begins: what is measured is the centre, not the cars' pens.</summary>
    private static async Task StormAsync(SimulatedCar[] cars, int count, TimeSpan over)
    {
        (SimulatedCar Car, Event Alert)[] alerts = [.. Enumerable.Range(0, count).Select(n => (cars[n % cars.Length], cars[n % cars.Length].NewAlert()))];
        long began = TimeProvider.System.GetTimestamp();
        var sending = new List<Task>(count);
        for (int n = 0; n < count; n++)
        {
            TimeSpan wait = (over * n / count) - TimeProvider.System.GetElapsedTime(began);
            if (wait > TimeSpan.FromMilliseconds(1))
                await Task.Delay(wait);
            sending.Add(alerts[n].Car.AlertAsync(alerts[n].Alert));
        }
        await Task.WhenAll(sending);
    }

    private static string IdOf(ByteString id) => Uuid7.ToGuid(id.Span).ToString();

    /// <summary>Percentile of what may be empty.</summary>
    public static double Of(IReadOnlyCollection<double> values, double share) => values.Count == 0 ? 0 : Math.Round(Percentiles.Of(values, share), 1);
}
