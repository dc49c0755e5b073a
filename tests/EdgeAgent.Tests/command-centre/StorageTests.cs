using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>What both databases do alike.</summary>
public class StorageTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("centre-storage-").FullName;
    private CentreDatabase database = null!;

    private protected string Place { get; private set; } = "";

    private protected string Folder => folder;

    public async Task InitializeAsync()
    {
        Place = await NewPlaceAsync("centre");
        database = Open(Place);
    }

    public virtual Task DisposeAsync()
    {
        database.Checkpoint();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public void A_database_of_a_newer_program_is_refused()
    {
        SetVersion(Place, 99);
        Assert.Contains("version 99", Assert.Throws<CentreException>(() => Open(Place)).Message);
    }

    [Fact]
    public async Task A_database_of_every_earlier_version_is_brought_up_to_date_with_what_it_holds()
    {
        for (var from = 1; from < CentreSchema.Migrations.Count; from++)
        {
            var place = await NewPlaceAsync($"v{from}");
            byte[] one = [1], none = [0], aa = [0xAA], bb = [0xBB];
            Migrate(place, [.. CentreSchema.Migrations.Take(from)], old =>
            {
                old.Execute("INSERT INTO units (unit_id, label, created_at) VALUES ('PB-1', 'Car 1', 1)");
                old.Execute(
                    """
                    INSERT INTO events (event_id, unit_id, incarnation, lane, number, kind, officer_id, captured_at, received_at, payload)
                        VALUES (@one, 'PB-1', @none, 4, 1, 'hazard', '', 1, 7, @none)
                    """,
                    new { one, none });
                old.Execute("INSERT INTO event_attachments VALUES (@aa, @one, 5, 'image/jpeg'), (@bb, @one, 5, 'image/jpeg')", new { aa, bb, one });
                old.Execute("INSERT INTO evidence VALUES (@bb, 5, 'image/jpeg', 'PB-1', 8)", new { bb });
                if (from > 1)
                    old.Execute("INSERT INTO awaited VALUES (@aa, 'PB-1', 7)", new { aa });
            });
            var now = Open(place);
            Assert.Equal((CentreSchema.Migrations.Count, 1), (GetVersion(now), now.Read(c => c.ExecuteScalar<int>("SELECT count(*) FROM events"))));
            Assert.Equal([(aa, 7L)], now.Read(c => c.Query<(byte[], long)>("SELECT sha256, since FROM awaited")));
            now.Checkpoint();
        }
    }

    [Fact]
    public void What_a_unit_owes_is_an_alarm_once_it_has_stood_and_until_it_comes()
    {
        var clock = new Rig.SteppedTime();
        long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
        UnitGaps Gaps()
        {
            clock.Step(4);
            return new UnitGapTable(database, clock).All().GetValueOrDefault("PB-1", UnitGaps.None);
        }
        _ = database.Write(transaction =>
        {
            UnitTable.Register(transaction, "PB-1", "Car 1", 1);
            var lane = LaneLedger.Load(transaction, "PB-1", new byte[16], 1);
            lane.Account(1, 1);
            lane.Account(5, 5);
            lane.Save(Now());
            EvidenceTable.Await(transaction, [1], "PB-1", Now());
            return 0;
        });
        Assert.Equal(UnitGaps.None, Gaps());
        clock.Step(UnitGapTable.MissingFor.TotalSeconds);
        Assert.Equal(new UnitGaps(3, 0, 0), Gaps());
        clock.Step(UnitGapTable.AwaitedFor.TotalSeconds);
        Assert.Equal(new UnitGaps(3, 1, 0), Gaps());
        _ = database.Write(transaction =>
        {
            _ = EvidenceTable.Complete(transaction, [1], 5, "image/jpeg", "PB-1", Now());
            // What is here already is not waited for.
            EvidenceTable.Await(transaction, [1], "PB-1", 1);
            var lane = LaneLedger.Load(transaction, "PB-1", new byte[16], 1);
            lane.Account(2, 3);
            lane.Save(Now());
            return 0;
        });
        // What is left of the gap was noticed anew.
        clock.Step(UnitGapTable.MissingFor.TotalSeconds);
        Assert.Equal(new UnitGaps(1, 0, 0), Gaps());
    }

    [Fact]
    public void Audit_rows_can_be_neither_changed_nor_deleted()
    {
        _ = database.Write(transaction =>
        {
            AuditTable.Add(transaction, new AuditRow("a", "b", "c", "d"), 1);
            return 0;
        });
        using var connection = database.Connect();
        foreach (var act in ForbiddenActs)
            Assert.Contains("audit rows are never", Assert.ThrowsAny<DbException>(() => connection.Execute(act)).Message);
        Assert.Equal(1, connection.ExecuteScalar<int>("SELECT count(*) FROM audit WHERE actor = 'a'"));
    }

    [Fact]
    public async Task Two_servers_that_write_at_once_give_no_number_twice_and_see_each_gap()
    {
        var beside = Open(Place);
        await using (var one = new CommitQueue(database))
        await using (var two = new CommitQueue(beside))
        {
            using var sealing = new Sealing(Sealing.NewKey());
            var requests = new RequestTable(sealing);
            _ = database.Write(transaction =>
            {
                UnitTable.Register(transaction, "PB-1", "x", 1);
                return 0;
            });
            var works = Enumerable.Range(0, 200).SelectMany(at => (Task<string>[])
            [
                (at % 2 == 0 ? one : two).CommitAsync(t => requests.Add(t, new RequestRow { Kind = "access", Channel = "letter", ReceivedOn = "2026-01-01", DueOn = "2026-01-22" }, "a", "b", 2026)),
                (at % 2 == 0 ? two : one).CommitAsync(t => $"{OfficerTable.NextVersion(t, "PB-1", 1, 2)}"),
                (at % 2 == 0 ? one : two).CommitOfUnitAsync("PB-1", t =>
                {
                    var lane = LaneLedger.Load(t, "PB-1", new byte[16], 1);
                    lane.Account((at * 2) + 1, (at * 2) + 1);
                    lane.Save(at);
                    return "lane";
                }),
            ]).ToList();
            var made = await Task.WhenAll(works);
            Assert.Equal(Enumerable.Range(1, 200).Select(n => $"R-2026-{n:000000}"), made.Where(m => m.StartsWith("R-", StringComparison.Ordinal)).Order());
            Assert.Equal(Enumerable.Range(1, 200).Select(n => $"{n}"), made.Where(m => char.IsAsciiDigit(m[0])).OrderBy(int.Parse));
        }
        var missing = database.Write(t => LaneLedger.Load(t, "PB-1", new byte[16], 1)).Missing;
        Assert.Equal(Enumerable.Range(1, 199).Select(n => (n * 2L, n * 2L)), missing.SelectMany(r => Numbers(r)).Select(n => (n, n)));
        beside.Checkpoint();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public void The_ledger_of_a_lane_knows_exactly_what_is_missing_in_any_order_of_arrival(int seed)
    {
        var random = new Random(seed);
        _ = database.Write(transaction =>
        {
            UnitTable.Register(transaction, "PB-1", "x", 1);
            return 0;
        });
        var here = new HashSet<long>();
        for (var step = 0; step < 300; step++)
        {
            var from = random.Next(1, 200);
            var to = random.Next(8) == 0 ? from + random.Next(0, 12) : from;
            for (var number = from; number <= to; number++)
                _ = here.Add(number);
            _ = database.Write(transaction =>
            {
                var ledger = LaneLedger.Load(transaction, "PB-1", new byte[16], 1);
                ledger.Account(from, to);
                ledger.Save(step);
                return 0;
            });
            var missing = Enumerable.Range(1, (int)here.Max()).Select(number => (long)number).Where(number => !here.Contains(number)).ToList();
            var known = database.Write(transaction => LaneLedger.Load(transaction, "PB-1", new byte[16], 1));
            Assert.True(missing.SequenceEqual(known.Missing.SelectMany(Numbers)), $"seed {seed}, step {step}");
            Assert.Equal(missing.Count > 0 ? missing[0] - 1 : here.Max(), known.Contiguous);
        }
    }

    [Fact]
    public async Task Works_that_wait_share_commits_and_one_that_fails_takes_no_other_with_it()
    {
        await using var commits = new CommitQueue(database);
        var works = Enumerable.Range(0, 2000).Select(at => commits.CommitAsync(transaction =>
        {
            UnitTable.Register(transaction, $"PB-{at}", "x", at);
            return at % 100 == 50 ? throw new InvalidDataException("no") : at;
        })).ToList();
        var failed = 0;
        foreach (var work in works)
        {
            try
            {
                _ = await work;
            }
            catch (InvalidDataException)
            {
                failed++;
            }
        }
        Assert.Equal(20, failed);
        Assert.Equal(1980, database.Read(c => c.ExecuteScalar<long>("SELECT count(*) FROM units")));
        Assert.InRange(commits.Commits, 1, 1000);
    }

    private protected virtual IReadOnlyList<string> ForbiddenActs => ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"];

    private protected virtual Task<string> NewPlaceAsync(string name) => Task.FromResult(Path.Combine(folder, $"{name}.db"));

    private protected virtual CentreDatabase Open(string place) => CentreDatabase.Open(place);

    private protected virtual void Migrate(string place, IReadOnlyList<string> scripts, Action<DbConnection> fill)
    {
        using var old = new SqliteConnection($"Data Source={place};Pooling=False");
        old.Open();
        SqliteCentreDatabase.Migrate(old, scripts);
        fill(old);
    }

    private protected virtual void SetVersion(string place, int version) => database.Read(c => c.Execute($"PRAGMA user_version = {version}"));

    private protected virtual int GetVersion(CentreDatabase of) => of.Read(c => c.ExecuteScalar<int>("PRAGMA user_version"));

    private static IEnumerable<long> Numbers((long From, long To) range)
    {
        for (var number = range.From; number <= range.To; number++)
            yield return number;
    }
}
