using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class StorageTestsOnPostgres : StorageTests
{
    private readonly List<string> places = [];

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var place in places)
            await (await PostgresForTests.StartedAsync()).DropAsync(place);
    }

    [Fact]
    public void Every_connection_commits_before_it_answers() =>
        Assert.Equal("on", Open(Place).Read(c => c.ExecuteScalar<string>("SHOW synchronous_commit")));

    [Fact]
    public async Task Works_that_stand_in_each_others_way_are_done_again_and_all_are_done()
    {
        var (database, beside) = (Open(Place), Open(Place));
        _ = database.Write(transaction =>
        {
            UnitTable.Register(transaction, "PB-1", "x", 1);
            UnitTable.Register(transaction, "PB-2", "x", 1);
            return 0;
        });
        await using (var one = new CommitQueue(database))
        await using (var two = new CommitQueue(beside))
        {
            // The rows of two units in opposite orders: a deadlock, sooner or later.
            int Both(DbTransaction t, string first, string second) => UnitTable.SeenLast(t, first, 1) + UnitTable.SeenLast(t, second, 2);
            var works = Enumerable.Range(0, 200).SelectMany(_ => (Task<int>[])
                [one.CommitOfUnitAsync("a", t => Both(t, "PB-1", "PB-2")), two.CommitOfUnitAsync("b", t => Both(t, "PB-2", "PB-1"))]);
            Assert.All(await Task.WhenAll(works), changed => Assert.Equal(2, changed));
        }
        database.Checkpoint();
        beside.Checkpoint();
    }

    [Fact]
    public void One_task_is_held_by_one_gateway_at_a_time()
    {
        var (here, there) = (Open(Place), Open(Place));
        using (var held = here.TryHold("sweep"))
        {
            Assert.NotNull(held);
            Assert.Null(there.TryHold("sweep"));
            using var other = there.TryHold("another task");
            Assert.NotNull(other);
        }
        using var next = there.TryHold("sweep");
        Assert.NotNull(next);
        here.Checkpoint();
    }

    private protected override IReadOnlyList<string> ForbiddenActs => [.. base.ForbiddenActs, "TRUNCATE audit", "DELETE FROM audit WHERE seq < 0"];

    private protected override async Task<string> NewPlaceAsync(string name)
    {
        places.Add(await (await PostgresForTests.StartedAsync()).NewDatabaseAsync());
        return places[^1];
    }

    private protected override CentreDatabase Open(string place) => PostgresCentreDatabase.OpenServer(place);

    private protected override void Migrate(string place, IReadOnlyList<string> scripts, Action<DbConnection> fill)
    {
        using var source = Npgsql.NpgsqlDataSource.Create(place);
        using var old = source.OpenConnection();
        PostgresSchema.Migrate(old, scripts);
        fill(old);
    }

    private protected override void SetVersion(string place, int version) => Open(place).Write(t => t.Connection!.Execute("UPDATE schema_version SET version = @to", new { to = (long)version }, t));

    private protected override int GetVersion(CentreDatabase of) => of.Read(c => c.ExecuteScalar<int>("SELECT version FROM schema_version"));
}
