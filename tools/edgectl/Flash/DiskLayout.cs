using System.Text.Json;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Flash;

/// <param name="Name">As the partition table has it; the system mounts by it.</param>
internal sealed record Partition(string Name, long StartBytes, long SizeBytes);

/// <summary>Loader, two places for the system, and the data that no system touches (tools/packages/system/root/fstab and system.conf).</summary>
internal sealed class DiskLayout
{
    public const string Efi = "edge-efi", First = "edge-a", Second = "edge-b", Data = "edge-data";

    private const long MiB = 1 << 20;
    private const long EfiMiB = 64, LeastDataMiB = 256, EndsMiB = 2;

    // UEFI's and the Discoverable Partitions Specification's type of each (x86-64).
    private const string EfiType = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", RootType = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", DataType = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

    private DiskLayout(IReadOnlyList<Partition> partitions) => Partitions = partitions;

    public IReadOnlyList<Partition> Partitions { get; }

    public Partition this[string name] => Partitions.Single(partition => partition.Name == name);

    /// <exception cref="ReleaseException">too_small.</exception>
    public static void RefuseSmall(TargetDisk disk, long systemMiB, long imageBytes)
    {
        var needed = EfiMiB + 2 * systemMiB + LeastDataMiB + EndsMiB;
        if (disk.Bytes < needed * MiB)
            throw new ReleaseException(FlashCodes.TooSmall, $"{disk.Path} has {disk.Bytes / MiB} MiB; {needed} are needed (two systems of {systemMiB} MiB, {EfiMiB} for the loader, {LeastDataMiB} for data).");
        if (imageBytes > systemMiB * MiB)
            throw new ReleaseException(FlashCodes.TooSmall, $"The system has {imageBytes / MiB} MiB and its place {systemMiB}: give --system-mib.");
    }

    /// <summary>Writes the partition table, in place of whatever was there.</summary>
    public static async Task<DiskLayout> WriteAsync(TargetDisk disk, long systemMiB, CancellationToken stop)
    {
        var script = $"""
            label: gpt
            size={EfiMiB}MiB, type={EfiType}, name={Efi}
            size={systemMiB}MiB, type={RootType}, name={First}
            size={systemMiB}MiB, type={RootType}, name={Second}
            type={DataType}, name={Data}

            """;
        await Tool.RunAsync("sfdisk", ["--quiet", "--wipe", "always", "--wipe-partitions", "always", "--no-tell-kernel", disk.Path], stop, script);
        using var table = JsonDocument.Parse(await Tool.RunAsync("sfdisk", ["--json", disk.Path], stop));
        var sector = table.RootElement.GetProperty("partitiontable").GetProperty("sectorsize").GetInt64();
        return new DiskLayout([.. table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray().Select(part => new Partition(
            part.GetProperty("name").GetString()!, part.GetProperty("start").GetInt64() * sector, part.GetProperty("size").GetInt64() * sector))]);
    }
}
