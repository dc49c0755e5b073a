using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record ListRow
{
    public string ListId { get; init; } = "";
    public long Version { get; init; }
    public int Kind { get; init; }
    public int Category { get; init; }
    public string TitleZh { get; init; } = "";
    public string TitleEn { get; init; } = "";
    public string Authority { get; init; } = "";
    public string LegalReference { get; init; } = "";
    public int Entries { get; init; }
    public long IssuedAt { get; init; }
    public long ValidTo { get; init; }
    public long SizeBytes { get; init; }
    public byte[] Sha256 { get; init; } = [];
    public long? RevokedAt { get; init; }
    public string? RevokeReason { get; init; }
}

internal sealed record DeltaRow
{
    public string ListId { get; init; } = "";
    public long Version { get; init; }
    public long FromVersion { get; init; }
    public int Kind { get; init; }
    public long SizeBytes { get; init; }
    public byte[] Sha256 { get; init; } = [];
}

/// <summary>Issued lists. Of each only the newest version keeps its bytes, and only while it is valid; with it the last deltas that led to it.</summary>
internal sealed class ListTable(CentreDatabase database, Sealing sealing)
{
    private const int DeltasKept = 16;

    private const string Newest = """
        SELECT l.list_id AS ListId, l.version AS Version, l.kind AS Kind, l.category AS Category, l.title_zh AS TitleZh, l.title_en AS TitleEn,
               l.authority AS Authority, l.legal_reference AS LegalReference, l.entries AS Entries, l.issued_at AS IssuedAt,
               l.valid_to AS ValidTo, l.size_bytes AS SizeBytes, l.sha256 AS Sha256, r.revoked_at AS RevokedAt, r.reason AS RevokeReason
        FROM lists l LEFT JOIN list_revocations r USING (list_id)
        WHERE l.version = (SELECT max(version) FROM lists n WHERE n.list_id = l.list_id)
        """;

    private const string ForUnit = """
         AND (NOT EXISTS (SELECT 1 FROM list_units u WHERE u.list_id = l.list_id)
              OR EXISTS (SELECT 1 FROM list_units u WHERE u.list_id = l.list_id AND u.unit_id = @unitId))
        """;

    public IReadOnlyList<ListRow> All() => database.Read(c => c.Query<ListRow>(Newest + " ORDER BY l.list_id").AsList());

    /// <summary>What this unit should hold now; lists that were revoked or ended are not among them.</summary>
    public IReadOnlyList<ListRow> Offered(string unitId, long nowUnixMs) => database.Read(c => c.Query<ListRow>(
        Newest + ForUnit + " AND r.revoked_at IS NULL AND l.valid_to > @nowUnixMs AND l.envelope IS NOT NULL ORDER BY l.list_id",
        new { unitId, nowUnixMs }).AsList());

    /// <summary>Deltas that lead, one after the other, to lists that this unit should hold now.</summary>
    public IReadOnlyList<DeltaRow> OfferedDeltas(string unitId, long nowUnixMs) => database.Read(c => c.Query<DeltaRow>(
        $"""
        WITH offered AS ({Newest}{ForUnit} AND r.revoked_at IS NULL AND l.valid_to > @nowUnixMs AND l.envelope IS NOT NULL)
        SELECT d.list_id AS ListId, d.version AS Version, d.from_version AS FromVersion, o.Kind AS Kind, d.size_bytes AS SizeBytes, d.sha256 AS Sha256
        FROM list_deltas d JOIN offered o ON o.ListId = d.list_id ORDER BY d.list_id, d.version
        """,
        new { unitId, nowUnixMs }).AsList());

    /// <summary>The serialised envelope of a delta, or null when this unit has no business with it any more.</summary>
    public byte[]? Delta(string unitId, string listId, long version, long fromVersion, long nowUnixMs)
    {
        if (!OfferedDeltas(unitId, nowUnixMs).Any(d => d.ListId == listId && d.Version == version && d.FromVersion == fromVersion))
            return null;
        var box = database.Read(c => c.QuerySingleOrDefault<byte[]>(
            "SELECT envelope FROM list_deltas WHERE list_id = @listId AND version = @version", new { listId, version }));
        return box is null ? null : sealing.Open(box);
    }

    /// <summary>The newest version as it was signed; null where there is none, or its bytes are forgotten.</summary>
    public byte[]? NewestEnvelope(DbTransaction transaction, string listId)
    {
        var box = transaction.Connection!.QuerySingleOrDefault<byte[]>(
            "SELECT envelope FROM lists WHERE list_id = @listId ORDER BY version DESC LIMIT 1", new { listId }, transaction);
        return box is null ? null : sealing.Open(box);
    }

    /// <summary>The newest version while it holds; null else.</summary>
    public Watchlist? InForce(string listId, long nowUnixMs) => database.Read(c => InForce(c, null, listId, nowUnixMs));

