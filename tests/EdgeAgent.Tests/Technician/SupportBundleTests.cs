using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Outbox;
using EdgeAgent.Edgectl.Support;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Edgectl;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Technician;

/// <summary>Each kind of secret is planted in each source of a support bundle of a real car, and does not come out.</summary>
public sealed class SupportBundleTests : IDisposable
{
    private static readonly string Now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    public static TheoryData<string, string> Secrets => new()
    {
        { SecretKinds.Plate, "京A12345" },
        { SecretKinds.Plate, Convert.ToBase64String("plate 京A12345 seen"u8) },
        { SecretKinds.FaceTemplate, Convert.ToBase64String(SecretScanTests.Template(3)) },
        { SecretKinds.FaceTemplate, string.Join(", ", Enumerable.Range(0, 64).Select(i => $"0.0{i + 10}1")) },
        { SecretKinds.Picture, Convert.ToBase64String([0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF"u8, 0, 1]) },
        { SecretKinds.Picture, Convert.ToHexString([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13]) },
        { SecretKinds.Video, Convert.ToBase64String([0, 0, 0, 24, .. "ftypiso5"u8, 0, 0, 2, 0]) },
        { SecretKinds.Key, "-----BEGIN " + "PRIVATE KEY----- not one" },
        { SecretKinds.Key, Convert.ToHexStringLower(SHA256.HashData("a vault's key"u8)) },
        { SecretKinds.Token, "Bearer c29tZXRoaW5nLXNlY3JldA" },
        { SecretKinds.Pin, "PIN 482913" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public async Task A_secret_planted_in_every_source_does_not_come_out(string kind, string secret)
    {
        await using var car = await BenchCar.StartAsync();
        await AtTheBox.DoorOpenAsync(car);
        car.TakePlates(list => list.ListId = secret);
        // It has said that it is well, and says no more.
        car.Get<StageTable>().Rows.Single(r => r.Stage.Row.Name == "technician").Pulse.Degraded($"gone: {secret}");
        Plant(car.Get<OutboxStore>(), secret);
        File.WriteAllText(directory.At("agent.log"), $"""
            {Now} info: EdgeAgent.Agent.A[4001] in order
            {Now} info: EdgeAgent.Agent.A[4002] held {secret}
            {secret}
            """);
        File.WriteAllText(directory.At("kernel.log"), $"[1.0] usb 1-1: new device\n[2.0] usb 1-1: SerialNumber: {secret}\n[3.0] audit: {secret}\n");
        var options = AtTheBox.OptionsFile(car, o => o with { Cameras = [.. o.Cameras.Select(c => c with { LabelEn = secret })] });

        var (exitCode, said, error) = await BundleAsync(car.Data, options);
        Assert.True(exitCode == 0, error);
        var files = Unpack();
        Assert.All(files, f => Assert.DoesNotContain(secret, Encoding.UTF8.GetString(f.Value)));
        Assert.All(files.Where(f => f.Key != SupportBundle.ManifestName), f => Assert.Empty(new SecretScan([.. ModelHashes(car)]).Find(f.Value)));
        var leftOut = said.GetProperty("leftOut").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("why").ToString());
        Assert.All((string[])["settings.json", "stages.json", "lists.json", "counts.json"], name => Assert.Contains(kind, leftOut[name]));
        Assert.All((string[])["agent.log", "kernel.log"], name => Assert.True(said.GetProperty("linesLeftOut").GetProperty(name).GetProperty(kind).GetInt32() == 1, name));
        Assert.Contains("in order", Encoding.UTF8.GetString(files["agent.log"]));
        Assert.Contains("new device", Encoding.UTF8.GetString(files["kernel.log"]));
    }

    [Fact]
    public async Task A_car_in_order_gives_all_of_it_with_hashes_that_hold_and_none_of_its_secrets()
    {
        await using var car = await BenchCar.StartAsync();
        await AtTheBox.DoorOpenAsync(car);
        Assert.True(car.TakePlates().Accepted);
        Assert.True(car.TakeFaces().Accepted);
        File.WriteAllText(directory.At("agent.log"), $"{Now} info: EdgeAgent.Agent.A[4001] in order\n");
        File.WriteAllText(directory.At("kernel.log"), "[1.0] usb 1-1: new device\n");
        var options = AtTheBox.OptionsFile(car, o => o with { Cameras = [.. o.Cameras.Select(c => c with { Main = "rtsp://admin:hunter2@127.0.0.1:1/1", PtzPassword = "hunter2", PtzUser = "admin" })] });
        var (exitCode, said, _) = await BundleAsync(car.Data, options);
        Assert.Equal(0, exitCode);
        Assert.Equal("[]", said.GetProperty("leftOut").ToString());
        var files = Unpack();
        Assert.Equal(
            ["agent.log", "counts.json", "kernel.log", "lists.json", "machine.json", "manifest.json", "settings.json", "stages.json", "versions.json"], files.Keys.Order());
        var manifest = JsonDocument.Parse(files[SupportBundle.ManifestName]).RootElement;
        Assert.Equal(BenchCar.UnitId, manifest.GetProperty("unitId").GetString());
        Assert.All(manifest.GetProperty("files").EnumerateArray(), f =>
            Assert.Equal(f.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(files[f.GetProperty("name").GetString()!]))));
        Assert.Equal(said.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(directory.At("bundle.tar.gz")))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.At("bundle.tar.gz")));
        var key = Convert.ToHexStringLower(File.ReadAllBytes(Path.Combine(car.Data, "vault.key")));
        foreach (var secret in (string[])["hunter2", "京A12345", "PRIVATE", key, "市公安局", BenchCar.Pin])
            Assert.All(files, f => Assert.DoesNotContain(secret, Encoding.UTF8.GetString(f.Value)));
        Assert.Contains("\"gnss\"", Encoding.UTF8.GetString(files["stages.json"]));
    }

    [Fact]
    public async Task Without_a_running_agent_and_an_outbox_the_rest_comes_and_what_lacks_is_named()
    {
        File.WriteAllText(directory.At("kernel.log"), "");
        var (exitCode, said, _) = await BundleAsync(directory.At("data"), directory.At("agent.json"));
        Assert.Equal(0, exitCode);
        var leftOut = said.GetProperty("leftOut").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(["agent.log", "counts.json", "lists.json", "stages.json"], leftOut.Keys.Order());
        Assert.All(leftOut.Values, f => Assert.NotEmpty(f.GetProperty("sentence").GetString()!));
    }

    private static void Plant(OutboxStore outbox, string secret)
    {
        var refused = outbox.Append(TestOutbox.Note("nothing"));
        _ = outbox.Lease(100_000, int.MaxValue);
        _ = outbox.Acknowledge([TestOutbox.Ack(refused, AckStatus.Refused, secret, secret)]);
        outbox.ReleaseLeases();
    }

    private static IEnumerable<string> ModelHashes(BenchCar car) => car.Get<EdgeAgent.Vision.Inference.ModelStore>().Entries.Select(m => m.Sha256);

    private async Task<(int ExitCode, JsonElement Said, string Error)> BundleAsync(string data, string options) => await AtTheBox.RunAsync(
        "support-bundle", "--data", data, "--config", options, "--agent", AtTheBox.Agent, "--log-file", directory.At("agent.log"),
        "--hours", "720", "--kernel-log", directory.At("kernel.log"), "--base", directory.At("no-slots"), "--out", directory.At("bundle.tar.gz"));

    private SortedDictionary<string, byte[]> Unpack()
    {
        using var packed = new GZipStream(File.OpenRead(directory.At("bundle.tar.gz")), CompressionMode.Decompress);
        using var tar = new TarReader(packed);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }
}
