using System.Security.Cryptography;
using System.Text.Json;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>A test that a machine's own TPM would keep a key of.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NoTpmFactAttribute : FactAttribute
{
    public NoTpmFactAttribute()
    {
        if (File.Exists(Tpm.DeviceFile))
            Skip = $"This machine has a TPM ({Tpm.DeviceFile}).";
    }
}

/// <summary>The program itself beside a TPM.</summary>
[Collection(TpmCollection.Name)]
public sealed class TpmProvisionTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly TestPki pki = new();

    public void Dispose()
    {
        pki.Dispose();
        directory.Dispose();
    }

    [TpmFact]
    public async Task Given_a_TPM_the_key_is_born_in_it_and_the_identity_says_so()
    {
        await using var tpm = await TestTpm.StartAsync();
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Enrolment.UnitsByCode["A"] = "PB-0001";
        var (exitCode, _, error) = await EdgectlProcess.RunAsync(Provision(centre, "--tpm-tcti", tpm.Tcti));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.False(File.Exists(directory.At("identity/key.pem")));

        (exitCode, var output, error) = await EdgectlProcess.RunAsync("identity", "--data", directory.Path, "--json");
        Assert.Equal((0, ""), (exitCode, error));
        var shown = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("tpm", tpm.Tcti), (shown.GetProperty("key").GetString(), shown.GetProperty("tpm").GetProperty("tcti").GetString()));
        (_, output, _) = await EdgectlProcess.RunAsync("identity", "--data", directory.Path);
        Assert.Contains($"its key lies in the TPM ({tpm.Tcti}, {shown.GetProperty("tpm").GetProperty("handle").GetString()})", output, StringComparison.Ordinal);

        await tpm.UnplugAsync();
        (exitCode, output, error) = await EdgectlProcess.RunAsync("identity", "--data", directory.Path, "--json");
        Assert.Equal((1, "tpm_unavailable"), (exitCode, JsonDocument.Parse(output).RootElement.GetProperty("error").GetString()));
        // The way to the software TPM has a line of its own to say before.
        Assert.StartsWith("The unit's key lies in the TPM, but none answers at", error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [TpmFact]
    public async Task A_TPM_that_was_asked_for_and_does_not_answer_or_has_no_tools_ends_it_in_a_sentence()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Enrolment.UnitsByCode["A"] = "PB-0001";
        foreach (var (path, said) in new (string?, string)[] { (null, "had nothing from the TPM"), ("/nonexistent", "apt-get install tpm2-tools") })
        {
            var (exitCode, output, error) = await EdgectlProcess.RunAsync(Provision(centre, "--key", "tpm", "--tpm-tcti", "device:/dev/no-such-tpm", "--json"), path);
            Assert.Equal((1, "tpm_unavailable"), (exitCode, JsonDocument.Parse(output).RootElement.GetProperty("error").GetString()));
            Assert.Contains(said, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
        Assert.Equal(0, centre.Enrolment.Asked);
    }

    [NoTpmFact]
    public async Task Without_a_TPM_it_takes_a_file_and_warns_once()
    {
        await using var centre = await TestCentre.StartAsync(pki);
        centre.Enrolment.UnitsByCode["A"] = "PB-0001";
        var (exitCode, _, error) = await EdgectlProcess.RunAsync(Provision(centre));
        Assert.Equal(0, exitCode);
        Assert.StartsWith("Warning: there is no TPM", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.True(File.Exists(directory.At("identity/key.pem")));
        (_, var output, _) = await EdgectlProcess.RunAsync("identity", "--data", directory.Path);
        Assert.Contains("its key lies in a file", output, StringComparison.Ordinal);
    }

    private string[] Provision(TestCentre centre, params string[] more) =>
    [
        "provision", "--centre", $"{centre.Address}", "--code", $"A.{Convert.ToHexString(SHA256.HashData(pki.DeviceRoot.RawData))}",
        "--data", directory.Path, .. more,
    ];
}
