using System.CommandLine;
using System.Globalization;
using EdgeAgent.Chaos.Link;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Disk;

/// <summary>
/// The process that writes, and that is killed: the real outbox under a car's load, a second of simulated time after the other.
/// Standard output is a protocol of what was taken and what was not, each line after the fact.
/// </summary>
internal sealed class DiskCar(OutboxOptions options, CarLoad load, Random random, SimulatedTime clock) : IAsyncDisposable
{
    public const string Name = "disk-car";
    private const int Cameras = 6;

    // The writer must not be so fast that the world outside never gets a word in.
    private static readonly TimeSpan RealSecond = TimeSpan.FromMilliseconds(2);
    private OutboxStore? outbox;
    private bool saidFull;

    /// <summary>As a car's outbox is sealed in these scenarios.</summary>
    public static PayloadSeal Seal { get; } = PayloadSeal.AesGcm(new byte[32]);

    public static System.CommandLine.Command Create()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var start = new Option<long>("--start") { Required = true, Description = "Unix milliseconds of the shift's begin." };
        var from = new Option<int>("--from") { Required = true };
        var until = new Option<int>("--until") { Required = true };
        var seed = new Option<int>("--seed") { Required = true };
        var reserve = new Option<long>("--reserve") { Required = true };
        var command = new System.CommandLine.Command(Name, "The car's process on a full disk.") { folder, start, from, until, seed, reserve };
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            int first = parsed.GetValue(from);
            var clock = new SimulatedTime(DateTimeOffset.FromUnixTimeMilliseconds(parsed.GetValue(start)).AddSeconds(first));
            var random = new Random(HashCode.Combine(parsed.GetValue(seed), first));
            var options = new OutboxOptions { Directory = parsed.GetRequiredValue(folder), ReserveBytes = parsed.GetValue(reserve) };
            await using var car = new DiskCar(options, new CarLoad(random, clock), random, clock);
            await car.RunAsync(first, parsed.GetValue(until), stop);
        });
        return command;
    }

    public ValueTask DisposeAsync() => outbox?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task RunAsync(int from, int until, CancellationToken stop)
    {
        for (int second = from; second < until; second++)
        {
            foreach ((string kind, EventDraft draft) in Due(second))
                Take(kind, draft);
            if (second % 60 == 30)
                BreakOff();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(RealSecond, TimeProvider.System, stop);
            SayFull(second);
            Say($"at {second + 1}");
        }
        Say("end");
    }

    /// <summary>A busy shift: an alert every twenty seconds, the trail every ten, a call's step every ninety, six cameras' counts a minute.</summary>
    private IEnumerable<(string Kind, EventDraft Draft)> Due(int second)
    {
        if (second % 20 == random.Next(2))
            yield return ("decision", load.Decision() with { Attachments = [Picture(15_000, 45_000)] });
        if (second % 10 == 9)
            yield return ("trail", load.Trail());
        if (second % 90 == 45)
            yield return ("call_step", load.Status() with { Lane = Lane.Calls, Priority = Priority.Urgent });
        if (second % 60 == 59)
        {
            yield return ("audit_head", load.Status() with { Lane = Lane.Audit, Priority = Priority.History });
            yield return ("health", load.Status() with { Priority = Priority.History });
            for (int camera = 0; camera < Cameras; camera++)
                yield return ("counts", load.Status() with { Priority = Priority.History });
        }
        if (second % 240 == 120)
            yield return ("hazard", load.Evidence() with { Attachments = [Picture(60_000, 180_000), Picture(60_000, 180_000), Picture(60_000, 180_000)] });
    }

    private AttachmentDraft Picture(int least, int most)
    {
        byte[] content = new byte[random.Next(least, most)];
        random.NextBytes(content);
        return AttachmentDraft.OfBytes(AttachmentRole.Photo, "image/jpeg", content);
    }

    private void Take(string kind, EventDraft draft)
    {
        try
        {
            // A disk that is too full to open the outbox on: what happens meanwhile is refused like the rest.
            outbox ??= OutboxStore.Open(options, Seal, clock);
            Event taken = outbox.Append(draft);
            Say(string.Create(CultureInfo.InvariantCulture, $"taken {kind} {taken.Lane} {taken.Number} {Uuid7.ToGuid(taken.Id.Span)}"));
        }
        catch (OutboxException full) when (full.IsDiskFull)
        {
            Say($"refused {kind} {full.Message}");
        }
    }

    /// <summary>A centre that takes events and is gone before it answers.</summary>
    private void BreakOff()
    {
        _ = outbox?.Lease(64, int.MaxValue);
        outbox?.ReleaseLeases();
    }

    private void SayFull(int second)
    {
        bool full = outbox is null || outbox.DiskFullSince is not null;
        if (full != saidFull)
            Say(string.Create(CultureInfo.InvariantCulture, $"{(full ? "full" : "room")} {second + 1}"));
        saidFull = full;
    }

    private static void Say(string line) => Console.Out.WriteLine(line);
}
