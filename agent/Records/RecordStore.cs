using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Outbox;
using Microsoft.Data.Sqlite;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Records;

internal enum RecordKind
{
    Case = 1,
    Request = 2,
}

/// <summary>Case records and requests on disk: every word and picture sealed, by a data key each.</summary>
internal sealed class RecordStore(OutboxStore store, UnitVault vault)
{
    private const string Purpose = "field-record", PicturePurpose = "field-picture";

    public IReadOnlyList<CaseDraft> Cases() => All<CaseDraft>(RecordKind.Case);

    public IReadOnlyList<WindowRequest> Requests() => All<WindowRequest>(RecordKind.Request);

    public void Put(CaseDraft draft) => store.Write((connection, transaction) => Put(draft, connection, transaction));

    public void Put(WindowRequest request) => store.Write((connection, transaction) => Put(request, connection, transaction));

    public void Put(CaseDraft draft, SqliteConnection connection, SqliteTransaction transaction) =>
        Put(draft.Id, RecordKind.Case, draft.State, draft.CreatedAtUnixMs, draft, connection, transaction);

    public void Put(WindowRequest request, SqliteConnection connection, SqliteTransaction transaction) =>
        Put(request.Id, RecordKind.Request, request.State, request.AtUnixMs, request, connection, transaction);

    /// <summary>The draft and a picture or signature of it, together.</summary>
    public void Put(CaseDraft draft, byte[] picture) => store.Write((connection, transaction) =>
    {
        Put(draft, connection, transaction);
        AddPicture(draft.Id, picture, draft.CreatedAtUnixMs, connection, transaction);
    });

    public void AddPicture(Guid id, byte[] picture, long atUnixMs, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT INTO field_pictures VALUES (@sha256, @id, @atUnixMs, @closed) ON CONFLICT DO NOTHING",
        new { sha256 = SHA256.HashData(picture), id = Uuid7.ToBytes(id), atUnixMs, closed = vault.Seal(PicturePurpose, picture) }, transaction);

    public byte[]? PictureOf(Guid id, string sha256) =>
        store.Read(c => c.ExecuteScalar<byte[]?>("SELECT sealed FROM field_pictures WHERE record_id = @id AND sha256 = @hash", new { id = Uuid7.ToBytes(id), hash = Convert.FromHexString(sha256) })) is { } closed
            ? vault.Open(PicturePurpose, closed)
            : null;

    /// <summary>The draft without pictures and signatures that it names no more.</summary>
    public void PutAndForget(CaseDraft draft, IEnumerable<string> gone) => store.Write((connection, transaction) =>
    {
        Put(draft, connection, transaction);
        _ = connection.Execute(
            "DELETE FROM field_pictures WHERE record_id = @id AND sha256 = @hash",
            gone.Where(hex => hex.Length > 0).Select(hex => new { id = Uuid7.ToBytes(draft.Id), hash = Convert.FromHexString(hex) }), transaction);
    });

    public void Remove(IEnumerable<Guid> ids) => store.Write((connection, transaction) =>
    {
        foreach (byte[] id in ids.Select(Uuid7.ToBytes))
        {
            _ = connection.Execute("DELETE FROM field_records WHERE id = @id", new { id }, transaction);
            _ = connection.Execute("DELETE FROM field_pictures WHERE record_id = @id", new { id }, transaction);
        }
    });

    private IReadOnlyList<T> All<T>(RecordKind kind) =>
        [.. store.Read(c => c.Query<byte[]>("SELECT sealed FROM field_records WHERE kind = @kind ORDER BY at_unix_ms", new { kind = (int)kind }).AsList())
            .Select(closed => JsonSerializer.Deserialize<T>(vault.Open(Purpose, closed))!)];

    private void Put<T>(Guid id, RecordKind kind, FieldState state, long atUnixMs, T content, SqliteConnection connection, SqliteTransaction transaction) => connection.Execute(
        "INSERT INTO field_records VALUES (@id, @kind, @state, @atUnixMs, @closed) ON CONFLICT (id) DO UPDATE SET state = excluded.state, sealed = excluded.sealed",
        new { id = Uuid7.ToBytes(id), kind = (int)kind, state = (int)state, atUnixMs, closed = vault.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(content)) }, transaction);
}
