using System.Text.Json.Nodes;
using EdgeAgent.Edgectl.Gnss;
using EdgeAgent.Hw.Gnss;
using EdgeAgent.Rig.Gnss;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>`edgectl gnss` against the real gpsd of the bench's receiver.</summary>
public sealed class GnssCommandTests
{
    private static readonly GnssFix Good = new(31.2, 121.5, 0, null, 10, 4, GnssQuality.ThreeD, 9, 1_777_882_530_000, 5_000, Stale: false);

    [Fact]
    public async Task A_receiver_with_a_fix_is_good_and_one_in_a_tunnel_is_named()
    {
        await using GnssReceiver receiver = await GnssReceiver.StartAsync(TimeProvider.System, CancellationToken.None);
        (int exitCode, string output, string error) = await RunAsync(receiver.Port, 20);
        Assert.True(exitCode == 0, error + output);
        JsonNode good = JsonNode.Parse(output)!;
        Assert.Equal(("ok", "3d", true), ((string)good["verdict"]!, (string)good["fix"]!, (bool)good["answers"]!));
        Assert.InRange((double)good["latitudeDegrees"]!, -90, 90);
        Assert.InRange((double)good["clockOffsetSeconds"]!, -3, 3);

        receiver.SetFault(GnssFault.NoFix);
        (exitCode, output, _) = await RunAsync(receiver.Port, 5);
        Assert.Equal((1, "no_fix"), (exitCode, (string)JsonNode.Parse(output)!["verdict"]!));
        Assert.Null(JsonNode.Parse(output)!["latitudeDegrees"]);
    }

    [Fact]
    public async Task A_gpsd_that_does_not_answer_is_named()
    {
        (int exitCode, string output, _) = await RunAsync(port: 9, seconds: 1);
        Assert.Equal((1, "no_gpsd", false), (exitCode, (string)JsonNode.Parse(output)!["verdict"]!, (bool)JsonNode.Parse(output)!["answers"]!));
    }

    [Fact]
    public void Each_fault_of_a_receiver_has_its_own_word()
    {
        Assert.Equal("ok", Verdict(Good));
        Assert.Equal("silent", GnssReport.Of(answers: true, [], null).Verdict);
        Assert.Equal("stale", Verdict(Good with { Stale = true }));
        Assert.Equal("no_fix", Verdict(Good with { Quality = GnssQuality.None }));
        Assert.Equal("few_satellites", Verdict(Good with { SatellitesUsed = 4 }));
        Assert.Equal("inexact", Verdict(Good with { HorizontalErrorM = 60 }));
        Assert.Equal("clock", GnssReport.Of(true, [Good], TimeSpan.FromHours(-1)).Verdict);
        // What the receiver does not say is no fault.
        Assert.Equal("ok", Verdict(Good with { SatellitesUsed = 0, HorizontalErrorM = null }));
    }

    private static string Verdict(GnssFix fix) => GnssReport.Of(answers: true, [fix], TimeSpan.Zero).Verdict;

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(int port, int seconds) =>
        EdgectlProcess.RunAsync("gnss", "--port", $"{port}", "--watch", $"{seconds}", "--json");
}
