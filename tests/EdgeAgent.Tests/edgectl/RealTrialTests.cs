using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The real agent as it was built, packed, signed, installed, started by the real launcher: through a trial to good, and a build that is broken back to it.</summary>
public sealed class RealTrialTests : IDisposable
{
    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();
    private readonly AppSlots slots;
    private readonly Uri url;
    private Process? launcher;

    public RealTrialTests()
    {
        TestBundles.Folder(place.At("factory"));
        File.WriteAllText(place.At("roots.pem"), releases.Root.ExportCertificatePem());
        slots = new AppSlots(place.At("app"), place.At("factory"), TimeProvider.System);
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        url = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
    }

    public void Dispose()
    {
        if (launcher is { HasExited: false })
        {
            launcher.Kill(entireProcessTree: true);
            launcher.WaitForExit();
        }
        launcher?.Dispose();
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task The_built_agent_is_good_once_it_was_well_and_a_build_without_one_of_its_files_is_taken_back_to_it()
    {
        await using BenchCar prepared = await BenchCar.StartAsync(boot: BootClock.OfThisMachine());
        await prepared.EndAsync();
        CarOptions car = BenchCar.Options(prepared.Data, null);
        string settings = place.At("agent.json");
        File.WriteAllText(settings, JsonSerializer.Serialize(car with { Terminal = car.Terminal with { Url = url.ToString() }, Vision = car.Vision with { Spawn = true } }));

        await InstallAsync("1.1.0", 11, _ => { });
        Start(settings);
        await Eventually.HoldsAsync(() => slots.Read() is { Floor: 11, A.Standing: SlotStanding.Good }, "the built agent is good", seconds: 90);
        await StopAsync();

        await InstallAsync("1.2.0", 12, folder => File.Delete(Path.Combine(folder, "EdgeAgent.Contract.dll")));
        Start(settings);
        await Eventually.HoldsAsync(() => slots.Read() is { Current: "a", B.Standing: SlotStanding.Failed }, "the broken one is taken back", seconds: 90);
        using var http = new HttpClient { BaseAddress = url };
        await Eventually.HoldsAsync(() => IsWell(http), "what was good runs again", seconds: 90);
        Assert.Equal(11UL, slots.Read().Floor);
        await StopAsync();
    }

    private async Task InstallAsync(string version, ulong number, Action<string> spoil)
    {
        string folder = place.At($"source-{version}");
        string built = Path.Combine(Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Parent!.FullName, "EdgeAgent.Agent", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));
        foreach (string file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".pdb", StringComparison.Ordinal)))
        {
            string to = Path.Combine(folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        File.WriteAllText(Path.Combine(folder, "sbom.cdx.json"), "{}");
        spoil(folder);
        string bundle = place.At($"{version}.bundle");
        BundleWriter.Write(folder, TestBundles.Head(version, number), releases.Signer(), bundle, CompressionLevel.Fastest);
        var (code, _, error) = await EdgectlProcess.RunAsync(["update", "--bundle", bundle, "--base", slots.Root, "--factory", place.At("factory"), "--roots", place.At("roots.pem")], path: null);
        Assert.True(code == 0, error);
    }

    private void Start(string settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "edgectl.dll"), "app", "start", "--base", slots.Root, "--factory", place.At("factory"),
            "--health", $"{url}api/health", "--well-for", "2", "--", "host", "--config", settings])
            start.ArgumentList.Add(argument);
        start.Environment["EDGEAGENT_MODELS"] = Path.Combine(Repository.Root, "models");
        launcher = Process.Start(start)!;
        _ = launcher.StandardError.ReadToEndAsync();
        _ = launcher.StandardOutput.ReadToEndAsync();
    }

    private async Task StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", $"{launcher!.Id}"]))
            await kill.WaitForExitAsync();
        await launcher.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        launcher.Dispose();
        launcher = null;
    }

    private static bool IsWell(HttpClient http)
    {
        try
        {
            using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, "api/health"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
