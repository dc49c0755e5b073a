using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Gnss;

/// <summary>A real gpsd on a loopback port, reading one device. Ended with this object.</summary>
internal sealed partial class GpsdProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int Attempts = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly Process process;
    private readonly Task<string> complaints;

    private GpsdProcess(Process process, int port)
    {
        this.process = process;
        complaints = process.StandardError.ReadToEndAsync();
        Port = port;
    }

    public int Port { get; }

    public int ProcessId => process.Id;

    public bool HasExited => process.HasExited;

    /// <exception cref="RigException">gpsd is missing, or does not answer.</exception>
    public static async Task<GpsdProcess> StartAsync(string device, TimeProvider time, CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            var gpsd = new GpsdProcess(Launch(device, port), port);
            if (await gpsd.AnswersAsync(time, stop))
                return gpsd;
            await gpsd.DisposeAsync();
            // Somebody else may have taken the port between our look and gpsd's.
            if (attempt == Attempts)
                throw new RigException($"gpsd does not answer on its port. It said: {(await gpsd.complaints).Trim()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            _ = Kill(process.Id, SigTerm);
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
        process.Dispose();
    }

    private static Process Launch(string device, int port)
    {
        // Not a daemon; reads at once, not only for a client; never writes to the device. Loopback only is its default.
        string[] arguments = ["-N", "-n", "-b", "-S", port.ToString(CultureInfo.InvariantCulture), device];
        foreach (string program in (string[])["gpsd", "/usr/sbin/gpsd"])
        {
            try
            {
                return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true })!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not in the path: /usr/sbin is only in root's.
            }
        }
        throw new RigException("The program gpsd is missing: install the Debian package gpsd.");
    }

    private async Task<bool> AnswersAsync(TimeProvider time, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (!process.HasExited && time.GetElapsedTime(start) < StartLimit)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, stop);
                using var reader = new StreamReader(client.GetStream());
                if (await reader.ReadLineAsync(stop) is { } line && line.Contains("\"VERSION\"", StringComparison.Ordinal))
                    return true;
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                // Not yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        }
        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
