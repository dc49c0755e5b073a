using System.Text.Json;
using EdgeAgent.Edgectl.Logs;
using EdgeAgent.Tests.Agent;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Edgectl;

namespace EdgeAgent.Tests.Technician;

/// <summary>`edgectl config check`: the agent's own reading of its options file.</summary>
public sealed class ConfigCheckTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Every_mistake_is_said_at_once_with_its_key_and_no_other()
    {
        var (exitCode, said, _) = await CheckAsync("""
            {
              "DataDirectory": "/var/lib/edge-agent", "Centre": "http://centre", // not https
              "Vision": { "AnalysedFPS": 3, "RingSeconds": "hunter2", "StillFps": 1 },
              "Cameras": [ { "Id": "a b", "Main": 7 }, null, "x", { "Id": "c", "Main": "rtsp://192.0.2.7/1", "Colour": "red" } ],
              "Alerts": null, "AlertLapseSeconds": 5, "Terminal": [], "Gnss": { "Port": 1.5 }, "Gnss": {}
            }
            """);
        Assert.Equal(1, exitCode);
        Assert.False(said.GetProperty("inOrder").GetBoolean());
        Assert.Equal(
            [
                "AlertLapseSeconds", "Alerts", "Cameras[0].Id", "Cameras[0].Main", "Cameras[1]", "Cameras[2]", "Cameras[3].Colour", "Centre", "Gnss", "Gnss.Port",
                "Terminal", "Vision.AnalysedFPS", "Vision.RingSeconds", "Vision.StillFps",
            ],
            Keys(said, "problems").Where(k => k != "Cameras[1].Id" && k != "Cameras[1].Main").Order(StringComparer.Ordinal));
        Assert.Contains("perhaps AnalysedFps is meant", said.GetProperty("problems").ToString());
        Assert.DoesNotContain("hunter2", said.ToString());
    }

    [Theory]
    [InlineData("{ \"DataDirectory\": \"/var/lib/edge-agent\",\n oops", "line 2")]
    [InlineData("[]", "give an object")]
    [InlineData("", "line 1")]
    public async Task A_file_that_is_no_object_is_one_sentence(string content, string sentence)
    {
        var (exitCode, said, _) = await CheckAsync(content);
        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, Assert.Single(said.GetProperty("problems").EnumerateArray()).GetProperty("sentence").GetString());
    }

    [Fact]
    public async Task What_is_unsafe_or_odd_is_warned_of_and_passwords_are_not_shown()
    {
        var file = directory.At("agent.json");
        var (exitCode, said, _) = await CheckAsync("""
            {
              "DataDirectory": "/tmp/car", "Centre": "https://centre.example:8443", "CentreAlsoAt": [ "https://centre.example:8443" ],
              "Terminal": { "Url": "http://0.0.0.0:8088" },
              "Alerts": { "FaceMinWidthPx": 20 },
              "Cameras": [
                { "Id": "a", "LabelZh": "前", "LabelEn": "Front", "Main": "rtsp://admin:admin@192.168.1.7/1", "Sub": "rtsp://admin:s3cr3t@192.168.1.8/2?user=x&password=hunter2" },
                { "Id": "b", "LabelZh": "后", "LabelEn": "Rear", "Main": "rtsp://u:correct%40horse@192.168.1.7/1", "Sub": "rtsp://u:long-one@192.168.1.7/2", "Ptz": "http://192.168.1.9/onvif", "PtzUser": "u", "PtzPassword": "battery-staple" }
              ]
            }
            """);
        Assert.Equal(0, exitCode);
        Assert.Subset(
            new HashSet<string> { "DataDirectory", "CentreAlsoAt", "Terminal.Url", "Alerts.FaceMinWidthPx", "Cameras[0].Main", "Cameras[0].Sub", "Cameras[1].Ptz", "Cameras" },
            Keys(said, "warnings").ToHashSet());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        (_, said, _) = await AtTheBox.RunAsync("config", "check", "--config", file, "--agent", AtTheBox.Agent);
        Assert.Contains("every user of this box can read it", said.GetProperty("warnings").ToString());
        Assert.Equal("rtsp://192.168.1.8/2", said.GetProperty("settings").GetProperty("Cameras[0].Sub").GetString());
        foreach (var secret in (string[])["hunter2", "s3cr3t", "admin:", "correct", "horse", "battery", "\"u\""])
            Assert.DoesNotContain(secret, said.ToString());
    }

    [Fact]
    public async Task A_plain_car_has_no_warnings_and_words_say_so()
    {
        var (exitCode, _, _) = await CheckAsync("""
            {
              "DataDirectory": "/var/lib/edge-agent", "Centre": "https://centre.example:8443",
              "Cameras": [ { "Id": "a", "LabelZh": "前", "LabelEn": "Front", "Main": "rtsp://u:long-one@192.168.1.7/1", "Sub": "rtsp://u:long-one@192.168.1.7/2" } ]
            }
            """);
        Assert.Equal(0, exitCode);
        var (_, output, _) = await EdgectlProcess.RunAsync("config", "check", "--config", directory.At("agent.json"), "--agent", AtTheBox.Agent);
        Assert.Equal($"{directory.At("agent.json")} is in order: 0 warnings.", output.Trim());
    }

    [Fact]
    public async Task Without_an_agent_there_is_one_sentence()
    {
        var (exitCode, said, error) = await AtTheBox.RunAsync("config", "check", "--config", directory.At("none.json"), "--agent", directory.At("no-agent"));
        Assert.Equal((1, "failed"), (exitCode, said.GetProperty("error").GetString()));
        Assert.Contains("--agent", error);
    }

    [Fact]
    public async Task The_running_agent_says_its_lists_without_an_entry_and_its_stages_by_names_that_logs_know()
    {
        await using var car = await BenchCar.StartAsync();
        Assert.True(car.TakePlates().Accepted);
        Assert.False(car.TakePlates(list => (list.ListId, list.LegalReference) = ("bad-1", "")).Accepted);
        await AtTheBox.DoorOpenAsync(car);
        var (exitCode, said, _) = await AtTheBox.RunAsync("lists", "--data", car.Data);
        Assert.Equal(0, exitCode);
        var lists = said.GetProperty("lists").EnumerateArray().ToDictionary(l => l.GetProperty("listId").GetString()!);
        Assert.Equal(("loaded", 2, "市公安局刑侦支队"), (lists["stolen-1"].GetProperty("state").GetString(), lists["stolen-1"].GetProperty("entries").GetInt32(), lists["stolen-1"].GetProperty("authority").GetString()));
        Assert.Equal(("refused", "no_legal_reference"), (lists["bad-1"].GetProperty("state").GetString(), lists["bad-1"].GetProperty("code").GetString()));
        Assert.DoesNotContain("12345", said.ToString());
        Assert.DoesNotContain("被盗", said.ToString());
        var (_, output, _) = await EdgectlProcess.RunAsync("lists", "--data", car.Data);
        Assert.Contains("stolen-1 version 3: loaded, stolen_vehicle plates, 2 entries", output);
        Assert.Equal(
            car.Get<EdgeAgent.Agent.Hosting.StageTable>().Rows.Select(r => r.Stage.Row.Name).Order(), LogStages.Names.Order());
    }

    [Fact]
    public async Task Where_no_agent_runs_nothing_is_made_up()
    {
        var (exitCode, said, _) = await AtTheBox.RunAsync("lists", "--data", directory.Path);
        Assert.Equal((1, "agent_not_running"), (exitCode, said.GetProperty("error").GetString()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    private async Task<(int ExitCode, JsonElement Said, string Error)> CheckAsync(string content)
    {
        File.WriteAllText(directory.At("agent.json"), content);
        File.SetUnixFileMode(directory.At("agent.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await AtTheBox.RunAsync("config", "check", "--config", directory.At("agent.json"), "--agent", AtTheBox.Agent);
    }

    private static IEnumerable<string> Keys(JsonElement said, string of) => said.GetProperty(of).EnumerateArray().Select(p => p.GetProperty("key").GetString()!);
}
