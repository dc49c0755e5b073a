using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.AuditVerifier;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Edgectl.Gnss;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>Where the car is, by its receiver.</summary>
internal sealed class GnssCheck : ICheck
{
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(15);

    public CheckTitle Title { get; } = new("gnss", "卫星定位", "Position");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        var options = new Hw.Gnss.GnssOptions { Host = unit.Options.Gnss.Host, Port = unit.Options.Gnss.Port };
        var report = await GnssCommand.ListenAsync(options, Watch, unit.Time, stop);
        outcome.Measured("卫星", "Satellites", $"{report.Fix} {report.Satellites}");
        string? code = report.Verdict switch
        {
            "ok" => null,
            "no_gpsd" => "gnss_no_gpsd",
            "silent" or "stale" => "gnss_silent",
            "few_satellites" => "gnss_few_satellites",
            "inexact" => "gnss_inexact",
            "clock" => "clock_wrong",
            _ => "gnss_no_fix",
        };
        if (code is not null)
            outcome.Found(code, report.Verdict == "clock" ? "gnss" : "", report.Sentence);
    }
}

/// <summary>Room on the disk, and how long it takes to be sure of a write.</summary>
internal sealed class DiskCheck : ICheck
{
    private const long FullBytes = 256L << 20, LowBytes = 2L << 30;
    private const int Writes = 100, WriteBytes = 4096, LongBytes = 32 << 20;
    private const int Looks = 3;
    private const double SlowWriteMs = 100, SlowMegabytes = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public CheckTitle Title { get; } = new("disk", "磁盘", "Disk");

