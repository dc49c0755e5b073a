using System.Text.Json.Nodes;
using EdgeAgent.Rig.Run;

namespace EdgeAgent.Chaos.Accept;

/// <summary>The faults, in an order in which none is in the way of the next: what cannot be taken back comes last.</summary>
internal static class FaultList
{
    private const string SecondUnit = "PB-0002";

    public static IReadOnlyList<SeededFault> All { get; } = [.. Cameras(), .. Heads(), .. Receivers(), .. Centre(), .. Keys(), .. Box(), .. Last()];

    private static IEnumerable<SeededFault> Cameras()
    {
        yield return SeededFault.Of("camera unplugged", "camera_lost", "cam3", "/cameras/cam3/unplug", "/cameras/cam3/plug");
        yield return SeededFault.Of("camera that sends nothing", "camera_lost", "cam4", "/cameras/cam4/stall", "/cameras/cam4/heal");
        yield return SeededFault.Of("lens covered", "camera_black", "cam5", "/cameras/cam5/black", "/cameras/cam5/heal");
        yield return new SeededFault(
            "picture that stands still", [("camera_frozen", "cam6")],
            async (bench, stop) =>
            {
                FaultSite site = await bench.ControlAsync("/cameras/cam6/freeze", stop);
                await bench.UntilAsync("cam6 is frozen", unit => unit.Outside.FrozenCameras.Contains("cam6"), stop);
                return site;
            },
            async (bench, stop) =>
            {
                _ = await bench.ControlAsync("/cameras/cam6/heal", stop);
                await bench.UntilAsync("cam6 moves", unit => !unit.Outside.FrozenCameras.Contains("cam6"), stop);
            });
        yield return SeededFault.Of("two cameras changed places", [("camera_swapped", "cam3"), ("camera_swapped", "cam5")], (settings, _) => Exchange(Camera(settings, "cam3"), Camera(settings, "cam5")));
        yield return SeededFault.Of("one camera in two places", [("camera_doubled", "cam2 cam4")], (settings, _) => Take(Camera(settings, "cam4"), Camera(settings, "cam2")));
        yield return SeededFault.Of("camera exchanged", "camera_changed", "cam7", "/cameras/cam7/serial?value=OTHER", "/cameras/cam7/serial?value=BENCH-cam7");
        yield return SeededFault.Of("camera's clock wrong", "camera_clock", "cam2", "/cameras/cam2/clock?seconds=600", "/cameras/cam2/clock?seconds=0");
        yield return SeededFault.Of("small main stream", [("camera_small", "cam2")], (settings, _) => Camera(settings, "cam2")["Main"] = (string)Camera(settings, "cam2")["Sub"]!);
        yield return SeededFault.Of("large sub-stream", [("camera_wide_sub", "cam2")], (settings, _) => Camera(settings, "cam2")["Sub"] = (string)Camera(settings, "cam3")["Main"]!);
    }

    private static IEnumerable<SeededFault> Heads()
    {
        yield return SeededFault.Of("head that slips", "ptz_stuck", "cam1", "/ptz/stuck", "/ptz/heal", disturbs: true);
        yield return SeededFault.Of("head without power", "ptz_dead", "cam1", "/ptz/dead", "/ptz/heal", disturbs: true);
        yield return SeededFault.Of("head built in upside down", "ptz_reversed", "cam1", "/ptz/reversed", "/ptz/heal", disturbs: true);
        yield return SeededFault.Of("head that does not answer", "ptz_silent", "cam1", "/ptz/silent", "/ptz/heal", disturbs: true);
        yield return SeededFault.Of("head's password wrong", [("ptz_refused", "cam1")], (settings, _) => Camera(settings, "cam1")["PtzPassword"] = "wrong", disturbs: true);
    }

    private static IEnumerable<SeededFault> Receivers()
    {
        yield return SeededFault.Of("no fix", "gnss_no_fix", "", "/gnss/no-fix", "/gnss/heal");
        yield return SeededFault.Of("few satellites", "gnss_few_satellites", "", "/gnss/few", "/gnss/heal");
        yield return SeededFault.Of("receiver's cable out", "gnss_silent", "", "/gnss/silent", "/gnss/heal");
        yield return SeededFault.Of("no gpsd", [("gnss_no_gpsd", "")], (settings, _) => settings["Gnss"]!["Port"] = BenchPlan.Free(0));
    }

    private static IEnumerable<SeededFault> Centre()
    {
        yield return SeededFault.Of("centre away", [("centre_unreachable", "*")], (settings, _) => settings["Centre"] = $"https://127.0.0.1:{BenchPlan.Free(0)}");
        yield return new SeededFault(
            "another centre answers", [("centre_not_trusted", "*")],
            async (bench, stop) =>
            {
                string url = await bench.StrangerAsync(stop);
                return bench.WithSettings((settings, _) => settings["Centre"] = url);
            });
        yield return new SeededFault(
            "wrong time", [("clock_wrong", "centre"), ("clock_wrong", "gnss")],
            (bench, _) => Task.FromResult(bench.Usual with { Through = ["faketime", "--exclude-monotonic", "-f", "+2h"] }));
        yield return new SeededFault(
            "certificate revoked", [("agent_down", ""), ("certificate_revoked", "*")],
            async (bench, stop) =>
            {
                string data = await bench.EnrolledAsync(SecondUnit, stop);
                _ = await bench.Bench.CentreAsync(["units", "revoke", "--data", bench.Bench.CentreData, "--unit", SecondUnit, "--reason", "stolen"], null, stop);
                return bench.WithSettings((settings, _) => settings["DataDirectory"] = data);
            });
    }

