using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>
/// `edgectl app start` over slots of shell scripts, and the health of what runs. A script writes its number and version and sleeps
/// in its own place, so that the number stays; whether it is well is this test's to say.
/// </summary>
internal sealed class AppProcess : IDisposable
{
    public const string Works = "#!/bin/sh\necho \"$$ VERSION\" > \"$1.new\" && mv \"$1.new\" \"$1\"\nexec sleep 600\n";

    private readonly HttpListener health = new();
    private readonly string alive;
    private readonly string[] options;
    private Process? launcher;

    public AppProcess(string alive, params string[] options)
    {
        (this.alive, this.options) = (alive, options);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Health = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }
        health.Prefixes.Add(Health.ToString());
        health.Start();
        _ = AnswerAsync();
    }

    public Uri Health { get; }

    public bool Well { get; set; } = true;

    /// <summary>Whether it says another process's number.</summary>
    public bool Impostor { get; set; }

    public Process Launcher => launcher!;

    public void Start()
    {
        File.Delete(alive);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true };
        foreach (string argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "edgectl.dll"), "app", "start", .. options, "--health", Health.ToString(), "--", alive])
            start.ArgumentList.Add(argument);
        launcher = Process.Start(start)!;
        _ = launcher.StandardError.ReadToEndAsync();
    }

    /// <summary>Number and version of what runs; zero while nothing does.</summary>
    public (int Pid, string Version) Running()
    {
        string[] words = File.Exists(alive) ? File.ReadAllText(alive).Split() : [];
        return words.Length >= 2 && File.Exists($"/proc/{words[0]}/stat") ? (int.Parse(words[0]), words[1]) : (0, "");
    }

    /// <summary>The power goes: who watches first, so that it sees nothing of the other's end.</summary>
    public void CutPower()
    {
        launcher!.Kill();
        launcher.WaitForExit();
        if (Running().Pid is > 0 and var pid)
        {
            using Process app = Process.GetProcessById(pid);
            app.Kill();
            app.WaitForExit(TimeSpan.FromSeconds(5));
        }
    }

    public void Dispose()
    {
        if (launcher is { HasExited: false })
            CutPower();
        launcher?.Dispose();
        health.Close();
    }

    private async Task AnswerAsync()
    {
        while (health.IsListening)
        {
            try
            {
                HttpListenerContext asked = await health.GetContextAsync();
                int pid = Running().Pid;
                asked.Response.StatusCode = Well && pid > 0 ? 200 : 503;
                byte[] body = Encoding.UTF8.GetBytes($$"""{"well":{{(Well && pid > 0 ? "true" : "false")}},"pid":{{(Impostor ? 1 : pid)}},"ill":[]}""");
                await asked.Response.OutputStream.WriteAsync(body);
                asked.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The launcher went away, or the test is over.
            }
        }
    }
}
