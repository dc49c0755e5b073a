using EdgeAgent.Rig.Network;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Link;

/// <summary>Plays one profile between a real car's link and a real centre, each in its own network.</summary>
internal sealed class LinkRun(LinkProfile profile, int seed, string program, string state, TextWriter progress, TimeProvider time)
{
    private const string Unit = "PB-1";
    private const int Port = 8443;
    private static readonly TimeSpan UpWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SimulatedWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromMinutes(6);
    private readonly LinkBook book = new();

    private string CentreData => Path.Combine(state, "centre");

    public async Task<LinkFigures> RunAsync(CancellationToken stop)
    {
        if (NetworkNamespace.WhyNot() is { Length: > 0 } why)
            throw new ScenarioException(why);
        await using NetworkNamespace carSpace = await NetworkNamespace.CreateAsync("car", stop);
        await using NetworkNamespace centreSpace = await NetworkNamespace.CreateAsync("centre", stop);
        await using PacketRelay relay = await PacketRelay.StartAsync(carSpace, centreSpace, profile.Conditions, seed, time, stop);
        string code = NewCentre.Make(CentreData, Unit, time);
        await using ChildProcess centre = Start(CentrePart.Name, centreSpace, book.CentreSaid,
            ["--data", CentreData, "--address", $"{PacketRelay.CentreAddress}", "--port", $"{Port}", "--unit", Unit]);
        await OrEndAsync(book.Ready, centre, UpWithin, stop);
        await using ChildProcess car = Start(CarPart.Name, carSpace, book.CarSaid,
            ["--data", Path.Combine(state, "car"), "--centre", $"https://{PacketRelay.CentreAddress}:{Port}", "--code", code, "--seed", $"{seed}", "--backlog", $"{profile.BacklogEvents}", "--offline-hours", $"{profile.OfflineHours}"]);
        if (profile.OfflineHours > 0)
            await LiveOfflineAsync(relay, car, stop);
        else
            await OrEndAsync(book.Up, car, UpWithin, stop);
        await PlayAsync(relay, stop);
        long ended = time.GetTimestamp();
        bool drained = await car.StopAsync(DrainWithin);
        TimeSpan drain = time.GetElapsedTime(ended);
        var wire = (relay.Up, relay.Down);
        _ = await centre.StopAsync(TimeSpan.FromSeconds(15));
        if (!drained)
            await progress.WriteLineAsync($"  the car did not deliver all within {DrainWithin.TotalMinutes:0} minutes");
        return book.Figures(profile, seed, CentreData, Unit, wire, drain);
    }

    private async Task LiveOfflineAsync(PacketRelay relay, ChildProcess car, CancellationToken stop)
    {
        await OrEndAsync(book.Enrolled, car, UpWithin, stop);
        await relay.SetDeviceAsync(false, stop);
        book.Happened(LinkFault.Unplugged, (time.GetUtcNow() - TimeSpan.FromHours(profile.OfflineHours) - UpWithin).ToUnixTimeMilliseconds());
        await OrEndAsync(book.Simulated, car, SimulatedWithin, stop);
        await progress.WriteLineAsync($"  {profile.OfflineHours} hours are over; the network comes back");
        await relay.SetDeviceAsync(true, stop);
        book.Happened(LinkFault.Back, time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private async Task OrEndAsync(Task came, ChildProcess part, TimeSpan limit, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        while (!came.IsCompleted)
        {
            if (part.HasExited || time.GetElapsedTime(started) > limit)
                throw new ScenarioException($"{part.Name} {(part.HasExited ? "ended by itself" : "did not come up")}. The end of its log:\n{part.TailOfLog(10)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        }
    }

    private ChildProcess Start(string part, NetworkNamespace space, Action<string> onLine, string[] arguments)
    {
        string[] prefix = [.. space.CommandPrefix];
        return ChildProcess.Start(part, Path.Combine(state, "logs"), prefix[0], [.. prefix[1..], program, part, .. arguments], onLine: onLine);
    }

    private async Task PlayAsync(PacketRelay relay, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        foreach (LinkMoment moment in profile.Moments)
        {
            await UntilAsync(moment.AtSeconds);
            switch (moment.Fault)
            {
                case LinkFault.Dark:
                    relay.Conditions = profile.Conditions.Dark;
                    break;
                case LinkFault.Unplugged:
                    await relay.SetDeviceAsync(false, stop);
                    break;
                case LinkFault.Back:
                    relay.Conditions = profile.Conditions;
                    await relay.SetDeviceAsync(true, stop);
                    break;
                case LinkFault.Forgotten:
                    _ = relay.Forget();
                    break;
            }
            book.Happened(moment.Fault, time.GetUtcNow().ToUnixTimeMilliseconds());
            await progress.WriteLineAsync($"  {moment.AtSeconds,5:0.0} s: {moment.Fault.ToString().ToLowerInvariant()}");
        }
        await UntilAsync(profile.Seconds);
        // What is left is brought in over a network that works.
        relay.Conditions = LinkConditions.FiveG;

        async Task UntilAsync(double seconds)
        {
            TimeSpan left = TimeSpan.FromSeconds(seconds) - time.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, time, stop);
        }
    }
}
