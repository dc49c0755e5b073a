using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.AuditVerifier;
using EdgeAgent.Chaos.Power;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.DispatchClient.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Chaos.Records;

/// <summary>
/// A chain as the car writes it, changed in each way of <see cref="ChainChanges"/>, and the verifier with the last head that left the
/// car. Whoever changes it may hold another unit's key, and even this unit's own.
/// </summary>
/// <param name="seed">What everything random follows from.</param>
/// <param name="folder">Made before.</param>
/// <param name="progress">Takes lines.</param>
/// <param name="withHead">False: as if no head had left the car, so that a shorter or a newly signed chain passes.</param>
internal sealed class AuditRun(int seed, string folder, TextWriter progress, bool withHead = true)
{
    private const string Unit = "PB-0001", Other = "PB-0002";
    private const int Records = 24;
    private const int MostMissedShown = 10;

    public AuditFigures Run(int count, int dayRecords, CancellationToken stop)
    {
        string centre = Path.Combine(folder, "centre");
        _ = NewCentre.Make(centre, Unit, TimeProvider.System);
        foreach (string unit in (string[])[Unit, Other])
            CarBooks.Enrol(Path.Combine(folder, unit), new DataFolder(centre), unit);
        using UnitIdentity own = UnitIdentity.Load(Path.Combine(folder, Unit, "identity")), other = UnitIdentity.Load(Path.Combine(folder, Other, "identity"));
        byte[] chain = Write(own, "chain", Records, new Random(seed)), elsewhere = Write(own, "elsewhere", Records, new Random(seed + 1));
        ChainVerdict whole = Verify(chain, own, null);
        if (!whole.Whole || !Verify(chain, own, whole.Head).Whole)
            throw new ScenarioException($"The chain is not whole before it was changed: {whole.Sentence}");
        var changes = new ChainChanges(chain, elsewhere, own, other);
        var (kinds, codes, missed) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>(), new ConcurrentBag<string>());
        (int done, int disagreed) = (0, 0);
        _ = Parallel.For(0, count, new ParallelOptions { CancellationToken = stop }, turn =>
        {
            (string kind, byte[] changed) = changes.Make(new Random(unchecked((seed * 7919) + turn)), turn);
            ChainVerdict verdict = Verify(changed, own, withHead ? whole.Head : null);
            Finding audited = Audit(changed, own, withHead ? whole.Head : null);
            if ((audited.IsWhole, audited.AtRecord) != (verdict.Whole, verdict.AtSequence))
                _ = Interlocked.Increment(ref disagreed);
            _ = kinds.AddOrUpdate(kind, 1, (_, n) => n + 1);
            _ = codes.AddOrUpdate(audited.IsWhole ? "whole" : audited.Code, 1, (_, n) => n + 1);
            if (audited.IsWhole)
                missed.Add($"{kind} in turn {turn}");
            if (Interlocked.Increment(ref done) % 2000 == 0)
                progress.WriteLine($"  {done} of {count} chains");
        });
        byte[] day = Write(own, "day", dayRecords, new Random(seed + 2));
        progress.WriteLine($"  a day of {dayRecords} records is written");
        double ms = TimedVerify(day, own);
        return new AuditFigures(
            seed, count, count - missed.Count, disagreed, new SortedDictionary<string, int>(kinds), new SortedDictionary<string, int>(codes),
            [.. missed.Order().Take(MostMissedShown)], dayRecords, day.Length, Math.Round(ms, 1));
    }

    private static double TimedVerify(byte[] day, UnitIdentity unit)
    {
        long started = Stopwatch.GetTimestamp();
        Finding finding = Audit(day, unit, null);
        double ms = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return finding.IsWhole ? ms : throw new ScenarioException($"The day's chain is not whole: {finding.Code} at record {finding.AtRecord}");
    }

    private static ChainVerdict Verify(byte[] chain, UnitIdentity unit, ChainHead? witnessed)
    {
        using var stream = new MemoryStream(chain, writable: false);
        return AuditChain.Verify(stream, unit.Certificate, witnessed);
    }

    /// <summary>The program that auditors have, which shares no line with the car.</summary>
    private static Finding Audit(byte[] chain, UnitIdentity unit, ChainHead? witnessed)
    {
        using var stream = new MemoryStream(chain, writable: false);
        return new Chain([unit.Certificate], witnessed is null ? [] : [new Head(witnessed.Sequence, witnessed.Sha256)], _ => { }).Verify(stream);
    }

    private byte[] Write(UnitIdentity unit, string name, int records, Random random)
    {
        string at = Path.Combine(folder, name);
        _ = Directory.CreateDirectory(at);
        TrustedClock clock = TrustedClock.Open(at, BootClock.OfThisMachine(), TimeProvider.System);
        AuditKind[] kinds = [.. Enum.GetValues<AuditKind>().Where(k => k != AuditKind.Unspecified)];
        using (AuditLog log = AuditLog.Open(Path.Combine(at, "audit"), unit, clock, null, NullLogger.Instance))
        {
            for (int i = 0; i < records; i++)
                _ = log.Append(new AuditDraft(kinds[random.Next(kinds.Length)], $"{random.Next(100_000):000000}", $"session-{i / 20}", $"{Guid.NewGuid()} {Guid.NewGuid()}", new string('p', random.Next(1, 80))));
        }
        return File.ReadAllBytes(Path.Combine(at, "audit", "audit.log"));
    }
}
