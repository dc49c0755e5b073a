using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Tests.DispatchClient;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>The program itself, run as a technician or a script runs it.</summary>
public sealed class EdgectlTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();

    public void Dispose()
    {
        pki.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData]
    [InlineData("no-such-command")]
    [InlineData("outbox")]
    [InlineData("provision", "--centre", "https://localhost:9")]
    [InlineData("provision", "--centre", "localhost:9", "--code", "A.B", "--data", "/tmp")]
    [InlineData("provision", "--centre", "https://localhost:9", "--code", "A.B", "--data", "/tmp", "--key", "pocket")]
    [InlineData("identity", "--data", "/tmp", "--no-such-option")]
    [InlineData("update")]
    [InlineData("update", "--bundle", "a", "--fetched", "b")]
    [InlineData("app", "start", "--health", "nowhere", "--base", "/tmp/none")]
    [InlineData("app", "start", "--failures", "0", "--base", "/tmp/none")]
    public async Task A_wrong_command_line_ends_with_2(params string[] arguments)
    {
        var (exitCode, _, error) = await RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("provision")]
    [InlineData("identity")]
    [InlineData("outbox")]
    [InlineData("update")]
    [InlineData("rollback")]
    [InlineData("app start")]
    [InlineData("app status")]
    [InlineData("release keys")]
    [InlineData("release pack")]
    [InlineData("release show")]
    [InlineData("config check")]
    [InlineData("lists")]
    [InlineData("logs")]
    [InlineData("support-bundle")]
    [InlineData("why-different")]
    [InlineData("swap")]
    [InlineData("wipe")]
    [InlineData("decommission")]
    [InlineData("aim")]
    [InlineData("cameras probe")]
    [InlineData("cameras login")]
    [InlineData("cameras logout")]
    public async Task Every_command_explains_itself_with_an_example_and_its_exit_codes(string command)
    {
        var (exitCode, output, _) = await RunAsync([.. command.Split(' '), "--help"]);
        Assert.Equal(0, exitCode);
        Assert.Contains($"Example: edgectl {command}", output);
        Assert.Contains("Exit codes:", output);
        Assert.Contains("--json", output);
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_a_sentence_and_a_code()
    {
        var (exitCode, _, error) = await RunAsync("outbox", "--data", directory.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains("There is no outbox in", error);
        (exitCode, var output, error) = await RunAsync("identity", "--data", directory.Path, "--json");
        Assert.Equal(1, exitCode);
        Assert.Equal("no_identity", Json(output).GetProperty("error").GetString());
        Assert.Contains("edgectl provision", error);
    }

    [Fact]
    public async Task Provisioning_makes_an_identity_once()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        (centre.Enrolment.UnitsByCode["A"], centre.Enrolment.UnitsByCode["B"]) = ("PB-0001", "PB-0002");
        var fingerprint = Convert.ToHexString(SHA256.HashData(pki.DeviceRoot.RawData));

        var (exitCode, output, error) = await RunAsync("provision", "--centre", $"{centre.Address}", "--code", $"A.{fingerprint}", "--data", directory.Path, "--key", "file", "--json");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal("PB-0001", Json(output).GetProperty("unitId").GetString());
        using (var identity = UnitIdentity.Load(directory.At("identity")))
            Assert.Equal("PB-0001", identity.UnitId);

        (exitCode, output, error) = await RunAsync("provision", "--centre", $"{centre.Address}", "--code", $"B.{fingerprint}", "--data", directory.Path, "--json");
        Assert.Equal((1, "identity_exists"), (exitCode, Json(output).GetProperty("error").GetString()));
        Assert.Contains("--force", error);
        (exitCode, _, error) = await RunAsync("provision", "--centre", $"{centre.Address}", "--code", $"B.{fingerprint}", "--data", directory.Path, "--key", "file", "--force");
        Assert.Equal((0, ""), (exitCode, error));

        (exitCode, output, _) = await RunAsync("identity", "--data", directory.Path, "--json");
        Assert.Equal((0, "PB-0002"), (exitCode, Json(output).GetProperty("unitId").GetString()));
        Assert.True(Json(output).GetProperty("certificateEndsUnixMs").GetInt64() > 0);
        Assert.Equal("file", Json(output).GetProperty("key").GetString());
        Assert.DoesNotContain("PRIVATE", output);
    }

    [Fact]
    public async Task The_outbox_is_shown_while_its_writer_runs_and_after()
    {
        Guid refusedId;
        await using (var outbox = TestOutbox.Open(directory.Path))
        {
            var events = outbox.AppendMany([.. Enumerable.Range(0, 10).Select(i => TestOutbox.Note($"secret {i}")), TestOutbox.Clip(10, [1, 2])]);
            outbox.Answer([.. events.Take(4).Select(happened => TestOutbox.Ack(happened)), TestOutbox.Ack(events[4], AckStatus.Refused, "odd", "not wanted")]);
            outbox.Forget(Lane.Calls, 2);
            refusedId = EdgeAgent.Contract.Uuid7.ToGuid(events[4].Id.Span);
            AssertShown(await RunAsync("outbox", "--data", directory.Path, "--json", "--ids"), refusedId);
        }
        AssertShown(await RunAsync("outbox", "--data", directory.Path, "--json", "--ids"), refusedId);

        var (exitCode, output, _) = await RunAsync("outbox", "--data", directory.Path);
        Assert.Equal(0, exitCode);
        Assert.Contains("Calls", output);
        Assert.Contains("not wanted", output);
        Assert.DoesNotContain("secret", output);
    }

    private static void AssertShown((int ExitCode, string Output, string Error) run, Guid refusedId)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("secret", run.Output);
        var shown = Json(run.Output);
        foreach (var (name, count) in (ReadOnlySpan<(string, int)>)
            [("appended", 11), ("pending", 6), ("acknowledged", 2), ("forgotten", 2), ("refused", 1), ("attachmentsPending", 1), ("dropped", 0)])
        {
            Assert.Equal(count, shown.GetProperty(name).GetInt32());
        }
        Assert.Equal(refusedId, shown.GetProperty("refusedEvents")[0].GetProperty("id").GetGuid());
        var states = shown.GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("state").GetString()).ToList();
        Assert.Equal((6, 2, 1), (states.Count(state => state == "pending"), states.Count(state => state == "acked"), states.Count(state => state == "refused")));
        Assert.Equal("calls", shown.GetProperty("lanes")[0].GetProperty("lane").GetString());
    }

    private static JsonElement Json(string output) => JsonDocument.Parse(output).RootElement;

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => EdgectlProcess.RunAsync(arguments);
}
