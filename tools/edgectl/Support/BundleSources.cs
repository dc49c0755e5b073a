using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl.Support;

/// <summary>What a support bundle may hold: these files and no others, each made here out of facts, none copied as it lies.</summary>
internal static class BundleSources
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value, Format);

    public static string Version { get; } = typeof(BundleSources).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>versions.json: of the system, of what is in the slots, of what runs and of its models.</summary>
    public static byte[] Versions(AppSlots? slots, RunningAgent? agent) => Json(new
    {
        edgectl = Version,
        agent = agent?.SoftwareVersion,
        slots = slots is null ? null : AppCommand.View(slots, slots.Read(), null),
        models = agent?.Models.Select(m => new { m.Name, m.Sha256 }),
        system = File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"'),
        kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        architecture = $"{RuntimeInformation.OSArchitecture}".ToLowerInvariant(),
        runtime = RuntimeInformation.FrameworkDescription,
    });

    /// <summary>stages.json: how each part of the running agent is.</summary>
    public static byte[] Stages(RunningAgent agent) => Json(new { agent.AtUnixMs, agent.Health.Well, agent.Health.Ill, agent.Stages });

    /// <summary>lists.json: which lists are held; not by whose order, nor whom they are about.</summary>
    public static byte[] Lists(RunningAgent agent) => Json(agent.Lists.Select(l => new { l.ListId, l.Version, l.Kind, l.Category, l.IssuedAtUnixMs, l.ValidToUnixMs, l.Entries, l.State, l.Code }));

    /// <summary>counts.json: what waits for the centre, and why it refused what it refused; never what events say.</summary>
    public static byte[] Counts(OutboxReport outbox) => Json(new
    {
        outbox.Lanes,
        outbox.AttachmentsPending,
        outbox.AttachmentsRefused,
        outbox.Bytes,
        outbox.Dropped,
        refused = outbox.Refused.GroupBy(r => r.Code ?? "").ToDictionary(g => g.Key, g => g.Count()),
        quarantines = outbox.Quarantines.Count,
    });

    /// <summary>machine.json: disks, memory, load and temperatures. Megabytes, so that no number is as long as a telephone's.</summary>
    public static byte[] Machine(string data) => Json(new
    {
        uptimeSeconds = (long)double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0]),
        load = File.ReadAllText("/proc/loadavg").Split(' ')[..3],
        processors = Environment.ProcessorCount,
        memoryMiB = File.ReadLines("/proc/meminfo").Take(5).Select(l => l.Split(':', 2))
            .ToDictionary(l => l[0], l => long.Parse(l[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]) >> 10),
        disks = ((string[])["/", Path.GetFullPath(data)]).Where(Directory.Exists).Distinct().Select(path => new DriveInfo(path))
            .Select(disk => new { folder = disk.Name, totalMiB = disk.TotalSize >> 20, freeMiB = disk.AvailableFreeSpace >> 20, format = disk.DriveFormat }),
        dataMiB = Directory.Exists(data) ? Directory.EnumerateDirectories(data).ToDictionary(d => Path.GetFileName(d), d => SizeOf(d) >> 20) : [],
        temperaturesMilliCelsius = Directory.Exists("/sys/class/thermal")
            ? Directory.EnumerateDirectories("/sys/class/thermal", "thermal_zone*").Where(z => File.Exists(Path.Combine(z, "temp"))).ToDictionary(z => Path.GetFileName(z), z => Read(Path.Combine(z, "temp")))
            : [],
    });

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Sum(f => f.Length);

    // A zone that is asleep cannot be read.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
