using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Releases;

internal sealed record ReleaseRow
{
    public string Version { get; init; } = "";
    public long SizeBytes { get; init; }
    public byte[] Sha256 { get; init; } = [];
    public long AddedAt { get; init; }
    public int Units { get; init; }
}

/// <summary>Software for cars: taken in once, offered to units, fetched by those that it is offered to and by nobody else.</summary>
internal sealed class ReleaseStore(DataFolder folder, CentreDatabase database)
{
    private const long MostBytes = 4L << 30;
    private const string Columns = "r.version AS Version, r.size_bytes AS SizeBytes, r.sha256 AS Sha256, r.added_at AS AddedAt";

    public IReadOnlyList<ReleaseRow> All() => database.Read(c => c.Query<ReleaseRow>(
        $"SELECT {Columns}, (SELECT count(*) FROM release_offers o WHERE o.version = r.version) AS Units FROM releases r ORDER BY r.added_at, r.version").AsList());

    public static bool Exists(DbTransaction transaction, string version) =>
        transaction.Connection!.ExecuteScalar<long>("SELECT count(*) FROM releases WHERE version = @version", new { version }, transaction) > 0;

    /// <summary>The unit may fetch this version no longer.</summary>
    public static void Withdraw(DbTransaction transaction, string unitId, string version) => transaction.Connection!.Execute(
        "DELETE FROM release_offers WHERE unit_id = @unitId AND version = @version", new { unitId, version }, transaction);

    /// <summary>Copies a bundle in.</summary>
    /// <exception cref="CentreException">Empty, too large, or there is such a version.</exception>
    public ReleaseRow Add(string file, string version, string actor, long nowUnixMs)
    {
        using var source = File.OpenRead(file);
        if (source.Length is 0 or > MostBytes)
            throw new CentreException($"{file} has {source.Length} bytes: a release has 1 to {MostBytes}.");
        if (All().Any(release => release.Version == version))
            throw new CentreException($"There is a release {version}. What was offered once is not changed: give the new one a new version.");
        var sha256 = SHA256.HashData(source);
        source.Position = 0;
        PrivateFiles.CreateFolder(folder.Releases);
        PrivateFiles.Copy(source, PathOf(sha256));
        return database.Write(transaction =>
        {
            var row = new ReleaseRow { Version = version, SizeBytes = source.Length, Sha256 = sha256, AddedAt = nowUnixMs };
            transaction.Connection!.Execute("INSERT INTO releases VALUES (@Version, @SizeBytes, @Sha256, @AddedAt)", row, transaction);
            AuditTable.Add(transaction, new AuditRow(actor, "release_added", version, Convert.ToHexStringLower(sha256)), nowUnixMs);
            return row;
        });
    }

    /// <summary>Offers a release to units, in place of what was offered to them before.</summary>
    /// <exception cref="CentreException">There is no such release or unit.</exception>
    public static void Offer(DbTransaction transaction, CommandTable commands, string version, IReadOnlyList<string> units, bool required, string actor, TimeProvider time)
    {
        var connection = transaction.Connection!;
        var row = connection.QuerySingleOrDefault<ReleaseRow>($"SELECT {Columns} FROM releases r WHERE r.version = @version", new { version }, transaction)
            ?? throw new CentreException($"There is no release {version}. 'releases show' shows those there are.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var unitId in units)
        {
            _ = UnitTable.Require(transaction, unitId);
            connection.Execute(
                "INSERT INTO release_offers VALUES (@unitId, @version, @now) ON CONFLICT (unit_id) DO UPDATE SET version = @version, offered_at = @now",
                new { unitId, version, now }, transaction);
            var command = CommandTable.New(actor, "admin", time);
            command.Release = new ReleaseOffer { Version = version, SizeBytes = (ulong)row.SizeBytes, Sha256 = ByteString.CopyFrom(row.Sha256), Required = required };
            commands.Add(transaction, unitId, command);
            ChangeTable.Note(transaction, ChangeKind.Commands, unitId, now);
            AuditTable.Add(transaction, new AuditRow(actor, "release_offered", $"{unitId} {version}", ""), now);
        }
    }

    /// <summary>The bytes, where this version is what the unit is offered now; null otherwise.</summary>
    public FileStream? Open(string unitId, string version)
    {
        var sha256 = database.Read(c => c.QuerySingleOrDefault<byte[]>(
            "SELECT r.sha256 FROM releases r JOIN release_offers o USING (version) WHERE o.unit_id = @unitId AND o.version = @version", new { unitId, version }));
        return sha256 is null ? null : File.OpenRead(PathOf(sha256));
    }

    private string PathOf(byte[] sha256) => Path.Combine(folder.Releases, $"{Convert.ToHexStringLower(sha256)}.bundle");
}
