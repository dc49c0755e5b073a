using System.Text.Json;

namespace EdgeAgent.Hw.Machine;

/// <summary>How worn a disk is, as `smartctl -j -a` (smartmontools) tells it. The serial number is not read.</summary>
/// <param name="Fault">"" when it was told; else no_file, no_json, stale, or smartctl's own sentence.</param>
/// <param name="Model">As the disk names itself.</param>
/// <param name="IsFailing">It says itself that it fails, or that its spare runs out.</param>
/// <param name="WearPercent">Of its life by its own count, 100 and more: used up; null when it does not count.</param>
/// <param name="Celsius">Its temperature; null when it did not say.</param>
/// <param name="PowerOnHours">Since it was made; null when it did not say.</param>
public sealed record DiskReading(string Fault, string Model, bool IsFailing, int? WearPercent, int? Celsius, long? PowerOnHours)
{
    // Of NVMe's critical warning: spare, reliability, read-only, backup. Its bit for heat is the thermometers' matter.
    private const long FailingBits = 0x1D;

    private const int MostBytes = 256 << 10, MostCharacters = 120;

    // Attributes whose normalised value counts down from 100 as a solid-state disk wears, the most common one first.
    private static readonly int[] s_lifeLeft = [231, 202, 233, 177];

    /// <summary>Nothing was told, and why.</summary>
    public static DiskReading Faulty(string fault) => new(fault.Length <= MostCharacters ? fault : fault[..MostCharacters], "", false, null, null, null);

    /// <summary>
    /// Reads a file that root's timer keeps (the agent itself may not open disks).
    /// </summary>
    /// <param name="oldest">What was written longer ago says nothing of now: stale.</param>
    public static DiskReading FromFile(string path, TimeSpan oldest, TimeProvider time)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return Faulty("no_file");
            if (time.GetUtcNow() - file.LastWriteTimeUtc > oldest)
                return Faulty("stale");
            return file.Length > MostBytes ? Faulty("no_json") : Parse(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Faulty(error.Message);
        }
    }

    /// <summary>Of NVMe the health log, of SATA the device statistics or, without them, the attributes.</summary>
    public static DiskReading Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var nvme = Part(root, "nvme_smart_health_information_log");
            bool? passed = Part(root, "smart_status", "passed")?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };
            int? wear = (int?)Number(nvme, "percentage_used") ?? EnduranceUsed(root) ?? (100 - LifeLeft(root));
            if (passed is null && wear is null)
                return Faulty(Complaint(root));
            bool spareRunsOut = Number(nvme, "available_spare") < Number(nvme, "available_spare_threshold");
            return new DiskReading(
                "", Bounded(Part(root, "model_name")), passed == false || spareRunsOut || (Number(nvme, "critical_warning") & FailingBits) > 0,
                wear is { } percent ? Math.Clamp(percent, 0, 255) : null, (int?)Number(Part(root, "temperature"), "current"), Number(Part(root, "power_on_time"), "hours"));
        }
        catch (JsonException)
        {
            return Faulty("no_json");
        }
    }

    private static int? EnduranceUsed(JsonElement root) => Items(Part(root, "ata_device_statistics", "pages"))
        .SelectMany(page => Items(Part(page, "table")))
        .Where(entry => Part(entry, "name") is { ValueKind: JsonValueKind.String } name && name.ValueEquals("Percentage Used Endurance Indicator"))
        .Select(entry => (int?)Number(entry, "value")).FirstOrDefault();

    private static int? LifeLeft(JsonElement root)
    {
        var table = Items(Part(root, "ata_smart_attributes", "table"));
        return s_lifeLeft.Select(id => table.Where(entry => Number(entry, "id") == id).Select(entry => (int?)Number(entry, "value")).FirstOrDefault())
            .FirstOrDefault(left => left is > 0 and <= 100);
    }

    private static string Complaint(JsonElement root) =>
        Items(Part(root, "smartctl", "messages")).Select(message => Bounded(Part(message, "string"))).FirstOrDefault(said => said.Length > 0) ?? "The disk tells nothing of itself.";

    private static JsonElement? Part(JsonElement? of, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
            of = of is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var part) ? part : null;
        return of;
    }

    private static JsonElement[] Items(JsonElement? of) => of is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static long? Number(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) ? value : null;

    private static string Bounded(JsonElement? text) => text is { ValueKind: JsonValueKind.String } said && said.GetString() is { } words ? words[..Math.Min(words.Length, MostCharacters)] : "";
}
