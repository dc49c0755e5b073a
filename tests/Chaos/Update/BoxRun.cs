using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Chaos.Update;

/// <summary>What runs on the box: the real launcher and whatever it started. Answers for the program's health, since a shell script cannot.</summary>
internal sealed class BoxRun : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5), Gone = TimeSpan.FromSeconds(5);
    private readonly UpdateWorld world;
    private readonly HttpListener health = new();
    private readonly Uri address;
    private Process? launcher;

    public BoxRun(UpdateWorld world)
    {
        this.world = world;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }
        health.Prefixes.Add(address.ToString());
        health.Start();
        _ = AnswerAsync();
    }

    /// <summary>Ignition on.</summary>
    /// <param name="wellFor">How long a new version must be well, seconds.</param>
    public void Start(double wellFor)
    {
        File.Delete(world.AliveFile);
        launcher = world.Edgectl(["app", "start"], "--health", address.ToString(), "--well-for", $"{wellFor}", "--well-within", "1", "--", world.AliveFile);
    }

    /// <summary>Process and version of what says that it is alive and is.</summary>
    public (int Pid, string Version, bool Works) Running()
    {
        try
        {
            string[] words = File.Exists(world.AliveFile) ? File.ReadAllText(world.AliveFile).Split(' ', StringSplitOptions.TrimEntries) : [];
            // What has ended and was not collected yet has no command line any more.
            return words.Length == 3 && CommandLine($"/proc/{words[0]}").Length > 0 ? (int.Parse(words[0]), words[1], words[2] == nameof(Behaviour.Works)) : default;
        }
        catch (IOException)
        {
            return default;
        }
    }

    /// <summary>The version that works within the time, "" when none does.</summary>
    public async Task<string> WorksWithinAsync(TimeSpan patience, CancellationToken stop)
    {
        for (long start = world.Time.GetTimestamp(); world.Time.GetElapsedTime(start) < patience; await Task.Delay(Look, world.Time, stop))
        {
            if (Running() is { Works: true } running)
                return running.Version;
        }
        return "";
    }

    /// <summary>Ignition off. Who watches goes first, so that it sees nothing of the other's end: the power goes for both at once.</summary>
    public async Task CutAsync()
    {
        if (launcher is null)
            return;
        launcher.Kill();
        await world.EndedAsync(launcher);
        // The program may stand between its start and its first word: by its parent's or its own number it is found in any case.
        await EndAllAsync();
        launcher.Dispose();
        launcher = null;
    }

    /// <summary>A stop as a service manager asks for it.</summary>
    public async Task StopAsync()
    {
        using (Process kill = UpdateWorld.Start("/bin/kill", ["-TERM", $"{launcher!.Id}"]))
            await world.EndedAsync(kill);
        await world.EndedAsync(launcher);
        await EndAllAsync();
        launcher.Dispose();
        launcher = null;
    }

    public void Dispose()
    {
        if (launcher is not null)
        {
            launcher.Kill();
            launcher.Dispose();
        }
        foreach (int pid in Ours())
            End(pid);
        health.Close();
    }

    private async Task EndAllAsync()
    {
        for (long start = world.Time.GetTimestamp(); world.Time.GetElapsedTime(start) < Gone;)
        {
            int[] left = [.. Ours()];
            if (left.Length == 0)
                return;
            foreach (int pid in left)
                End(pid);
            await Task.Delay(Look, world.Time);
        }
        throw new ScenarioException("What was started on the box does not end.");
    }

    // Programs of this box by what they were started with: the alive file's path is in no other process.
    private IEnumerable<int> Ours()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid) || pid == Environment.ProcessId)
                continue;
            if (pid == Running().Pid || CommandLine(folder).Contains(world.AliveFile, StringComparison.Ordinal))
                yield return pid;
        }
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void End(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended meanwhile.
        }
    }

    private async Task AnswerAsync()
    {
        while (health.IsListening)
        {
            try
            {
                HttpListenerContext asked = await health.GetContextAsync();
                (int pid, _, bool works) = Running();
                asked.Response.StatusCode = works ? 200 : 503;
                await asked.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"well":{{(works ? "true" : "false")}},"pid":{{pid}}}"""));
                asked.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Who asked was killed, or the run is over.
            }
        }
    }
}
