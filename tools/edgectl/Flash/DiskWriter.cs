using System.Security.Cryptography;
using System.Text;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Flash;

/// <summary>
/// Fills the partitions, each at its place on the disk itself: no partition's device is needed, so a file is written the same way.
/// What was written is read back from the disk and held against what should be there.
/// </summary>
internal sealed class DiskWriter(TargetDisk disk, DiskLayout layout, SystemSource system, ConsoleLogin? login, Action<ReleaseProgress> progress)
{
    private const int BlockBytes = 4 << 20, WipedBytes = 1 << 20;
    private const int EnvironmentBytes = 1024; // GRUB's environment block, grub-core/lib/envblk.c
    private const string AgentUser = "640"; // tools/packages/build-system

    public async Task WriteAsync(CancellationToken stop)
    {
        var efi = await LoaderAsync(stop);
        await DataAsync(stop);
        using (var to = disk.Open())
        {
            Copy(efi, to, layout[DiskLayout.Efi], "write loader", stop);
            Copy(system.Image, to, layout[DiskLayout.First], "write system", stop);
            // Of what stood in the other place, nothing may look like a system.
            to.Position = layout[DiskLayout.Second].StartBytes;
            to.Write(new byte[WipedBytes]);
            to.Flush(flushToDisk: true);
        }
        // Opened anew and out of the memory: it is the disk that is asked.
        using var back = disk.Open();
        TargetDisk.LeaveMemory(back);
        Compare(efi, back, layout[DiskLayout.Efi], "check loader", stop);
        Compare(system.Image, back, layout[DiskLayout.First], "check system", stop);
    }

    private async Task<string> LoaderAsync(CancellationToken stop)
    {
        var image = system.At("efi.img");
        using (var file = File.Create(image))
            file.SetLength(layout[DiskLayout.Efi].SizeBytes);
        await Tool.RunAsync("mkfs.vfat", ["-n", "EDGE-EFI", image], stop);
        await Tool.RunAsync("mmd", ["-i", image, "::EFI", "::EFI/BOOT", "::edge"], stop);
        var head = "# GRUB Environment Block\nfirst=a\na=good\nb=bad\n";
        var environment = system.At("grubenv");
        await File.WriteAllTextAsync(environment, head.PadRight(EnvironmentBytes, '#'), Encoding.ASCII, stop);
        foreach (var (file, to) in ((string, string)[])[(system.At("BOOTX64.EFI"), "EFI/BOOT"), (system.At("grub.cfg"), "edge"), (system.At("choose.cfg"), "edge"), (environment, "edge/grubenv"), (environment, "edge/grubenv.bak")])
            await Tool.RunAsync("mcopy", ["-i", image, file, $"::{to}"], stop);
        return image;
    }

    private async Task DataAsync(CancellationToken stop)
    {
        var folder = system.At("data");
        foreach (var (name, mode) in ((string, int)[])[("", 0b111_101_101), ("edge-agent", 0b111_000_000), ("etc", 0b111_101_000), ("system", 0b111_101_101)])
            Directory.CreateDirectory(Path.Combine(folder, name), (UnixFileMode)mode);
        File.Copy(system.At("release-roots.pem"), Path.Combine(folder, "etc", "release-roots.pem"));
        await File.WriteAllTextAsync(Path.Combine(folder, "system", "floor"), $"{system.Build}\n", stop);
        await Tool.RunAsync("chown", [$"{AgentUser}:{AgentUser}", Path.Combine(folder, "edge-agent")], stop);
        await Tool.RunAsync("chown", ["-R", $"root:{AgentUser}", Path.Combine(folder, "etc")], stop);
        if (login is not null)
        {
            // Not beside the agent's settings: it has no business with it.
            var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            await using var to = new StreamWriter(Path.Combine(folder, "system", "login"), file);
            await to.WriteLineAsync(login.Hash);
        }
        var at = layout[DiskLayout.Data];
        await Tool.RunAsync("mkfs.ext4", ["-q", "-F", "-L", DiskLayout.Data, "-d", folder, "-E", $"offset={at.StartBytes}", disk.Path, $"{at.SizeBytes >> 10}k"], stop);
    }

    private void Copy(string from, FileStream to, Partition at, string step, CancellationToken stop)
    {
        using var source = File.OpenRead(from);
        to.Position = at.StartBytes;
        var block = new byte[BlockBytes];
        for (int read; (read = source.Read(block)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            to.Write(block, 0, read);
            progress(new ReleaseProgress(step, source.Position, source.Length));
        }
        to.Flush(flushToDisk: true);
    }

    private void Compare(string with, FileStream disk, Partition at, string step, CancellationToken stop)
    {
        using var source = File.OpenRead(with);
        disk.Position = at.StartBytes;
        using IncrementalHash due = IncrementalHash.CreateHash(HashAlgorithmName.SHA256), found = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockBytes], read = new byte[BlockBytes];
        for (int count; (count = source.Read(block)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            due.AppendData(block, 0, count);
            disk.ReadExactly(read, 0, count);
            found.AppendData(read, 0, count);
            progress(new ReleaseProgress(step, source.Position, source.Length));
        }
        if (!due.GetHashAndReset().AsSpan().SequenceEqual(found.GetHashAndReset()))
            throw new ReleaseException(FlashCodes.Damaged, $"What was written to {at.Name} does not read back as it was: the disk may be failing.");
    }
}
