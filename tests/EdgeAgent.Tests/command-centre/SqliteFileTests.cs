using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class SqliteFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("centre-file-").FullName;

    [Fact]
    public void Every_connection_commits_with_a_full_sync_and_wipes_what_it_deletes()
    {
        using var connection = CentreDatabase.Open(Path.Combine(folder, "centre.db")).Connect();
        string[] settings = ["journal_mode", "synchronous", "secure_delete", "foreign_keys"];
        Assert.Equal(["wal", "2", "1", "1"], settings.Select(name => connection.ExecuteScalar<string>($"PRAGMA {name}")));
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
}
