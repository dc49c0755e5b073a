using EdgeAgent.CommandCentre.Storage;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class StorageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("centre-storage-").FullName;

    [Fact]
    public void A_database_of_a_newer_program_is_refused()
    {
        var path = Path.Combine(folder, "centre.db");
        var database = CentreDatabase.Open(path);
        using (var connection = database.Connect())
            Dapper.SqlMapper.Execute(connection, "PRAGMA user_version = 99");
        Assert.Contains("version 99", Assert.Throws<CentreException>(() => CentreDatabase.Open(path)).Message);
    }

    [Fact]
    public void A_database_of_every_earlier_version_is_brought_up_to_date_with_what_it_holds()
    {
        for (var from = 1; from < CentreSchema.Migrations.Count; from++)
        {
            var path = Path.Combine(folder, $"v{from}.db");
            using (var old = new SqliteConnection($"Data Source={path};Pooling=False"))
            {
                old.Open();
                CentreSchema.Migrate(old, [.. CentreSchema.Migrations.Take(from)]);
                Dapper.SqlMapper.Execute(old, """
                    INSERT INTO units (unit_id, label, created_at) VALUES ('PB-1', 'Car 1', 1);
                    INSERT INTO events (event_id, unit_id, incarnation, lane, number, kind, officer_id, captured_at, received_at, payload)
                        VALUES (x'01', 'PB-1', x'00', 4, 1, 'hazard', '', 1, 7, x'00');
                    INSERT INTO event_attachments VALUES (x'AA', x'01', 5, 'image/jpeg'), (x'BB', x'01', 5, 'image/jpeg');
                    INSERT INTO evidence VALUES (x'BB', 5, 'image/jpeg', 'PB-1', 8);
                    """);
                if (from > 1)
                    Dapper.SqlMapper.Execute(old, "INSERT INTO awaited VALUES (x'AA', 'PB-1', 7)");
            }
            using var now = CentreDatabase.Open(path).Connect();
            Assert.Equal(CentreSchema.Migrations.Count, Dapper.SqlMapper.ExecuteScalar<int>(now, "PRAGMA user_version"));
            Assert.Equal("AA 7", Dapper.SqlMapper.ExecuteScalar<string>(now, "SELECT group_concat(hex(sha256) || ' ' || since) FROM awaited"));
            Assert.Equal(1, Dapper.SqlMapper.ExecuteScalar<int>(now, "SELECT count(*) FROM events"));
            SqliteConnection.ClearPool((SqliteConnection)now);
        }
    }

    [Fact]
    public void What_a_unit_owes_is_an_alarm_once_it_has_stood_and_until_it_comes()
    {
        var clock = new Rig.SteppedTime();
        var database = CentreDatabase.Open(Path.Combine(folder, "owed.db"));
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
        database.Checkpoint();
    }

    [Fact]
    public void Every_connection_commits_with_a_full_sync_and_wipes_what_it_deletes()
    {
        using var connection = CentreDatabase.Open(Path.Combine(folder, "centre.db")).Connect();
        string[] settings = ["journal_mode", "synchronous", "secure_delete", "foreign_keys"];
        Assert.Equal(["wal", "2", "1", "1"], settings.Select(name => Dapper.SqlMapper.ExecuteScalar<string>(connection, $"PRAGMA {name}")));
    }

    [Fact]
    public void Audit_rows_can_be_neither_changed_nor_deleted()
    {
        var database = CentreDatabase.Open(Path.Combine(folder, "centre.db"));
        _ = database.Write(transaction =>
        {
            AuditTable.Add(transaction, new AuditRow("a", "b", "c", "d"), 1);
            return 0;
        });
        using var connection = database.Connect();
        Assert.Throws<SqliteException>(() => Dapper.SqlMapper.Execute(connection, "UPDATE audit SET actor = 'x'"));
        Assert.Throws<SqliteException>(() => Dapper.SqlMapper.Execute(connection, "DELETE FROM audit"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public void The_ledger_of_a_lane_knows_exactly_what_is_missing_in_any_order_of_arrival(int seed)
    {
        var random = new Random(seed);
        var database = CentreDatabase.Open(Path.Combine(folder, "centre.db"));
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
        var database = CentreDatabase.Open(Path.Combine(folder, "centre.db"));
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
        Assert.Equal(1980, database.Read(c => Dapper.SqlMapper.ExecuteScalar<long>(c, "SELECT count(*) FROM units")));
        Assert.InRange(commits.Commits, 1, 1000);
    }

    [Fact]
    public void A_sealed_field_opens_only_with_its_key_and_unchanged()
    {
        using var sealing = new Sealing(Sealing.NewKey());
        using var other = new Sealing(Sealing.NewKey());
        var box = sealing.Seal("京A12345"u8);
        Assert.Equal("京A12345"u8.ToArray(), sealing.Open(box));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => other.Open(box));
        box[^1] ^= 1;
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => sealing.Open(box));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => sealing.Open([1, 2, 3]));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private static IEnumerable<long> Numbers((long From, long To) range)
    {
        for (var number = range.From; number <= range.To; number++)
            yield return number;
    }
}
