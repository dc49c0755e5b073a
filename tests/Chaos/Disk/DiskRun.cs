using System.Globalization;
using Dapper;
using EdgeAgent.Chaos.Link;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Rig.Run;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;
using ClientEnrolment = EdgeAgent.DispatchClient.Identity.Enrolment;

namespace EdgeAgent.Chaos.Disk;

/// <summary>Plays a shift on a small real disk: fills it, kills the writer, frees it, and lets a real centre count what comes.</summary>
internal sealed class DiskRun(DiskPlan plan, string program, TextWriter progress, TimeProvider time)
{
    private const string Unit = "PB-1";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan SecondWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DeliverWithin = TimeSpan.FromMinutes(3);
    private readonly DiskBook book = new();
    private bool filled;
    private int freedAt;

    public async Task<DiskFigures> RunAsync(CancellationToken stop)
    {
        if (SmallDisk.WhyNot() is { Length: > 0 } why)
            throw new ScenarioException(why);
        string state = Directory.CreateTempSubdirectory("chaos-disk-").FullName;
        try
        {
            using SmallDisk disk = SmallDisk.Mount(DiskPlan.DiskBytes);
            await progress.WriteLineAsync($"  {plan.Seconds / 60} minutes on {DiskPlan.DiskBytes >> 20} MiB of {disk.Kind}, seed {plan.Seed}");
            await PlayAsync(disk, state, stop);
            return await DeliverAsync(disk, state, stop);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static string OutboxOn(SmallDisk disk) => Path.Combine(disk.Root, "outbox");

    private async Task PlayAsync(SmallDisk disk, string state, CancellationToken stop)
    {
        // It ends where the real clock is, so that car and centre agree on the time.
        long start = time.GetUtcNow().AddSeconds(-plan.Seconds).ToUnixTimeMilliseconds();
        int[] ends = [.. plan.KillAt, plan.Seconds];
        foreach (int end in ends)
        {
            await using ChildProcess car = ChildProcess.Start(
                DiskCar.Name, Path.Combine(state, "logs"), program,
                [
                    DiskCar.Name, "--folder", OutboxOn(disk), "--start", Word(start), "--from", Word(book.Second), "--until", Word(plan.Seconds),
                    "--seed", Word(plan.Seed), "--reserve", Word(plan.ReserveBytes),
                ],
                onLine: book.Said);
            await UntilAsync(end, car, disk, stop);
            if (end < plan.Seconds)
            {
                await car.KillAsync();
                await progress.WriteLineAsync($"  minute {book.Second / 60.0:0.0}: killed");
            }
        }
    }

    private async Task UntilAsync(int end, ChildProcess car, SmallDisk disk, CancellationToken stop)
    {
        int before = -1;
        long since = time.GetTimestamp();
        while (end < plan.Seconds ? book.Second < end : !(book.Ended && car.HasExited))
        {
            int now = book.Second;
            // On a full disk the other program takes what comes free at once, however busy the machine is.
            if (now != before || filled && freedAt == 0)
                await DisturbAsync(disk, now);
            if (now != before)
                (before, since) = (now, time.GetTimestamp());
            else if (car.HasExited && !book.Ended || time.GetElapsedTime(since) > SecondWithin)
            {
                throw new ScenarioException($"The car's process ended or hung at second {now}. The end of its log:\n{car.TailOfLog(12)}");
            }
            await Task.Delay(Look, time, stop);
        }
    }

    private async Task DisturbAsync(SmallDisk disk, int now)
    {
        if (now >= plan.FillAt && freedAt == 0 && now < plan.FreeAt)
        {
            if (!filled)
                await progress.WriteLineAsync($"  minute {now / 60.0:0.0}: another program has filled the disk");
            filled = true;
            disk.Fill();
        }
        else if (now >= plan.FreeAt && freedAt == 0)
        {
            book.AwaitRoom();
            freedAt = now;
            disk.Free();
            await progress.WriteLineAsync($"  minute {now / 60.0:0.0}: the space is back");
        }
    }

    private async Task<DiskFigures> DeliverAsync(SmallDisk disk, string state, CancellationToken stop)
    {
        string data = Path.Combine(state, "centre"), identityFolder = Path.Combine(state, "identity");
        string code = NewCentre.Make(data, Unit, time);
        await using CentreServer centre = await CentreServer.StartAsync(
            new CentreOptions { DataDirectory = data, Grpc = new(System.Net.IPAddress.Loopback, 0), Http = new(System.Net.IPAddress.Loopback, 0), WebRoot = state },
            time, stop);
        _ = await ClientEnrolment.EnrolAsync(centre.Grpc, code, identityFolder, stop);
        using var identity = UnitIdentity.Load(identityFolder);
        await using OutboxStore outbox = OutboxStore.Open(new OutboxOptions { Directory = OutboxOn(disk), ReserveBytes = plan.ReserveBytes }, DiskCar.Seal, time);
        List<(long Lane, long From, long To)> stones = outbox.Read(c =>
            c.Query<(long, long, long)>("SELECT lane, covers_from, covers_to FROM events WHERE covers_from IS NOT NULL").ToList());
        long parked = OutboxReport.Read(OutboxOn(disk)).AttachmentsRefused;
        await progress.WriteLineAsync($"  {outbox.Counts.Pending} events wait for the centre");
        await using var link = new CentreLink(
            new LinkOptions { Centre = centre.Grpc }, identity, outbox, (_, _) => new(new CommandAck { Outcome = CommandOutcome.Stored }),
            () => new Hello { SoftwareVersion = "chaos" }, time, NullLoggerFactory.Instance);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task running = link.RunAsync(ending.Token);
        long started = time.GetTimestamp();
        while (outbox.Counts is { Pending: > 0 } or { AttachmentsPending: > 0 } && time.GetElapsedTime(started) < DeliverWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        await ending.CancelAsync();
        await running;
        return Figures(disk, data, outbox, stones, parked);
    }

    private DiskFigures Figures(SmallDisk disk, string data, OutboxStore outbox, List<(long Lane, long From, long To)> stones, long parked)
    {
        var folder = new DataFolder(data);
        using Sealing sealing = CentreKeys.LoadSealing(folder);
        UnitLedger books = new EventLedger(CentreDatabase.Open(folder.Database), sealing).Units(Unit, withIds: true, withDecisions: false).Single();
        HashSet<Guid> there = [.. books.Ids!.Select(Guid.Parse)];
        var taken = book.Taken;
        var gone = taken.Where(t => !there.Contains(t.Id)).ToList();
        return new DiskFigures
        {
            Seed = plan.Seed,
            Minutes = plan.Seconds / 60,
            FileSystem = disk.Kind,
            DiskMib = DiskPlan.DiskBytes >> 20,
            ReserveMib = plan.ReserveBytes >> 20,
            FilledAtMinute = Math.Round(plan.FillAt / 60.0, 1),
            FreedAtMinute = Math.Round(freedAt / 60.0, 1),
            Kills = plan.KillAt.Count,
            Decisions = taken.Count(t => t.Kind == "decision"),
            DecisionsLost = gone.Count(t => IsProtected(t.Kind)),
            DecisionsRefusedByFullDisk = book.Refused.Where(kind => IsProtected(kind.Key)).Sum(kind => kind.Value),
            Taken = ByKind(taken),
            NotTaken = book.Refused,
            Dropped = ByKind(gone),
            Tombstoned = stones.Sum(stone => stone.To - stone.From + 1),
            CountedDropped = outbox.Counts.Dropped,
            TombstonesWrong = gone.Count(t => !IsTombstoned(stones, t.Lane, t.Number)) + taken.Count(t => there.Contains(t.Id) && IsTombstoned(stones, t.Lane, t.Number)),
            PicturesDelivered = Directory.EnumerateFiles(Path.Combine(data, "evidence"), "*", SearchOption.AllDirectories).Count(),
            PicturesParked = parked,
            Message = book.Message.Replace(disk.Root, "DISK", StringComparison.Ordinal),
            SecondsUntilRecovered = book.RoomAt - freedAt,
            AtCentre = books.Events,
            DoublesAtCentre = books.Events - books.DistinctIds,
            MissingAtCentre = books.MissingNumbers,
            Left = outbox.Counts.Pending + outbox.Counts.AttachmentsPending,
        };
    }

    private static bool IsProtected(string kind) => kind is "decision" or "call_step" or "audit_head";

    private static bool IsTombstoned(List<(long Lane, long From, long To)> stones, string lane, long number) =>
        stones.Exists(stone => (Lane)stone.Lane == Enum.Parse<Lane>(lane) && stone.From <= number && number <= stone.To);

    private static SortedDictionary<string, int> ByKind(IEnumerable<(string Kind, string Lane, long Number, Guid Id)> events) =>
        new(events.GroupBy(t => t.Kind).ToDictionary(kind => kind.Key, kind => kind.Count()), StringComparer.Ordinal);

    private static string Word(long number) => number.ToString(CultureInfo.InvariantCulture);
}
