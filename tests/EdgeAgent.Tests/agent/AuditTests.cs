using System.Security.Cryptography;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Tests.DispatchClient;
using Microsoft.Extensions.Logging.Abstractions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.Agent;

public sealed class AuditTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();
    private readonly TestPki pki = new();
    private readonly UnitIdentity unit;
    private readonly TrustedClock clock;

    public AuditTests()
    {
        unit = UnitIdentity.Load(pki.WriteIdentity(folder.At("identity"), "unit-1", new Uri("https://localhost:1")));
        clock = TrustedClock.Open(folder.Path, new BootClock("boot", () => 0), TimeProvider.System);
    }

    private string Chain => Path.Combine(folder.Path, "audit", "audit.log");

    [Fact]
    public void Every_edit_of_any_byte_is_found()
    {
        Write(20);
        byte[] good = File.ReadAllBytes(Chain);
        ChainHead head = Verify(good).Head;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int turn = 0; turn < 400; turn++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(Verify(bad, head).Whole, $"seed {seed}, turn {turn}");
        }
    }

    [Fact]
    public void Dropped_repeated_swapped_and_cut_records_are_found()
    {
        Write(12);
        byte[][] records = Split(File.ReadAllBytes(Chain));
        ChainHead head = Verify(Join(records)).Head;
        Assert.True(Verify(Join(records), head).Whole);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int turn = 0; turn < 100; turn++)
        {
            int at = random.Next(records.Length - 1);
            List<byte[]> dropped = [.. records], repeated = [.. records], swapped = [.. records];
            dropped.RemoveAt(at);
            repeated.Insert(at, records[at]);
            (swapped[at], swapped[at + 1]) = (swapped[at + 1], swapped[at]);
            foreach (List<byte[]> bad in (List<byte[]>[])[dropped, repeated, swapped])
                Assert.False(Verify(Join(bad), head).Whole, $"seed {seed}, turn {turn}");
        }
        Assert.Equal("cut_off", Verify(Join(records[..^1]), head).Code);
        Assert.Equal("cut_off", Verify([], head).Code);
    }

    [Fact]
    public void A_whole_chain_rewritten_with_another_key_is_found()
    {
        Write(5);
        using var other = UnitIdentity.Load(pki.WriteIdentity(folder.At("other"), "unit-1", new Uri("https://localhost:1")));
        using FileStream file = File.OpenRead(Chain);
        Assert.Equal("bad_signature", AuditChain.Verify(file, other.Certificate).Code);
    }

    [Fact]
    public void A_history_rewritten_with_the_units_own_key_differs_from_the_heads_outside()
    {
        Write(6);
        ChainHead witnessed = Verify(File.ReadAllBytes(Chain)).Head;
        File.Delete(Chain);
        Write(9, "rewritten");
        Assert.Equal("other_history", Verify(File.ReadAllBytes(Chain), witnessed).Code);
    }

    [Fact]
    public void A_torn_tail_is_set_aside_named_and_the_chain_goes_on()
    {
        Write(3);
        byte[] good = File.ReadAllBytes(Chain);
        byte[] last = Split(good)[^1];
        File.WriteAllBytes(Chain, [.. good, .. last[..(last.Length / 2)]]);
        using (AuditLog log = Open())
            Assert.Equal(4UL, log.Head.Sequence);
        string torn = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Chain)!, "torn-*"));
        Assert.Equal(last[..(last.Length / 2)], File.ReadAllBytes(torn));
        Assert.True(Verify(File.ReadAllBytes(Chain)).Whole);
        Assert.Equal(("chain_set_aside", Path.GetFileName(torn)), (Last().Purpose, Last().Subject));
    }

    [Theory]
    [InlineData(0, 4)] // its length
    [InlineData(40, 60)] // what it says
    [InlineData(-50, 50)] // its signature
    [InlineData(0, int.MaxValue)] // all of it: the file grew, nothing was written
    public void A_last_record_of_which_a_power_cut_left_holes_is_set_aside_and_the_chain_goes_on(int from, int length)
    {
        Write(3);
        byte[] good = File.ReadAllBytes(Chain);
        Write(1);
        byte[] spoiled = File.ReadAllBytes(Chain);
        Span<byte> last = spoiled.AsSpan(good.Length);
        Span<byte> behind = last[(from < 0 ? last.Length + from : from)..];
        behind[..Math.Min(length, behind.Length)].Clear();
        File.WriteAllBytes(Chain, spoiled);
        using (AuditLog log = Open())
            Assert.Equal(4UL, log.Head.Sequence);
        Assert.Equal(spoiled[good.Length..], File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Chain)!, "torn-*"))));
        Assert.True(Verify(File.ReadAllBytes(Chain)).Whole);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Chain)!, "broken-*"));
    }

    [Fact]
    public void A_changed_chain_is_kept_aside_and_a_new_one_begins()
    {
        Write(4);
        byte[] bad = File.ReadAllBytes(Chain);
        bad[bad.Length / 2] ^= 1;
        File.WriteAllBytes(Chain, bad);
        using (AuditLog log = Open())
            Assert.Equal(1UL, log.Head.Sequence);
        Assert.Equal(bad, File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Chain)!, "broken-*"))));
    }

    [Fact]
    public void A_record_committed_with_its_event_but_kept_from_the_file_by_a_crash_is_written_at_the_next_start()
    {
        Write(2);
        AuditEntry committed = new();
        using (AuditLog log = Open())
        {
            _ = Assert.Throws<InvalidOperationException>(() => log.AppendWith<int>(new AuditDraft(AuditKind.AlertConfirmed, "o1", "s", "x", ""), (entry, _) =>
            {
                committed = entry;
                throw new InvalidOperationException("the power went after the commit");
            }));
        }
        using (AuditLog log = Open(committed))
            Assert.Equal(3UL, log.Head.Sequence);
        Assert.Equal(AuditKind.AlertConfirmed, Last().Kind);
        using (AuditLog log = Open(committed))
            Assert.Equal(3UL, log.Head.Sequence);
        Assert.True(Verify(File.ReadAllBytes(Chain)).Whole);
    }

    [Fact]
    public async Task The_command_says_whether_a_chain_is_whole()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        using var said = new StringWriter();
        string head = car.Get<AuditLog>().Head.ToString();
        Assert.Equal(0, AuditCommand.Verify(car.Data, null, head, said));
        Assert.Equal(1, AuditCommand.Verify(car.Data, null, $"99:{new string('0', 64)}", said));
        Assert.Equal(2, AuditCommand.Verify(car.Data, null, "99", said));
        Assert.Contains("the witness saw 99", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_centre_is_told_the_head_within_a_minute()
    {
        await using BenchCar car = await BenchCar.StartAsync();
        await Eventually.HoldsAsync(() => car.Get<StageTable>().Snapshot().Any(s => s is { Name: "audit", Condition: StageCondition.Ok }), "the witness looks");
        car.Time.Jump(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync(() => car.Events().Any(e => e.AuditHead is not null), "a head was told");
        AuditHead told = car.Events().First(e => e.AuditHead is not null).AuditHead;
        AuditEntry entry = new();
        using FileStream file = File.Open(Path.Combine(car.Data, "audit", "audit.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        for (ulong i = 0; i < told.Sequence; i++)
            entry = AuditEntry.Parser.ParseDelimitedFrom(file);
        Assert.Equal(SHA256.HashData(entry.Record.Span), told.HeadSha256.ToByteArray());
        Assert.Equal(entry.Signature, told.Signature);
        Assert.Equal(1UL, told.BootCounter);
    }

    public void Dispose()
    {
        unit.Dispose();
        pki.Dispose();
        folder.Dispose();
    }

    private AuditLog Open(AuditEntry? committed = null) => AuditLog.Open(Path.GetDirectoryName(Chain)!, unit, clock, committed, NullLogger.Instance);

    private void Write(int records, string purpose = "p")
    {
        using AuditLog log = Open();
        for (int i = 0; i < records; i++)
            _ = log.Append(new AuditDraft(AuditKind.Check, "o1", "s1", $"subject {i}", purpose));
    }

    private ChainVerdict Verify(byte[] chain, ChainHead? expected = null)
    {
        using var stream = new MemoryStream(chain);
        return AuditChain.Verify(stream, unit.Certificate, expected);
    }

    private AuditRecord Last() => AuditRecord.Parser.ParseFrom(AuditEntry.Parser.ParseDelimitedFrom(new MemoryStream(Split(File.ReadAllBytes(Chain))[^1])).Record);

    private static byte[][] Split(byte[] chain)
    {
        var records = new List<byte[]>();
        using var stream = new MemoryStream(chain);
        while (stream.Position < stream.Length)
            records.Add(AuditChain.Frame(AuditEntry.Parser.ParseDelimitedFrom(stream)));
        return [.. records];
    }

    private static byte[] Join(IEnumerable<byte[]> records) => [.. records.SelectMany(r => r)];
}
