using System.Text.Json.Nodes;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.AuditVerifier;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Tests.Rig;
using EdgeAgent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Verifier;

/// <summary>The program itself over chains that the car wrote, as an auditor runs it.</summary>
public sealed class VerifierTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();
    private readonly TestPki pki = new();
    private readonly UnitIdentity unit;

    public VerifierTests() => unit = UnitIdentity.Load(pki.WriteIdentity(folder.At("identity"), "unit-1", new Uri("https://localhost:1")));

    private string Chain => Path.Combine(folder.Path, "audit", "audit.log");

    private string Certificate => Path.Combine(folder.At("identity"), "unit.crt");

    public void Dispose()
    {
        unit.Dispose();
        pki.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_whole_chain_is_told_with_its_head_its_kinds_and_its_receipts()
    {
        ChainHead head = Write(Start, Receipt(new() { Seen = 5, Matched = 1, Deleted = 3, Held = 1, OldestMs = 900 }, new() { Seen = 2, Deleted = 2 }),
            Receipt(new() { Seen = 1, Deleted = 2 }, new()));
        var (code, output, _) = await RunAsync(folder.Path, "--certificate", Certificate, "--head", head.ToString(), "--json");
        JsonNode said = JsonNode.Parse(output)!;
        Assert.Equal((0, true, head.ToString(), 3), (code, (bool)said["whole"]!, (string)said["head"]!, (int)said["records"]!));
        Assert.Equal((1, 2), ((int)said["kinds"]!["start"]!, (int)said["kinds"]!["deletion_receipt"]!));
        Assert.Equal((6, 1, 5, 0, 900), ((int)said["faces"]!["seen"]!, (int)said["faces"]!["matched"]!, (int)said["faces"]!["deleted"]!, (int)said["faces"]!["held"]!, (int)said["faces"]!["oldestMs"]!));
        (code, output, _) = await RunAsync(Chain, "--certificate", Certificate);
        Assert.Equal(0, code);
        Assert.StartsWith("完整 whole: 3:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_unaccounted_for_or_held_too_long_is_named_though_the_chain_is_whole()
    {
        _ = Write(Start, Receipt(new() { Seen = 5, Deleted = 4 }, new()), Receipt(new() { Seen = 1, Deleted = 1 }, new() { Held = 0, OldestMs = 180_001 }));
        var (code, output, _) = await RunAsync(Chain, "--certificate", Certificate, "--json");
        JsonNode said = JsonNode.Parse(output)!;
        Assert.Equal((3, "[2]", "[3]"), (code, said["unbalanced"]!.ToJsonString(), said["keptTooLong"]!.ToJsonString()));
        (code, output, _) = await RunAsync(Chain, "--certificate", Certificate, "--plate-ms", "200000");
        Assert.Equal(3, code);
        Assert.Contains("✗ record 2", output);
        Assert.DoesNotContain("✗ record 3", output);
    }

    [Theory]
    [InlineData(60_000UL, 0)]
    [InlineData(60_001UL, 3)]
    public async Task A_face_that_an_assist_kept_for_more_than_its_minute_is_named(ulong oldestMs, int expected)
    {
        AuditDraft receipt = Receipt(new() { Seen = 1, Deleted = 1 }, new());
        receipt.Receipt!.AssistOldestMs = oldestMs;
        _ = Write(Start, receipt);
        var (code, output, _) = await RunAsync(Chain, "--certificate", Certificate, "--json");
        Assert.Equal((expected, oldestMs), (code, (ulong)JsonNode.Parse(output)!["assistOldestMs"]!));
    }

    [Fact]
    public async Task What_was_held_does_not_outlive_the_process_and_so_not_its_start_record()
    {
        _ = Write(Start, Receipt(new() { Seen = 5, Deleted = 2, Held = 3 }, new()), Start, Receipt(new() { Seen = 1, Deleted = 1 }, new()));
        Assert.Equal(0, (await RunAsync(Chain, "--certificate", Certificate)).Code);
    }

    [Fact]
    public async Task The_first_wrong_record_is_named_and_a_tail_cut_off_shows_by_its_head()
    {
        ChainHead head = Write([.. Enumerable.Repeat(Start, 6)]);
        byte[] good = await File.ReadAllBytesAsync(Chain);
        byte[] bad = [.. good];
        bad[good.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(Chain, bad);
        var (code, output, _) = await RunAsync(Chain, "--certificate", Certificate, "--json");
        Assert.Equal((1, 4), (code, (int)JsonNode.Parse(output)!["atRecord"]!));
        await File.WriteAllBytesAsync(Chain, good[..(good.Length * 5 / 6)]);
        (code, output, _) = await RunAsync(Chain, "--certificate", Certificate, "--head", head.ToString());
        Assert.Equal(1, code);
        Assert.Contains("record 6", output);
        await File.WriteAllBytesAsync(Chain, good);
        Assert.Equal(0, (await RunAsync(Chain, "--certificate", Certificate, "--head", head.ToString())).Code);
        Assert.Equal(1, (await RunAsync(Chain, "--certificate", Certificate, "--head", $"6:{new string('0', 64)}")).Code);
    }

    [Theory]
    [InlineData]
    [InlineData("nothing-there", "--certificate", "nothing-there")]
    [InlineData("a", "b", "--certificate", "c")]
    [InlineData("a", "--certificate", "c", "--head", "12")]
    [InlineData("a", "--certificate", "c", "--face-ms", "soon")]
    [InlineData("a", "--no-such-thing")]
    public async Task Asked_wrongly_it_says_so_in_a_sentence(params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains("See --help.", error);
        Assert.Contains("Exit codes:", (await RunAsync("--help")).Output);
    }

    [Fact]
    public void Bytes_of_any_kind_are_no_more_than_a_finding()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int turn = 0; turn < 2000; turn++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            using var stream = new MemoryStream(bytes);
            Finding finding = new Chain([unit.Certificate], [], _ => { }).Verify(stream);
            Assert.True(bytes.Length == 0 || !finding.IsWhole, $"seed {seed}, turn {turn}");
        }
    }

    [Fact]
    public void It_is_small_and_stands_alone()
    {
        string project = Path.Combine(Repository.Root, "tools", "audit-verifier");
        Assert.InRange(Directory.GetFiles(project, "*.cs").Sum(f => File.ReadAllLines(f).Length), 1, 500);
        string file = File.ReadAllText(Path.Combine(project, "AuditVerifier.csproj"));
        Assert.DoesNotContain("ProjectReference", file);
        Assert.DoesNotContain("PackageReference", file);
    }

    private static AuditDraft Start => new(AuditKind.Start, AuditDraft.System, "", "1", "");

    private static AuditDraft Receipt(KeptCount faces, KeptCount plates) => new(AuditKind.DeletionReceipt, AuditDraft.System, "", "", "")
    {
        Receipt = new Patrol.Dispatch.V1.DeletionReceipt { FromUnixMs = 1, ToUnixMs = 2, Faces = faces, Plates = plates },
    };

    private ChainHead Write(params AuditDraft[] drafts)
    {
        TrustedClock clock = TrustedClock.Open(folder.Path, new BootClock("boot", () => 0), TimeProvider.System);
        using AuditLog log = AuditLog.Open(Path.Combine(folder.Path, "audit"), unit, clock, null, NullLogger.Instance);
        foreach (AuditDraft draft in drafts)
            _ = log.Append(draft);
        return log.Head;
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        Programs.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "audit-verifier.dll"), .. arguments]);
}
