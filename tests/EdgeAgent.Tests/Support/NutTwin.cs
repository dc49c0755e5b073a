using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.Tests.Support;

/// <summary>A UPS that does what a file says: NUT's real upsd over its own dummy-ups driver, in a folder of their own.</summary>
internal sealed class NutTwin : IAsyncDisposable
{
    public const string Server = "/lib/nut/upsd", Driver = "/lib/nut/dummy-ups", Ups = "car";

    private readonly string folder = Directory.CreateTempSubdirectory("nut-").FullName;
    private readonly List<Process> running = [];

    private NutTwin(int port) => Port = port;

    public int Port { get; }

    /// <summary>As Power.Ups takes it.</summary>
    public string Address => $"{Ups}@127.0.0.1:{Port}";

    /// <param name="variables">Such as "ups.status: OL".</param>
    public static async Task<NutTwin> StartAsync(params string[] variables)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var twin = new NutTwin(((IPEndPoint)probe.LocalEndpoint).Port);
        probe.Stop();
        twin.Say(variables);
        await File.WriteAllTextAsync(twin.At("ups.conf"), $"[{Ups}]\n driver = dummy-ups\n port = {twin.At("car.dev")}\n mode = dummy-loop\n pollinterval = 1\n");
        await File.WriteAllTextAsync(twin.At("upsd.conf"), $"LISTEN 127.0.0.1 {twin.Port}\n");
        await File.WriteAllTextAsync(twin.At("upsd.users"), "");
        twin.running.Add(twin.Run(Driver, "-a", Ups, "-u", Environment.UserName, "-F"));
        twin.running.Add(twin.Run(Server, "-u", Environment.UserName, "-F"));
        return twin;
    }

    /// <summary>What the UPS says from its next look at the file on.</summary>
    public void Say(params string[] variables)
    {
        string next = At("next.dev");
        File.WriteAllLines(next, variables);
        File.Move(next, At("car.dev"), overwrite: true);
    }

    public async Task StopDriverAsync() => await EndAsync(running[0]);

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in running)
        {
            await EndAsync(process);
            process.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
    }

    private string At(string name) => Path.Combine(folder, name);

    private Process Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string name in (string[])["NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH"])
            start.Environment[name] = folder;
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
