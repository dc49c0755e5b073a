using System.CommandLine;
using System.Globalization;
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
internal sealed class CarPart(OutboxStore outbox, CentreLink link, Random random, TimeProvider time)
{
    public const string Name = "link-car";
    private static readonly TimeSpan DrainWithin = TimeSpan.FromMinutes(5);
    private readonly Lock writing = new();

    public static CliCommand Create()
    {
        var data = new Option<string>("--data") { Required = true };
        var centre = new Option<string>("--centre") { Required = true };
        var code = new Option<string>("--code") { Required = true };
        var seed = new Option<int>("--seed") { Required = true };
        var backlog = new Option<int>("--backlog") { Description = "History that waits already." };
        var command = new CliCommand(Name, "The car's end of a link under test.") { data, centre, code, seed, backlog };
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
            await using OutboxStore outbox = OutboxStore.Open(new OutboxOptions { Directory = Path.Combine(folder, "outbox") }, PayloadSeal.AesGcm(new byte[32]), TimeProvider.System);
            await using var link = new CentreLink(
                new LinkOptions { Centre = address }, identity, outbox, (_, _) => new(new CommandAck { Outcome = CommandOutcome.Stored }),
                () => new Hello { SoftwareVersion = "chaos" }, TimeProvider.System, loggers);
            var part = new CarPart(outbox, link, new Random(parsed.GetValue(seed)), TimeProvider.System);
            await part.RunAsync(parsed.GetValue(backlog));
        });
        return command;
    }

    private async Task RunAsync(int backlog)
    {
        using var load = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        using PosixSignalRegistration asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            load.Cancel();
        });
        foreach (int[] some in Enumerable.Range(0, backlog).Chunk(100))
            Say(outbox.AppendMany([.. some.Select(_ => Trail(10))]));
        Task running = link.RunAsync(end.Token);
        Task watching = WatchAsync(end.Token);
        await LoadAsync(load.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Say("load ended");
        long started = time.GetTimestamp();
        while (outbox.Counts is { Pending: > 0 } or { AttachmentsPending: > 0 } && time.GetElapsedTime(started) < DrainWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        OutboxCounts left = outbox.Counts;
        Say(string.Create(CultureInfo.InvariantCulture, $"left {left.Pending} {left.AttachmentsPending} {left.Refused}"));
        await end.CancelAsync();
        await Task.WhenAll(running, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A busy car: a decision every two and a half seconds, a picture every fifteen, where it is every second.</summary>
    private async Task LoadAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), time);
        for (int half = 0; await timer.WaitForNextTickAsync(stop); half++)
        {
            if (half % 2 == 0)
                link.Publish(Place(), "free");
            if (half % 5 == 0)
                Say([outbox.Append(Note(Lane.Decisions, Priority.Urgent, random.Next(3_000, 9_500)))]);
            if (half % 20 == 1)
                Say(outbox.AppendMany([Trail(10), Note(Lane.Status, Priority.Normal, 120)]));
            if (half % 30 == 3)
                Say([outbox.Append(Note(Lane.Evidence, Priority.Evidence, 200, random.Next(60_000, 180_000)))]);
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        LinkPhase? before = null;
        while (!stop.IsCancellationRequested)
        {
            LinkState state = link.State;
            if (state.Phase != before)
                Say($"phase {state.Phase} {Now()} {state.Detail}");
            before = state.Phase;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        }
    }

    private Position Place() => new()
    {
        AtUnixMs = Now(),
        Fix = GnssFix._3D,
        LatitudeDegrees = 31.2304 + (random.NextDouble() / 100),
        LongitudeDegrees = 121.4737 + (random.NextDouble() / 100),
        SpeedMps = 9,
        HeadingDegrees = 80,
        AccuracyMetres = 3,
        OfficerId = "010001",
    };

    private EventDraft Trail(int points)
    {
        var track = new TrackSegment { Base = Place() };
        for (int point = 0; point < points; point++)
        {
            track.TimeDelta.Add(1000);
            track.LatitudeDelta.Add(random.Next(-200, 200));
            track.LongitudeDelta.Add(random.Next(-200, 200));
            track.SpeedDelta.Add(random.Next(-20, 20));
            track.HeadingDelta.Add(random.Next(-50, 50));
        }
        return new EventDraft(Lane.Positions, Priority.History, "010001", Now(), TimeTrust.Centre, e => e.Track = track);
    }

    private EventDraft Note(Lane lane, Priority priority, int characters, int picture = 0)
    {
        string text = string.Create(characters, random, (span, from) =>
        {
            foreach (ref char letter in span)
                letter = (char)from.Next('!', '~');
        });
        AttachmentDraft[] attachments = [];
        if (picture > 0)
        {
            var content = new byte[picture];
            random.NextBytes(content);
            attachments = [AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", content)];
        }
        var call = Google.Protobuf.ByteString.CopyFrom(Uuid7.New(time));
        return new EventDraft(lane, priority, "010001", Now(), TimeTrust.Centre, e => e.CallStep = new CallStep { CallId = call, Act = CallAct.Note, Text = text }, attachments);
    }

    private void Say(IReadOnlyList<Event> appended)
    {
        long now = Now();
        foreach (Event one in appended)
            Say(string.Create(CultureInfo.InvariantCulture, $"appended {Uuid7.ToGuid(one.Id.Span)} {one.Priority} {now} {one.CalculateSize()} {one.Attachments.Sum(a => (long)a.SizeBytes)}"));
    }

    private void Say(string line)
    {
        lock (writing)
            Console.Out.WriteLine(line);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
