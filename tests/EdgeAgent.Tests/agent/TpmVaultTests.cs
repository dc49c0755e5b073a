using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

/// <summary>The vault's key sealed to a TPM.</summary>
[Collection(TpmCollection.Name)]
public sealed class TpmVaultTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();

    private string KeyFile => folder.At("vault.key");

    private string SealedFile => folder.At("vault.tpm");

    public void Dispose() => folder.Dispose();

    [TpmFact]
    public async Task The_key_lies_in_no_file_and_opens_what_it_sealed_at_the_next_start()
    {
        await using TestTpm tpm = await TestTpm.StartAsync();
        byte[] closed = Seal(tpm.Tpm, "secret"u8);
        Assert.Equal("secret"u8.ToArray(), Unseal(tpm.Tpm, closed));
        Assert.Equal(["vault.tpm"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SealedFile));
        AssertNowhere(tpm.Tpm.Unseal(File.ReadAllBytes(SealedFile)), folder.Path);
    }

    [TpmFact]
    public async Task Another_TPM_does_not_open_it_nor_this_one_when_it_is_damaged_or_gone()
    {
        await using TestTpm tpm = await TestTpm.StartAsync(), other = await TestTpm.StartAsync();
        byte[] closed = Seal(tpm.Tpm, "secret"u8);
        AssertRefused("this TPM is another one or was cleared", other.Tpm);

        byte[] whole = File.ReadAllBytes(SealedFile);
        File.WriteAllBytes(SealedFile, whole[..^1]);
        AssertRefused("is damaged", tpm.Tpm);
        File.WriteAllBytes(SealedFile, []);
        AssertRefused("is damaged", tpm.Tpm);
        File.WriteAllBytes(SealedFile, tpm.Tpm.Seal(new byte[31]));
        AssertRefused("is damaged", tpm.Tpm);
        File.WriteAllBytes(SealedFile, whole);
        AssertRefused("but the unit's identity is not in one", null);

        File.WriteAllText(folder.At("events.db"), "");
        File.Delete(SealedFile);
        AssertRefused("vault.tpm is missing", tpm.Tpm);
        File.WriteAllBytes(SealedFile, whole);
        Assert.Equal("secret"u8.ToArray(), Unseal(tpm.Tpm, closed));
        await tpm.UnplugAsync();
        Assert.Equal("tpm_unavailable", Assert.Throws<IdentityException>(() => Unseal(tpm.Tpm, closed)).Code);
    }

    [TpmFact]
    public async Task A_key_file_from_before_moves_into_the_TPM_wherever_a_power_cut_falls()
    {
        await using TestTpm tpm = await TestTpm.StartAsync();
        byte[] closed = Seal(null, "secret"u8), key = File.ReadAllBytes(KeyFile);
        File.WriteAllText(folder.At("events.db"), "");
        AssertMoved(tpm, closed, key);
        foreach (byte[] left in (byte[][])[key, new byte[key.Length]]) // cut before it was overwritten, and before it was removed
        {
            WriteKeyFile(left);
            AssertMoved(tpm, closed, key);
        }

        File.Delete(SealedFile); // cut before anything was written
        WriteKeyFile(key);
        AssertMoved(tpm, closed, key);

        WriteKeyFile(RandomNumberGenerator.GetBytes(key.Length));
        AssertRefused("is another key than the one sealed", tpm.Tpm);
        Assert.True(File.Exists(KeyFile));
        Assert.True(File.Exists(SealedFile));
    }

    [TpmFact]
    public async Task A_key_file_stays_when_the_TPM_does_not_take_it()
    {
        await using TestTpm tpm = await TestTpm.StartAsync();
        byte[] closed = Seal(null, "secret"u8);
        await tpm.UnplugAsync();
        Assert.Equal("tpm_unavailable", Assert.Throws<IdentityException>(() => Unseal(tpm.Tpm, closed)).Code);
        Assert.Equal("secret"u8.ToArray(), Unseal(null, closed));
    }

    [TpmFact]
    public async Task A_whole_car_decides_restarts_and_audits_with_both_keys_in_the_TPM()
    {
        await using TestTpm tpm = await TestTpm.StartAsync();
        BenchCar car = await BenchCar.StartAsync(tpm: tpm.Tpm);
        Assert.True(car.TakePlates().Accepted);
        Assert.Equal(HttpStatusCode.OK, (await car.SignInAsync()).StatusCode);
        await using (FakeEyes eyes = await car.EyesAsync())
        await using (Page page = await car.PageAsync())
        {
            await Eventually.HoldsAsync(() => eyes.Seeing.Plates, "eyes look for plates");
            await eyes.SeePlateAsync("京A12345");
            JsonNode alert = await page.UntilAsync("alert");
            Assert.Equal(HttpStatusCode.OK, (await car.DecideAsync((string)alert["id"]!, "confirmed")).StatusCode);
        }
        car = await car.RestartAsync(sameBoot: true);
        SignedEnvelope decision = Assert.Single(car.Events(), e => e.AlertDecided is not null).AlertDecided.Decision;
        Assert.True(Envelopes.VerifySignature(decision, Assert.Single(decision.Signatures), car.Get<UnitIdentity>().Certificate));
        Assert.True(car.VerifyAudit().Whole, car.VerifyAudit().Sentence);
        await car.EndAsync();
        AssertNowhere(tpm.Tpm.Unseal(File.ReadAllBytes(Path.Combine(car.Data, "vault.tpm"))), car.Data);
        AssertNowhere("PRIVATE KEY"u8.ToArray(), car.Data);
        await car.DisposeAsync();
    }

    [TpmFact]
    public async Task The_real_program_runs_with_its_keys_in_the_TPM_and_does_not_start_without_it()
    {
        await using TestTpm tpm = await TestTpm.StartAsync();
        await using BenchCar prepared = await BenchCar.StartAsync(tpm: tpm.Tpm, boot: BootClock.OfThisMachine());
        await prepared.EndAsync();
        await using (HostProcess host = await HostProcess.StartAsync(BenchCar.Options(prepared.Data, null)))
        {
            await host.SignInAsync();
            Assert.True(await host.TerminateAsync(TimeSpan.FromSeconds(15)), "it did not end within 15 s");
            Assert.Equal(0, host.ExitCode);
        }
        await tpm.UnplugAsync();
        using Process process = HostProcess.Run("host", "--config", Path.Combine(prepared.Data, "agent.json"));
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(78, process.ExitCode);
        Assert.Contains($"none answers at {tpm.Tcti}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", said, StringComparison.Ordinal);
    }

    private byte[] Seal(Tpm? tpm, ReadOnlySpan<byte> content)
    {
        using UnitVault vault = UnitVault.Open(folder.Path, NullLogger.Instance, tpm);
        return vault.Seal("p", content);
    }

    private byte[] Unseal(Tpm? tpm, byte[] closed)
    {
        using UnitVault vault = UnitVault.Open(folder.Path, NullLogger.Instance, tpm);
        return vault.Open("p", closed);
    }

    private void WriteKeyFile(byte[] key) => SafeFile.Replace(KeyFile, key);

    private void AssertMoved(TestTpm tpm, byte[] closed, byte[] key)
    {
        Assert.Equal("secret"u8.ToArray(), Unseal(tpm.Tpm, closed));
        Assert.False(File.Exists(KeyFile));
        AssertNowhere(key, folder.Path);
    }

    private void AssertRefused(string said, Tpm? tpm)
    {
        string message = Assert.Throws<InvalidOperationException>(() => UnitVault.Open(folder.Path, NullLogger.Instance, tpm)).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
    }

    private static void AssertNowhere(byte[] secret, string directory) =>
        Assert.All(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".sock", StringComparison.Ordinal)),
            file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(secret)));
}
