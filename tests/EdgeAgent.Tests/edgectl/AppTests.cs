using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.DispatchClient.Releases;
using EdgeAgent.Tests.DispatchClient;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The real launcher and updater over real slots: trials, failures, ignition, damage.</summary>
public sealed class AppTests : IDisposable
{
    private readonly TemporaryDirectory place = new();
    private readonly TestBundles releases = new();
    private readonly AppSlots slots;

    public AppTests()
    {
        TestBundles.Folder(place.At("factory"), Script("factory"));
        File.WriteAllText(place.At("roots.pem"), releases.Root.ExportCertificatePem());
        slots = new AppSlots(place.At("app"), place.At("factory"), TimeProvider.System);
    }

    public void Dispose()
    {
        releases.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task A_new_version_is_tried_marked_good_and_then_becomes_the_process_itself()
    {
        using AppProcess app = App("--well-for", "0.5");
        app.Start();
        await RunsAsync(app, "factory");
        Assert.Equal(app.Launcher.Id, app.Running().Pid);
        app.CutPower();
        await UpdateAsync("1.1.0", 11);
        app.Start();
        await Eventually.HoldsAsync(() => slots.Read() is { Floor: 11, A.Standing: SlotStanding.Good }, "good", seconds: 12);
        Assert.Equal("1.1.0", app.Running().Version);
        Assert.NotEqual(app.Launcher.Id, app.Running().Pid);
        app.CutPower();
        app.Start();
        await RunsAsync(app, "1.1.0");
        Assert.Equal(app.Launcher.Id, app.Running().Pid);
        // A second one beside it would be two agents on one database.
        (int code, string output, _) = await EdgectlProcess.RunAsync(["app", "start", .. Where, "--json", "--", place.At("other")]);
        Assert.Equal((1, ReleaseCodes.AlreadyRuns), (code, Json(output).GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("#!/bin/sh\nexit 78\n")]
    [InlineData("#!/bin/sh\nexit 0\n")]
    [InlineData("#!/no/such/interpreter\n")]
    [InlineData("#!/bin/sh\nkill -9 $$\n")]
    public async Task A_version_that_ends_by_itself_three_times_is_taken_back(string script)
    {
        using AppProcess app = App("--well-for", "0.2");
        await UpdateAsync("1.1.0", 11);
        await slots.ChangeAsync(state => state.MarkedGood(), default);
        await UpdateAsync("1.2.0", 12, script);
        app.Start();
        await RunsAsync(app, "1.1.0");
        SlotState state = slots.Read();
        Assert.Equal(("a", SlotStanding.Failed, 3, 11UL), (state.Current, state.B!.Standing, state.B.Failures, state.Floor));
    }

    [Fact]
    public async Task A_version_that_runs_and_is_never_well_is_taken_back_also_when_another_answers_for_it()
    {
        using AppProcess app = App("--well-for", "0.2", "--well-within", "1", "--failures", "1");
        await UpdateAsync("1.1.0", 11);
        app.Well = false;
        app.Start();
        await RunsAsync(app, "factory");
        app.CutPower();
        await UpdateAsync("1.2.0", 12);
        (app.Well, app.Impostor) = (true, true);
        app.Start();
        await RunsAsync(app, "factory");
        Assert.Contains("not well", slots.Read().B?.Why ?? slots.Read().A!.Why);
    }

    [Fact]
    public async Task Neither_ignition_nor_a_stop_that_was_asked_for_uses_up_a_trial()
    {
        using AppProcess app = App("--well-for", "3600");
        await UpdateAsync("1.1.0", 11);
        for (int cycle = 0; cycle < 6; cycle++)
        {
            app.Start();
            await RunsAsync(app, "1.1.0");
            int pid = app.Running().Pid;
            switch (cycle % 3)
            {
                case 0:
                    app.CutPower();
                    break;
                case 1:
                    await SignalAsync("TERM", app.Launcher.Id);
                    await app.Launcher.WaitForExitAsync();
                    Assert.False(File.Exists($"/proc/{pid}/stat"), "what it watched is ended with it");
                    break;
                default:
                    // A service manager may ask the child first.
                    await SignalAsync("TERM", pid);
                    await app.Launcher.WaitForExitAsync();
                    break;
            }
            Assert.Equal((true, 0), (slots.Read().OnTrial, slots.Read().A!.Failures));
        }
    }

    [Fact]
    public async Task Damage_to_the_good_slot_starts_the_other_one_and_to_both_what_the_box_came_with()
    {
        using AppProcess app = App("--well-for", "0");
        await UpdateAsync("1.1.0", 11);
        await slots.ChangeAsync(state => state.MarkedGood(), default);
        await UpdateAsync("1.2.0", 12);
        await slots.ChangeAsync(state => state.MarkedGood(), default);
        File.Delete(Path.Combine(slots.Files("b"), "empty"));
        app.Start();
        await RunsAsync(app, "1.1.0");
        app.CutPower();
        // Same size, other bytes: found at the second start within one boot.
        string page = Path.Combine(slots.Files("a"), "wwwroot", "index.html");
        File.SetUnixFileMode(page, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(page, "<p>PAGE</p>");
        app.Start();
        await RunsAsync(app, "factory");
        app.CutPower();
        File.WriteAllText(Path.Combine(slots.Root, "state"), "nonsense");
        app.Start();
        await RunsAsync(app, "factory");
    }

    [Fact]
    public async Task Technicians_see_what_is_due_and_take_it_back_by_hand()
    {
        await UpdateAsync("1.1.0", 11);
        (int code, string output, _) = await EdgectlProcess.RunAsync(["app", "status", .. Where, "--verify", "--json"]);
        Assert.Equal((0, "a", "trial"), (code, Json(output).GetProperty("current").GetString(), Json(output).GetProperty("slots")[0].GetProperty("standing").GetString()));
        (code, output, _) = await EdgectlProcess.RunAsync(["rollback", .. Where]);
        Assert.Equal(0, code);
        Assert.Contains("installed with", output);
        (code, output, _) = await EdgectlProcess.RunAsync(["app", "status", .. Where]);
        Assert.Equal(0, code);
        Assert.Contains("1.1.0 (number 11), failed: taken back by hand", output);
        (code, output, string error) = await EdgectlProcess.RunAsync(["update", "--bundle", place.At("1.1.0.bundle"), .. Where, "--roots", place.At("none.pem"), "--json"]);
        Assert.Equal((1, ReleaseCodes.NoRoots), (code, Json(output).GetProperty("error").GetString()));
        Assert.Contains("release root", error);
        (code, output, _) = await EdgectlProcess.RunAsync(["update", "--fetched", place.Path, .. Where, "--roots", place.At("roots.pem"), "--json"]);
        Assert.Equal((1, ReleaseCodes.NotFetched), (code, Json(output).GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Keys_are_made_a_folder_is_packed_shown_and_installed_by_the_program_alone()
    {
        string folder = TestBundles.Folder(place.At("whole"));
        File.WriteAllText(Path.Combine(folder, "edge-agent.deps.json"), """{"libraries":{"Dapper/2.1.86":{"type":"package","sha512":"sha512-AAAA"},"edge-agent/0.1.0":{"type":"project","sha512":""}}}""");
        Assert.Equal(0, (await EdgectlProcess.RunAsync("release", "keys", "--out", place.At("keys"))).ExitCode);
        Assert.Equal(1, (await EdgectlProcess.RunAsync("release", "keys", "--out", place.At("keys"))).ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place.At("keys/releaser.key")));
        string bundle = place.At("whole.bundle");
        (int code, string output, string error) = await EdgectlProcess.RunAsync(
            "release", "pack", "--folder", folder, "--release-version", "2.0.0", "--number", "20", "--keys", place.At("keys"), "--out", bundle, "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(1, Json(output).GetProperty("parts").GetInt32());
        (code, output, _) = await EdgectlProcess.RunAsync("release", "show", "--bundle", bundle, "--roots", place.At("keys/release-roots.pem"), "--json");
        Assert.Equal((0, "sbom.cdx.json"), (code, Json(output).GetProperty("sbom").GetString()));
        (code, output, _) = await EdgectlProcess.RunAsync("release", "show", "--bundle", bundle, "--roots", place.At("roots.pem"), "--json");
        Assert.Equal((1, ReleaseCodes.UnknownReleaser), (code, Json(output).GetProperty("error").GetString()));
        (code, output, _) = await EdgectlProcess.RunAsync(["update", "--bundle", bundle, .. Where, "--roots", place.At("keys/release-roots.pem"), "--json"]);
        Assert.Equal((0, "2.0.0"), (code, Json(output).GetProperty("version").GetString()));
        JsonElement parts = Json(File.ReadAllText(Path.Combine(slots.Files("a"), "sbom.cdx.json")));
        Assert.Equal(("CycloneDX", "pkg:nuget/Dapper@2.1.86", "000000"), (
            parts.GetProperty("bomFormat").GetString(), parts.GetProperty("components")[0].GetProperty("purl").GetString(),
            parts.GetProperty("components")[0].GetProperty("hashes")[0].GetProperty("content").GetString()));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Script(string version) => AppProcess.Works.Replace("VERSION", version, StringComparison.Ordinal);

    private static async Task SignalAsync(string name, int process)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{process}"]);
        await kill.WaitForExitAsync();
    }

    private string[] Where => ["--base", slots.Root, "--factory", place.At("factory")];

    private AppProcess App(params string[] options) => new(place.At("alive"), [.. Where, .. options]);

    private static Task RunsAsync(AppProcess app, string version) =>
        Eventually.HoldsAsync(() => app.Running().Version == version, $"{version} runs", seconds: 12);

    private async Task UpdateAsync(string version, ulong number, string? script = null)
    {
        string bundle = releases.Pack(place, version, number, script ?? Script(version));
        (int code, string output, string error) = await EdgectlProcess.RunAsync(["update", "--bundle", bundle, .. Where, "--roots", place.At("roots.pem"), "--json"]);
        Assert.True(code == 0, output + error);
    }
}
