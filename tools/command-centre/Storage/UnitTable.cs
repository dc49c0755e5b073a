using System.Data.Common;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dapper;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

internal sealed record UnitRow
{
    public string UnitId { get; init; } = "";
    public string Label { get; init; } = "";
    public long? EnrolledAt { get; init; }
    public long? RevokedAt { get; init; }
    public string? RevokeReason { get; init; }
    public long? LastSeenAt { get; init; }
    public string SoftwareVersion { get; init; } = "";
    public string CameraIds { get; init; } = "";

    /// <summary>"": of the whole city.</summary>
    public string District { get; init; } = "";

    /// <summary>public_order or traffic.</summary>
    public string PoliceType { get; init; } = UnitTable.PoliceTypes[0];
}

/// <summary>Whose certificate it is, and whether it is still good for anything.</summary>
internal sealed record CertificateHolder
{
    public string UnitId { get; init; } = "";
    public long? RevokedAt { get; init; }
    public long? ReplacedAt { get; init; }

    public bool IsRevoked => RevokedAt is not null || ReplacedAt is not null;
}

/// <summary>Units and the certificates that they were given.</summary>
internal sealed class UnitTable(CentreDatabase database)
{
    public static readonly IReadOnlyList<string> PoliceTypes = ["public_order", "traffic"];

    private const string Columns = """
        unit_id AS UnitId, label AS Label, enrolled_at AS EnrolledAt, revoked_at AS RevokedAt, revoke_reason AS RevokeReason,
        last_seen_at AS LastSeenAt, software_version AS SoftwareVersion, camera_ids AS CameraIds, district AS District, police_type AS PoliceType
        """;

    public IReadOnlyList<UnitRow> All() => database.Read(c => c.Query<UnitRow>($"SELECT {Columns} FROM units ORDER BY unit_id").AsList());

    /// <summary>Null for a certificate that this centre never issued.</summary>
    public CertificateHolder? Holder(byte[] fingerprint) => database.Read(c => c.QuerySingleOrDefault<CertificateHolder>(
        """
        SELECT u.unit_id AS UnitId, u.revoked_at AS RevokedAt, k.replaced_at AS ReplacedAt
        FROM certificates k JOIN units u USING (unit_id) WHERE k.fingerprint = @fingerprint
        """,
        new { fingerprint }));

    /// <summary>The certificate that this unit was given for a key, replaced ones too: what they signed stays signed.</summary>
    public byte[]? CertificateOfKey(string unitId, byte[] keyId) => database.Read(c => c.QueryFirstOrDefault<byte[]>(
        "SELECT der FROM certificates WHERE unit_id = @unitId AND key_id = @keyId", new { unitId, keyId }));

    /// <summary>Whether an envelope bears a signature of this unit, by any certificate that it was ever given here.</summary>
    public bool HasSigned(string unitId, SignedEnvelope envelope) =>
        envelope.Signatures.Any(signature =>
        {
            if (signature.Role != SignerRole.Unit || CertificateOfKey(unitId, signature.KeyId.ToByteArray()) is not { } der)
                return false;
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return Envelopes.VerifySignature(envelope, signature, certificate);
        });

    public static UnitRow? Find(DbTransaction transaction, string unitId) => transaction.Connection!.QuerySingleOrDefault<UnitRow>(
        $"SELECT {Columns} FROM units WHERE unit_id = @unitId", new { unitId }, transaction);

    /// <exception cref="CentreException">There is no such unit, or it was revoked.</exception>
    public static UnitRow Require(DbTransaction transaction, string unitId)
    {
        var unit = Find(transaction, unitId)
            ?? throw new CentreException($"There is no unit '{unitId}'. 'units list' shows those there are; 'enrol' makes a new one.");
        return unit.RevokedAt is null
            ? unit
            : throw new CentreException($"Unit '{unitId}' was revoked: {unit.RevokeReason}. Enrol the box under a new id.");
    }

    public static void Register(DbTransaction transaction, string unitId, string label, long nowUnixMs) => transaction.Connection!.Execute(
        "INSERT INTO units (unit_id, label, created_at) VALUES (@unitId, @label, @nowUnixMs) ON CONFLICT (unit_id) DO UPDATE SET label = excluded.label",
        new { unitId, label, nowUnixMs }, transaction);

    /// <summary>Where the unit belongs: who sees it and what it is sent to.</summary>
    public static void Place(DbTransaction transaction, string unitId, string district, string policeType) => transaction.Connection!.Execute(
        "UPDATE units SET district = @district, police_type = @policeType WHERE unit_id = @unitId", new { unitId, district, policeType }, transaction);

    public static void AddCertificate(
        DbTransaction transaction, string unitId, byte[] der, byte[] keyId, long issuedAt, long notAfter, bool replacesOthers)
    {
        if (replacesOthers)
        {
            transaction.Connection!.Execute(
                "UPDATE certificates SET replaced_at = @issuedAt WHERE unit_id = @unitId AND replaced_at IS NULL", new { unitId, issuedAt }, transaction);
        }
        transaction.Connection!.Execute(
            "INSERT INTO certificates VALUES (@fingerprint, @unitId, @keyId, @der, @issuedAt, @notAfter, NULL)",
            new { fingerprint = SHA256.HashData(der), unitId, keyId, der, issuedAt, notAfter }, transaction);
    }

    public static void Revoke(DbTransaction transaction, string unitId, string reason, long nowUnixMs)
    {
        _ = Require(transaction, unitId);
        transaction.Connection!.Execute(
            "UPDATE units SET revoked_at = @nowUnixMs, revoke_reason = @reason WHERE unit_id = @unitId", new { unitId, reason, nowUnixMs }, transaction);
        transaction.Connection!.Execute("DELETE FROM enrolment_codes WHERE unit_id = @unitId", new { unitId }, transaction);
    }

    /// <summary>Units that answered for the order to be none any more this long ago, and still have their rights.</summary>
    public static IReadOnlyList<string> Decommissioned(DbConnection connection, long answeredBeforeUnixMs) => connection.Query<string>(
        """
        SELECT DISTINCT m.unit_id FROM commands m JOIN units u ON u.unit_id = m.unit_id
        WHERE m.kind = 'Decommission' AND m.outcome = 'stored' AND m.answered_at <= @answeredBeforeUnixMs AND u.revoked_at IS NULL
        """,
        new { answeredBeforeUnixMs }).AsList();

    public static int Seen(DbTransaction transaction, string unitId, string software, string cameras, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE units SET last_seen_at = @nowUnixMs, software_version = @software, camera_ids = @cameras WHERE unit_id = @unitId",
        new { unitId, software, cameras, nowUnixMs }, transaction);

    public static int SeenLast(DbTransaction transaction, string unitId, long nowUnixMs) => transaction.Connection!.Execute(
        "UPDATE units SET last_seen_at = @nowUnixMs WHERE unit_id = @unitId", new { unitId, nowUnixMs }, transaction);
}
