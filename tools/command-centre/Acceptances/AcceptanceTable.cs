using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Acceptances;

/// <summary>Birth certificates of units as they were signed, the newest of each first in what is asked.</summary>
internal sealed class AcceptanceTable(CentreDatabase database)
{
    /// <summary>A unit that is repaired again and again keeps so many; the oldest go.</summary>
    private const int MostOfAUnit = 20;

    public const string Schema = """
        CREATE TABLE acceptances (
            unit_id TEXT NOT NULL REFERENCES units (unit_id),
            made_at INTEGER NOT NULL,
            registered_at INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            technician TEXT NOT NULL,
            envelope BLOB NOT NULL,
            PRIMARY KEY (unit_id, made_at)) STRICT;
        """;

    /// <summary>The same one again changes nothing.</summary>
    public static void Keep(DbTransaction transaction, BirthCertificate certificate, SignedEnvelope envelope, long now)
    {
        var connection = transaction.Connection!;
        connection.Execute(
            "INSERT INTO acceptances VALUES (@UnitId, @madeAt, @now, @accepted, @Technician, @envelope) ON CONFLICT DO NOTHING",
            new { certificate.UnitId, madeAt = certificate.MadeAtUnixMs, now, accepted = certificate.Accepted ? 1L : 0L, certificate.Technician, envelope = envelope.ToByteArray() },
            transaction);
        connection.Execute(
            """
            DELETE FROM acceptances WHERE unit_id = @unitId AND made_at NOT IN
                (SELECT made_at FROM acceptances WHERE unit_id = @unitId ORDER BY made_at DESC LIMIT @MostOfAUnit)
            """,
            new { unitId = certificate.UnitId, MostOfAUnit }, transaction);
    }

    public BirthCertificate? Newest(string unitId)
    {
        var envelope = database.Read(c => c.QueryFirstOrDefault<byte[]>(
            "SELECT envelope FROM acceptances WHERE unit_id = @unitId ORDER BY made_at DESC LIMIT 1", new { unitId }));
        return envelope is null ? null : BirthCertificate.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(envelope).Payload);
    }
}
