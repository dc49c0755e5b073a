using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;
using CliCommand = System.CommandLine.Command;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Chaos.Link;

/// <summary>
/// The car's end in a process and a network of its own: the real outbox and the real link under a car's load. Standard output is
/// a protocol of what it appended and how the link stood; SIGTERM ends the load, and the process once everything is delivered.
/// </summary>
internal sealed class CarPart(OutboxStore outbox, CentreLink link, CarLoad load, TimeProvider time)
{
    public const string Name = "link-car";
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainWithin = TimeSpan.FromMinutes(5);
    private readonly Lock writing = new();

    public static CliCommand Create()
    {
        var data = new Option<string>("--data") { Required = true };
        var centre = new Option<string>("--centre") { Required = true };
        var code = new Option<string>("--code") { Required = true };
        var seed = new Option<int>("--seed") { Required = true };
        var backlog = new Option<int>("--backlog") { Description = "History that waits already." };
        var offline = new Option<int>("--offline-hours") { Description = "Wait until the network is gone and live so long without it, in simulated time." };
        var command = new CliCommand(Name, "The car's end of a link under test.") { data, centre, code, seed, backlog, offline };
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            string folder = parsed.GetRequiredValue(data);
            var address = new Uri(parsed.GetRequiredValue(centre));
            Directory.CreateDirectory(folder);
            string identityFolder = Path.Combine(folder, "identity");
            _ = await ClientEnrolment.EnrolAsync(address, parsed.GetRequiredValue(code), identityFolder, stop);
            using var identity = UnitIdentity.Load(identityFolder);
            using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
            TimeSpan away = TimeSpan.FromHours(parsed.GetValue(offline));
            if (away > TimeSpan.Zero)
                await GoneAsync(address, stop);
            // It ends where the real clock is, so that both ends agree on the time when they meet again.
            SimulatedTime? simulated = away > TimeSpan.Zero ? new SimulatedTime(TimeProvider.System.GetUtcNow() - away) : null;
            TimeProvider time = (TimeProvider?)simulated ?? TimeProvider.System;
            await using OutboxStore outbox = OutboxStore.Open(new OutboxOptions { Directory = Path.Combine(folder, "outbox") }, PayloadSeal.AesGcm(new byte[32]), time);
            await using var link = new CentreLink(
                new LinkOptions { Centre = address }, identity, outbox, (_, _) => new(new CommandAck { Outcome = CommandOutcome.Stored }),
                () => new Hello { SoftwareVersion = "chaos" }, time, loggers);
            var part = new CarPart(outbox, link, new CarLoad(new Random(parsed.GetValue(seed)), time), time);
            await part.RunAsync(parsed.GetValue(backlog), simulated, away);
        });
        return command;
    }

    private static async Task GoneAsync(Uri centre, CancellationToken stop)
    {
        Console.Out.WriteLine("enrolled");
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
            late.CancelAfter(AnswerWithin);
            try
            {
                await socket.ConnectAsync(centre.Host, centre.Port, late.Token);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, stop);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RunAsync(int backlog, SimulatedTime? simulated, TimeSpan away)
    {
        using var shift = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        Task following = Task.CompletedTask;
        using PosixSignalRegistration asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            shift.Cancel();
        });
        foreach (int[] some in Enumerable.Range(0, backlog).Chunk(100))
            Say(outbox.AppendMany([.. some.Select(_ => load.Trail())]));
        Task running = link.RunAsync(end.Token);
        Task watching = WatchAsync(end.Token);
        if (simulated is not null)
        {
            await LiveOfflineAsync(simulated, away);
            following = simulated.FollowAsync(TimeProvider.System, over.Token);
            Say("simulated");
        }
        await LoadAsync(shift.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Say("load ended");
        long started = time.GetTimestamp();
        while (outbox.Counts is { Pending: > 0 } or { AttachmentsPending: > 0 } && time.GetElapsedTime(started) < DrainWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        OutboxCounts left = outbox.Counts;
        Say(string.Create(CultureInfo.InvariantCulture, $"left {left.Pending} {left.AttachmentsPending} {left.Refused}"));
        await end.CancelAsync();
        await Task.WhenAll(running, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The link says goodbye by this clock, so it goes on until then.
        await over.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A busy car: a decision every two and a half seconds, a picture every fifteen, where it is every second.</summary>
    private async Task LoadAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), time);
        for (int half = 0; await timer.WaitForNextTickAsync(stop); half++)
        {
            if (half % 2 == 0)
                link.Publish(load.Place(), "free");
            if (half % 5 == 0)
                Say([outbox.Append(load.Decision())]);
            if (half % 20 == 1)
                Say(outbox.AppendMany([load.Trail(), load.Status()]));
            if (half % 30 == 3)
                Say([outbox.Append(load.Evidence())]);
        }
    }

    /// <summary>Minute by minute: the trail every ten seconds, health, counts of six cameras; an alert an hour, with two pictures.</summary>
    private async Task LiveOfflineAsync(SimulatedTime clock, TimeSpan away)
    {
        DateTimeOffset until = clock.GetUtcNow() + away;
        for (int minute = 0; clock.GetUtcNow() < until; minute++)
        {
            var drafts = new List<EventDraft>(Enumerable.Range(0, 7).Select(_ => load.Status()));
            for (int ten = 0; ten < 6; ten++)
            {
                link.Publish(load.Place(), "free");
                clock.Advance(TimeSpan.FromSeconds(10));
                drafts.Add(load.Trail());
            }
            if (minute % 60 == 59)
                drafts.AddRange([load.Decision(), load.Evidence(), load.Evidence()]);
            Say(outbox.AppendMany(drafts));
            // The link tries, and its tries take real time.
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
        // As much as the simulation itself took.
        if (TimeProvider.System.GetUtcNow() - clock.GetUtcNow() is { Ticks: > 0 } behind)
            clock.Advance(behind);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        LinkPhase? before = null;
        while (!stop.IsCancellationRequested)
        {
            LinkState state = link.State;
            if (state.Phase != before)
                Say($"phase {state.Phase} {load.NowUnixMs} {state.Detail}");
            before = state.Phase;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        }
    }

    private void Say(IReadOnlyList<Event> appended)
    {
        long now = load.NowUnixMs;
        foreach (Event one in appended)
            Say(string.Create(CultureInfo.InvariantCulture, $"appended {Uuid7.ToGuid(one.Id.Span)} {one.Priority} {now} {one.CalculateSize()} {one.Attachments.Sum(a => (long)a.SizeBytes)}"));
    }

    private void Say(string line)
    {
        lock (writing)
            Console.Out.WriteLine(line);
    }
}
