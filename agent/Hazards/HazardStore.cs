using System.Text.Json;
using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;

namespace EdgeAgent.Agent.Hazards;

/// <summary>Own hazards on disk, sealed, and the pictures of those that are not sent yet.</summary>
internal sealed class HazardStore(OutboxStore store, UnitVault vault)
{
    private const string Purpose = "hazard", PicturePurpose = "field-picture";

    public IReadOnlyList<OwnHazard> All() =>
        [.. store.Read(c => c.Query<byte[]>("SELECT sealed FROM hazards ORDER BY at_unix_ms").AsList())
            .Select(closed => JsonSerializer.Deserialize<OwnHazard>(vault.Open(Purpose, closed))!)];

    public void Add(OwnHazard hazard, byte[]? picture) => store.Write((connection, transaction) =>
    {
        Put(hazard, connection, transaction);
        if (picture is not null)
        {
            _ = connection.Execute(
                "INSERT INTO field_pictures VALUES (@sha256, @id, @AtUnixMs, @closed)",
                new { sha256 = System.Security.Cryptography.SHA256.HashData(picture), id = Uuid7.ToBytes(hazard.Id), hazard.AtUnixMs, closed = vault.Seal(PicturePurpose, picture) }, transaction);
        }
    });

    public void Put(OwnHazard hazard) => store.Write((connection, transaction) => Put(hazard, connection, transaction));

    /// <summary>Within the transaction that sends it: its picture belongs to the event from then on.</summary>
    public void Sent(OwnHazard hazard, SqliteConnection connection, SqliteTransaction transaction)
    {
        Put(hazard, connection, transaction);
        _ = connection.Execute("DELETE FROM field_pictures WHERE record_id = @id", new { id = Uuid7.ToBytes(hazard.Id) }, transaction);
    }

    public void Remove(IEnumerable<Guid> ids) => store.Write((connection, transaction) =>
    {
        foreach (byte[] id in ids.Select(Uuid7.ToBytes))
        {
            _ = connection.Execute("DELETE FROM hazards WHERE hazard_id = @id", new { id }, transaction);
            _ = connection.Execute("DELETE FROM field_pictures WHERE record_id = @id", new { id }, transaction);
        }
    });

    public byte[]? PictureOf(Guid id) =>
        store.Read(c => c.ExecuteScalar<byte[]?>("SELECT sealed FROM field_pictures WHERE record_id = @id LIMIT 1", new { id = Uuid7.ToBytes(id) })) is { } closed
            ? vault.Open(PicturePurpose, closed)
            : null;

    private void Put(OwnHazard hazard, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT INTO hazards VALUES (@id, @AtUnixMs, @state, @closed) ON CONFLICT (hazard_id) DO UPDATE SET state = excluded.state, sealed = excluded.sealed",
        new { id = Uuid7.ToBytes(hazard.Id), hazard.AtUnixMs, state = (int)hazard.State, closed = vault.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(hazard)) }, transaction);
}
