using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Tests.Support;

/// <summary>All tests with software TPMs, one after the other: the way to them leads through this process's one session bus.</summary>
[CollectionDefinition(Name)]
public sealed class TpmCollection : ICollectionFixture<TpmBus>
{
    public const string Name = "tpm";
}

/// <summary>
/// A message bus of its own, over which a resource manager (tpm2-abrmd) lends out each software TPM. A car has the kernel's; in a
/// bare swtpm what each tool loads would take its three places.
/// </summary>
public sealed partial class TpmBus : IDisposable
{
    private const string Variable = "DBUS_SESSION_BUS_ADDRESS";

    private readonly string? before = Environment.GetEnvironmentVariable(Variable);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tpm-bus-");
    private readonly Process? bus;

    public TpmBus()
    {
        if (new TpmFactAttribute().Skip is not null)
            return;
        string address = $"unix:path={Path.Combine(folder.FullName, "bus")}", configuration = Path.Combine(folder.FullName, "bus.conf");
        File.WriteAllText(configuration, $"""
            <busconfig><type>session</type><listen>{address}</listen>
            <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
            """);
        bus = Process.Start(new ProcessStartInfo("dbus-daemon", [$"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = bus.StandardOutput.ReadLine();
        // Children are given .NET's environment; what OpenSSL loads into this process reads the C library's.
        Environment.SetEnvironmentVariable(Variable, address);
        _ = SetEnvironment(Variable, address, 1);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, before);
        if (bus is not null)
        {
            bus.Kill();
            bus.WaitForExit();
            bus.Dispose();
        }
        folder.Delete(recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
