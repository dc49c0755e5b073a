using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>A TPM of its own: swtpm with seeds that no other has, behind a resource manager as the kernel's.</summary>
internal sealed class TestTpm : IAsyncDisposable
{
    private static int made;

    private readonly TemporaryDirectory state = new();
    private readonly string name = $"com.intel.tss2.Tabrmd{Environment.ProcessId}n{Interlocked.Increment(ref made)}";
    private int port;
    private Process? chip;
    private Process? manager;
    private string chipSaid = "";

    public string Tcti => $"tabrmd:bus_type=session,bus_name={name}";

    /// <summary>A way to it that is held open between commands, as the kernel's device is. Good for opening a key, not for more.</summary>
    public string HeldTcti => $"cmd:tpm2_send -T swtpm:host=127.0.0.1,port={port}";

    public Tpm Tpm => new(Tcti);

    public static async Task<TestTpm> StartAsync()
    {
        var tpm = new TestTpm();
        await tpm.PlugAsync();
        return tpm;
    }

    /// <summary>Makes it answer, over the state that it has.</summary>
    public async Task PlugAsync()
    {
        for (var tries = 1; !await StartChipAsync(); tries++)
            Assert.True(tries < 5, $"swtpm ends whatever its ports: {chipSaid}");
        await StartManagerAsync();
    }

    // Between the look for free ports and swtpm's own, somebody else may take them: it ends then.
    private async Task<bool> StartChipAsync()
    {
        port = FreePorts();
        chip = Start(
            line => chipSaid += line, "swtpm", "socket", "--tpm2", "--tpmstate", $"dir={state.Path}", "--flags", "not-need-init,startup-clear",
            "--server", $"type=tcp,port={port},bindaddr=127.0.0.1", "--ctrl", $"type=tcp,port={port + 1},bindaddr=127.0.0.1");
        await Eventually.HoldsAsync(() => chip.HasExited || IsTaken(port) && IsTaken(port + 1), "swtpm listens");
        if (!chip.HasExited)
            return true;
        await chip.WaitForExitAsync();
        chip.Dispose();
        chip = null;
        return false;
    }

    /// <summary>The kernel's resource manager would come back like this after the machine slept.</summary>
    public async Task RestartManagerAsync()
    {
        await EndAsync(manager);
        await StartManagerAsync();
    }

    /// <summary>Takes it out of the machine.</summary>
    public async Task UnplugAsync()
    {
        await EndAsync(manager);
        await EndAsync(chip);
        (manager, chip) = (null, null);
    }

    /// <summary>A tool of tpm2-tools, which must succeed.</summary>
    public string Tool(string tool, params string[] arguments)
    {
        using var tools = new TpmTools(Tcti);
        return Encoding.UTF8.GetString(tools.Need(tool, [], arguments));
    }

    public async ValueTask DisposeAsync()
    {
        await UnplugAsync();
        state.Dispose();
    }

    private async Task StartManagerAsync()
    {
        manager = Start(_ => { }, "tpm2-abrmd", "--session", "--allow-root", $"--dbus-name={name}", $"--tcti=swtpm:host=127.0.0.1,port={port}");
        await Eventually.HoldsAsync(Answers, "the TPM answers");
    }

    private bool Answers()
    {
        using var tools = new TpmTools(Tcti);
        return tools.Run("tpm2_getcap", [], "handles-persistent").Fault.Length == 0;
    }

    private static Process Start(Action<string?> heard, string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) => heard(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task EndAsync(Process? process)
    {
        if (process is null)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    // tpm2-tss expects the control channel at the next port.
    private static int FreePorts()
    {
        for (; ; )
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            if (port < IPEndPoint.MaxPort && !IsTaken(port + 1))
                return port;
        }
    }

    // Asked of the kernel: a port tried by taking it would be taken just when swtpm wants it.
    private static bool IsTaken(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(end => end.Port == port);
}