    public Watchlist? InForce(DbConnection connection, DbTransaction? transaction, string listId, long nowUnixMs)
    {
        var box = connection.QuerySingleOrDefault<byte[]>(
            """
            SELECT l.envelope FROM lists l LEFT JOIN list_revocations r USING (list_id)
            WHERE l.list_id = @listId AND r.revoked_at IS NULL AND l.valid_to > @nowUnixMs ORDER BY l.version DESC LIMIT 1
            """,
            new { listId, nowUnixMs }, transaction);
        return box is null ? null : Watchlist.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(sealing.Open(box)).Payload);
    }

    /// <summary>Units that alone get the list; empty: all.</summary>
    public IReadOnlyList<string> UnitsOf(string listId) => database.Read(c => c.Query<string>(
        "SELECT unit_id FROM list_units WHERE list_id = @listId ORDER BY unit_id", new { listId }).AsList());

    public IReadOnlyList<string> RevokedIds(string unitId) => database.Read(c => c.Query<string>(
        "SELECT r.list_id FROM list_revocations r JOIN lists l USING (list_id) WHERE 1 = 1" + ForUnit + " GROUP BY r.list_id ORDER BY r.list_id",
        new { unitId }).AsList());

    /// <summary>The serialised envelope, or null when this unit has no business with it any more.</summary>
    public byte[]? Envelope(string unitId, string listId, long version, long nowUnixMs)
    {
        var box = database.Read(c => c.QuerySingleOrDefault<byte[]>(
            """
            SELECT l.envelope FROM lists l LEFT JOIN list_revocations r USING (list_id)
            WHERE l.list_id = @listId AND l.version = @version AND r.revoked_at IS NULL AND l.valid_to > @nowUnixMs
            """ + ForUnit,
            new { unitId, listId, version, nowUnixMs }));
        return box is null ? null : sealing.Open(box);
    }

    /// <summary>0 when there was none yet.</summary>
    public static long NewestVersion(DbTransaction transaction, string listId) => transaction.Connection!.ExecuteScalar<long>(
        "SELECT coalesce(max(version), 0) FROM lists WHERE list_id = @listId", new { listId }, transaction);

    public static bool IsRevoked(DbTransaction transaction, string listId) => transaction.Connection!.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM list_revocations WHERE list_id = @listId)", new { listId }, transaction);

    /// <param name="delta">From the version before, signed; null where only the whole list will do: no way leads past it.</param>
    public void Store(DbTransaction transaction, Watchlist list, byte[] envelope, byte[]? delta, IReadOnlyList<string> units)
    {
        var connection = transaction.Connection!;
        StoreDelta(transaction, list, delta);
        connection.Execute("UPDATE lists SET envelope = NULL WHERE list_id = @ListId", new { list.ListId }, transaction);
        connection.Execute(
            """
            INSERT INTO lists (list_id, version, kind, category, title_zh, title_en, authority, legal_reference, entries,
                               issued_at, valid_to, size_bytes, sha256, envelope)
            VALUES (@ListId, @Version, @Kind, @Category, @TitleZh, @TitleEn, @Authority, @LegalReference, @Entries,
                    @IssuedAtUnixMs, @ValidToUnixMs, @Size, @Sha256, @Envelope)
            """,
            new
            {
                list.ListId,
                Version = (long)list.Version,
                Kind = (int)list.Kind,
                Category = (int)list.Category,
                list.TitleZh,
                list.TitleEn,
                list.Authority,
                list.LegalReference,
                Entries = list.Plates.Count + list.Faces.Count,
                list.IssuedAtUnixMs,
                list.ValidToUnixMs,
                Size = (long)envelope.Length,
                Sha256 = SHA256.HashData(envelope),
                Envelope = sealing.Seal(envelope),
            },
            transaction);
        connection.Execute("DELETE FROM list_units WHERE list_id = @ListId", new { list.ListId }, transaction);
        foreach (var unitId in units.Distinct(StringComparer.Ordinal))
            connection.Execute("INSERT INTO list_units VALUES (@ListId, @unitId)", new { list.ListId, unitId }, transaction);
    }

    private void StoreDelta(DbTransaction transaction, Watchlist list, byte[]? delta)
    {
        var connection = transaction.Connection!;
        var version = (long)list.Version;
        var oldest = delta is null ? version : version - DeltasKept + 1;
        connection.Execute("DELETE FROM list_deltas WHERE list_id = @ListId AND version < @oldest", new { list.ListId, oldest }, transaction);
        if (delta is not null)
        {
            connection.Execute(
                "INSERT INTO list_deltas VALUES (@ListId, @version, @from, @size, @sha256, @box)",
                new { list.ListId, version, from = version - 1, size = (long)delta.Length, sha256 = SHA256.HashData(delta), box = sealing.Seal(delta) },
                transaction);
        }
    }

    public static void Revoke(DbTransaction transaction, string listId, string reason, long nowUnixMs)
    {
        var connection = transaction.Connection!;
        connection.Execute("INSERT INTO list_revocations VALUES (@listId, @nowUnixMs, @reason)", new { listId, nowUnixMs, reason }, transaction);
        connection.Execute("UPDATE lists SET envelope = NULL WHERE list_id = @listId", new { listId }, transaction);
        connection.Execute("DELETE FROM list_deltas WHERE list_id = @listId", new { listId }, transaction);
    }

    /// <summary>Forgets the bytes of lists whose time has ended.</summary>
    public static int ForgetEnded(DbTransaction transaction, long nowUnixMs)
    {
        var connection = transaction.Connection!;
        var ended = connection.Execute("UPDATE lists SET envelope = NULL WHERE valid_to <= @nowUnixMs AND envelope IS NOT NULL", new { nowUnixMs }, transaction);
        connection.Execute(
            "DELETE FROM list_deltas WHERE NOT EXISTS (SELECT 1 FROM lists l WHERE l.list_id = list_deltas.list_id AND l.envelope IS NOT NULL)",
            transaction: transaction);
        return ended;
    }
}
