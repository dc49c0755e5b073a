using System.Diagnostics;
using System.Text.Json;
using EdgeAgent.Tests.CommandCentre;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>A technician is root and the agent is not: what edgectl writes into the agent's folder is the agent's.</summary>
public sealed class OwnerTests : IDisposable
{
    private const string Agent = "12345";

    private readonly TemporaryDirectory place = new();

    public void Dispose() => place.Dispose();

    [RootFact]
    public async Task What_root_enrols_belongs_to_the_user_of_the_data_folder()
    {
        string data = place.At("data"), program = place.At("edgectl");
        Directory.CreateDirectory(data);
        // As installed: readable by everybody, which a checkout need not be.
        await DoAsync("cp", "-rL", Path.Combine(Repository.Root, "artifacts/bin/Edgectl/release"), program);
        await DoAsync("chmod", "-R", "a+rX", place.Path);
        await DoAsync("chown", $"{Agent}:{Agent}", data);
        await using var centre = await CentreUnderTest.StartAsync();
        var code = JsonDocument.Parse((await centre.CommandAsync(null, "enrol", "--unit", "PB-1", "--label", "one")).Output).RootElement.GetProperty("code").GetString()!;
        await DoAsync(Path.Combine(program, "edgectl"), "provision", "--centre", $"{centre.Grpc}", "--code", code, "--data", data, "--key", "file", "--json");
        string[] owners = (await DoAsync("find", data, "-printf", "%U:%G ")).Trim().Split(' ');
        Assert.True(owners.Length > 5);
        Assert.All(owners, owner => Assert.Equal($"{Agent}:{Agent}", owner));
    }

    private static async Task<string> DoAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {output}{await error}");
        return output;
    }
}
