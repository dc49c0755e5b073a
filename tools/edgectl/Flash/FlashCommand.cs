using System.CommandLine;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Edgectl.Flash;

internal static class FlashCommand
{
    private const int SystemMiB = 4096, LeastSystemMiB = 16, MostSystemMiB = 1 << 20;

    public static Command Create()
    {
        var bundle = new Option<string?>("--bundle") { Description = "A system bundle (RAUC), held against the release roots." };
        var image = new Option<string?>("--image") { Description = "A system image (ext4), taken as it is: one that was made here." };
        var disk = new Option<string>("--disk") { Description = "The box's whole disk, such as /dev/sdb; or a file.", Required = true };
        var yes = new Option<string?>("--yes") { Description = "The disk's name once more: nobody is asked." };
        var size = new Option<int>("--system-mib") { Description = "For each of the two systems, MiB.", DefaultValueFactory = _ => SystemMiB };
        var locked = new Option<bool>("--no-login") { Description = "Nobody can log in on the box: its console stays locked." };
        var roots = SlotOptions.Roots();
        var json = Cli.AsJson();
        var command = new Command(
            "flash",
            """
            Writes a blank box's disk: partition table, boot loader, the system in the first of its two places, an empty data partition;
            what was written is read back. Everything on the disk is lost. A disk that anything on this machine uses is refused.
            It ends with the password for root at the box's screen or serial line: made for this box, said once, kept nowhere.
            Needs root, and Debian's rauc, squashfs-tools, fdisk, dosfstools, mtools, e2fsprogs and openssl.

            Examples:
              Example: edgectl flash --bundle edge-system_1.4.0_amd64.raucb --disk /dev/sdb
              edgectl flash --image edge-system_1.4.0_amd64.img --disk box.img --yes box.img --json
            JSON: {"disk","version","build","compatible","partitions":[{"name","startBytes","sizeBytes"}],"login","seconds"}.
            Exit codes: 0 written and read back, 1 not (codes not_root, not_a_disk, in_use, too_small, bad_system, not_confirmed,
            tool_missing, tool_failed, damaged), 2 wrong command line, 130 interrupted: the disk holds no whole system then.
            """)
        { bundle, image, disk, yes, size, locked, roots, json };
        command.Validators.Add(given =>
        {
            if ((given.GetResult(bundle) is null) == (given.GetResult(image) is null))
                given.AddError("Give either --bundle FILE or --image FILE.");
        });
        command.Does(json, async (parsed, stop) =>
        {
            var time = TimeProvider.System;
            var start = time.GetTimestamp();
            var systemMiB = (long)Cli.Within(parsed.GetValue(size), LeastSystemMiB, MostSystemMiB, "--system-mib");
            if (!Environment.IsPrivilegedProcess)
                throw new ReleaseException(FlashCodes.NotRoot, "Writing a disk needs root: sudo edgectl flash …");
            var target = TargetDisk.Find(parsed.GetValue(disk)!);
            using var system = await SystemSource.OpenAsync(parsed.GetValue(bundle), parsed.GetValue(image), parsed.GetValue(roots)!, stop);
            DiskLayout.RefuseSmall(target, systemMiB, new FileInfo(system.Image).Length);
            Confirm(target, parsed.GetValue(disk)!, parsed.GetValue(yes), system);
            ConsoleLogin? login = parsed.GetValue(locked) ? null : await ConsoleLogin.NewAsync(stop);
            var layout = await DiskLayout.WriteAsync(target, systemMiB, stop);
            var lines = new ProgressLines(time);
            await new DiskWriter(target, layout, system, login, lines.Tell).WriteAsync(stop);
            var seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 1);
            if (parsed.GetValue(json))
                Cli.Print(new { disk = target.Path, system.Version, system.Build, system.Compatible, layout.Partitions, login = login?.Password, seconds });
            else
                Tell($"{target.Path} holds system {system.Version} ({system.Compatible}, build {system.Build}), read back; {seconds} s.", login);
            return Cli.Done;
        });
        return command;
    }

    private static void Tell(string written, ConsoleLogin? login)
    {
        Console.Out.WriteLine($"{written} Start the box from it, then: edgectl provision.");
        Console.Out.WriteLine(login is null ? "Nobody can log in on it."
            : $"Log in at its screen or serial line as root, password {login.Password} (write it down: it is kept nowhere).");
    }

    private static void Confirm(TargetDisk target, string asked, string? given, SystemSource system)
    {
        if (given is null)
        {
            Console.Error.WriteLine($"{target.Path} ({target.Model}, {target.Bytes >> 20} MiB) will hold system {system.Version} and nothing of what is on it now. Type its name to go on:");
            given = Console.In.ReadLine();
        }
        if (given?.Trim() != asked)
            throw new ReleaseException(FlashCodes.NotConfirmed, $"That is not {asked}: nothing was written.");
    }
}