    public IReadOnlyList<string> Needs => [SettingsCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop) => Task.Run(async () =>
    {
        string folder = unit.Options.DataDirectory;
        long free = new DriveInfo(folder).AvailableFreeSpace;
        outcome.Measured("可用空间", "Free", $"{free / 1e9:0.0} GB");
        if (free < FullBytes)
            outcome.Found("disk_full", folder, $"{free >> 20} MiB");
        else if (free < LowBytes)
            outcome.Found("disk_low", folder, $"{free >> 20} MiB");
        if (Said("product_name") is { Length: > 0 } model)
            outcome.Holds(new InstalledPart { Kind = "board", Model = model, Serial = Said("product_serial"), Firmware = Said("bios_version") });
        if (free < FullBytes)
            return;
        string probe = Path.Combine(folder, $".edgectl-{Environment.ProcessId}.probe");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            var (slowest, speed) = (SureWrites(unit.Time, file, stop), LongWrite(unit.Time, file));
            for (int look = 1; IsSlow(slowest, speed) && look < Looks; look++)
            {
                // Something else may have kept it busy: a slow disk is slow each time.
                await Task.Delay(Pause, unit.Time, stop);
                file.SetLength(0);
                (slowest, speed) = (Math.Min(slowest, SureWrites(unit.Time, file, stop)), Math.Max(speed, LongWrite(unit.Time, file)));
            }
            outcome.Measured("确认写入", "Sure write, 99th of 100", $"{slowest:0} ms");
            outcome.Measured("连续写入", "Long write", $"{speed:0} MB/s");
            if (IsSlow(slowest, speed))
                outcome.Found("disk_slow", folder, $"{slowest:0} ms, {speed:0} MB/s");
        }
        catch (IOException e)
        {
            outcome.Found("disk_fails", folder, e.Message);
        }
    }, stop);

    /// <summary>What the firmware calls the box; "" where it says nothing, or only to root.</summary>
    private static string Said(string name)
    {
        try
        {
            return File.ReadAllText($"/sys/class/dmi/id/{name}").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool IsSlow(double slowestMs, double megabytes) => slowestMs > SlowWriteMs || megabytes < SlowMegabytes;

    private static double SureWrites(TimeProvider time, FileStream file, CancellationToken stop)
    {
        byte[] block = RandomNumberGenerator.GetBytes(WriteBytes);
        var took = new List<double>();
        for (int i = 0; i < Writes; i++)
        {
            stop.ThrowIfCancellationRequested();
            long began = time.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            took.Add(time.GetElapsedTime(began).TotalMilliseconds);
        }
        took.Sort();
        return took[^2];
    }

    private static double LongWrite(TimeProvider time, FileStream file)
    {
        byte[] block = RandomNumberGenerator.GetBytes(1 << 20);
        long began = time.GetTimestamp();
        for (int written = 0; written < LongBytes; written += block.Length)
            file.Write(block);
        file.Flush(flushToDisk: true);
        return LongBytes / 1e6 / time.GetElapsedTime(began).TotalSeconds;
    }
}

/// <summary>What the car has written down: the outbox by SQLite's own check, the audit chain by the verifier that shares no code with it.</summary>
internal sealed class BooksCheck : ICheck
{
    public CheckTitle Title { get; } = new("books", "数据库与审计链", "Outbox and audit chain");

    public IReadOnlyList<string> Needs => [IdentityCheck.Name];

    public Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop) => Task.Run(() =>
    {
        // A box whose agent never ran has written nothing down.
        if (OutboxReport.IsThere(unit.Options.DataDirectory))
            Outbox(unit.Options.DataDirectory, outcome);
        string chain = Path.Combine(unit.Options.DataDirectory, "audit", "audit.log");
        if (!File.Exists(chain))
            return;
        long records = 0;
        using var file = new FileStream(chain, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        var finding = new Chain([.. Certificates(unit)], [], _ => records++).Verify(file);
        outcome.Measured("审计记录", "Audit records", $"{records}");
        // The agent may be writing its next record this moment.
        if (!finding.IsWhole && finding.Code != "torn_tail")
            outcome.Found("audit_broken", detail: $"{finding.Code} at record {finding.AtRecord}");
    }, stop);

    private static void Outbox(string data, CheckOutcome outcome)
    {
        try
        {
            var report = OutboxReport.Read(data);
            outcome.Measured("待发事件", "Events that wait", $"{report.Lanes.Sum(lane => lane.Pending)}");
            if (OutboxReport.Damage(data) is { Length: > 0 } damage)
                outcome.Found("outbox_damaged", detail: damage);
            foreach (string quarantine in report.Quarantines)
                outcome.Found("outbox_damaged", quarantine, "a damaged outbox of before was set aside");
        }
        catch (SqliteException e)
        {
            outcome.Found("outbox_damaged", detail: e.Message);
        }
    }

    /// <summary>Also those that the unit had before: what they signed stays signed.</summary>
    private static IEnumerable<X509Certificate2> Certificates(UnitAtHand unit) =>
        Directory.EnumerateFiles(unit.Options.IdentityDirectory, "*.crt").Where(f => Path.GetFileName(f).StartsWith("unit", StringComparison.Ordinal))
            .Select(f => X509Certificate2.CreateFromPem(File.ReadAllText(f)));
}

/// <summary>Ends the agent as a power cut would, and waits for it to come back with everything that it had.</summary>
internal sealed class RecoveryCheck : ICheck
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public CheckTitle Title { get; } = new("recovery", "断电恢复", "Comes back after a crash");

    public IReadOnlyList<string> Needs => [AgentCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        int pid = unit.Agent!.Pid;
        long before = Appended(unit);
        using (var agent = Process.GetProcessById(pid))
            agent.Kill();
        long began = unit.Time.GetTimestamp();
        while (await PidAsync(unit, stop) is var now && (now is null || now == pid))
        {
            if (unit.Time.GetElapsedTime(began) > Longest)
            {
                outcome.Found("no_recovery", detail: $"not within {Longest.TotalSeconds:0} s");
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(250), unit.Time, stop);
        }
        outcome.Measured("恢复用时", "Back after", $"{unit.Time.GetElapsedTime(began).TotalSeconds:0.0} s");
        long after = Appended(unit);
        if (after < before)
            outcome.Found("recovery_lost", detail: $"{before - after} events");
    }

    /// <summary>Null: none answers, or what answers is just ending.</summary>
    private static async Task<int?> PidAsync(UnitAtHand unit, CancellationToken stop)
    {
        try
        {
            return (await unit.AskAsync(stop))?.Pid;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Appended(UnitAtHand unit) => OutboxReport.Read(unit.Options.DataDirectory).Lanes.Sum(lane => lane.Appended);
}