    private static IEnumerable<SeededFault> Keys()
    {
        yield return SeededFault.Of("never enrolled", [("no_identity", "")], (settings, bench) => settings["IdentityDirectory"] = bench.NewFolder());
        yield return SeededFault.Of("key file damaged", [("identity_unreadable", "")], (settings, bench) => settings["IdentityDirectory"] = bench.SpoiltIdentity("key.pem"));
        yield return SeededFault.Of("certificate damaged", [("identity_unreadable", "")], (settings, bench) => settings["IdentityDirectory"] = bench.SpoiltIdentity("unit.crt"));
    }

    private static IEnumerable<SeededFault> Box()
    {
        // As with the revoked certificate above, in these three the data lies elsewhere than the running agent's, so that none runs over it: that is true as well, and said.
        yield return new SeededFault("full disk", [("agent_down", ""), ("disk_full", "*")], (bench, _) => Task.FromResult(bench.OnSmallDisk()));
        yield return new SeededFault("outbox damaged", [("agent_down", ""), ("outbox_damaged", "")], (bench, _) => Task.FromResult(bench.WithData(FaultBench.SpoilOutbox)));
        yield return new SeededFault("audit chain changed", [("agent_down", ""), ("audit_broken", "")], (bench, _) => Task.FromResult(bench.WithData(FaultBench.SpoilAudit)));
        yield return new SeededFault(
            "model changed", [("models_damaged", "")],
            (bench, _) => Task.FromResult(bench.Usual with { Environment = new Dictionary<string, string> { ["EDGEAGENT_MODELS"] = bench.SpoiltModels() } }));
        yield return SeededFault.Of("settings misspelt", [("settings_wrong", "")], (settings, _) => settings["Camera"] = new JsonArray());
        yield return SeededFault.Of("settings of the wrong kind", [("settings_wrong", "")], (settings, _) => settings["AlertLapseSeconds"] = 5);
    }

    private static IEnumerable<SeededFault> Last()
    {
        yield return new SeededFault(
            "no officer", [("no_officers", "")],
            async (bench, stop) =>
            {
                _ = await bench.Bench.CentreAsync(["officers", "remove", "--data", bench.Bench.CentreData, "--unit", BenchPlan.UnitId, "--officer", BenchPlan.OfficerId], null, stop);
                await bench.UntilAsync("nobody on its roster", unit => unit.Outside.Officers == 0, stop);
                return bench.Usual;
            },
            async (bench, stop) =>
            {
                _ = await bench.Bench.CentreAsync(["officers", "add", "--data", bench.Bench.CentreData, "--unit", BenchPlan.UnitId, "--officer", BenchPlan.OfficerId, "--name", "值班民警", "--role", "officer", "--pin-stdin"], bench.Bench.Plan.Pin, stop);
                await bench.UntilAsync("somebody on its roster", unit => unit.Outside.Officers == 1, stop);
            });
        yield return new SeededFault(
            "a list that has ended", [("list_expired", "*")],
            async (bench, stop) =>
            {
                await bench.IssueEndingListAsync(stop);
                await bench.UntilAsync("a list that has expired", unit => unit.Lists.Any(l => l.State == "expired"), stop);
                return bench.Usual;
            },
            async (bench, stop) => await bench.RevokeAsync(FaultBench.EndingList, stop));
        yield return new SeededFault(
            "no list", [("no_lists", "")],
            async (bench, stop) =>
            {
                await bench.RevokeAsync("bench-stolen-vehicles", stop);
                await bench.RevokeAsync("bench-missing-persons", stop);
                await bench.UntilAsync("no list", unit => unit.Lists.All(l => l.State == "revoked"), stop);
                return bench.Usual;
            });
        // What follows has no list any more.
        yield return new SeededFault(
            "agent that does not come back", [("no_lists", ""), ("no_recovery", "")],
            (bench, _) =>
            {
                bench.KeepDown();
                return Task.FromResult(bench.Usual);
            }, Disturbs: true);
        yield return new SeededFault("agent down", [("agent_down", "")], (bench, _) => Task.FromResult(bench.Usual));
    }

    private static JsonObject Camera(JsonObject settings, string id) => settings["Cameras"]!.AsArray().Single(c => (string)c!["Id"]! == id)!.AsObject();

    private static void Exchange(JsonObject one, JsonObject other)
    {
        foreach (string key in (string[])["Main", "Sub"])
            (one[key], other[key]) = ((string)other[key]!, (string)one[key]!);
    }

    private static void Take(JsonObject one, JsonObject other)
    {
        foreach (string key in (string[])["Main", "Sub"])
            one[key] = (string)other[key]!;
    }
}
