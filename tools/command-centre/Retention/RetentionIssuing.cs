using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Retention;

/// <summary>The region's retention policy: signed by the centre, with a version that rises, sent to every unit.</summary>
internal sealed class RetentionIssuing(CentreSigner signer, CommandTable commands, TimeProvider time)
{
    /// <summary>The newest policy; the standard one, of version 0, while none was issued.</summary>
    public static RetentionPolicy Current(DbConnection connection, DbTransaction? transaction = null) =>
        Newest(connection, transaction) is { } envelope ? RetentionPolicy.Parser.ParseFrom(envelope.Payload) : RetentionClocks.Standard;

    /// <summary>Signs a policy, in place of the one before, and leaves it for every unit.</summary>
    /// <returns>With its version and time.</returns>
    /// <exception cref="CentreException">A clock is missing or out of its bounds.</exception>
    public RetentionPolicy Issue(DbTransaction transaction, RetentionPolicy asked, string issuer)
    {
        if (RetentionClocks.Problems(asked).ToList() is { Count: > 0 } problems)
            throw new CentreException(string.Join(' ', problems));
        var policy = asked.Clone();
        policy.Version = Current(transaction.Connection!, transaction).Version + 1;
        policy.IssuedAtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var envelope = signer.Sign(Envelopes.RetentionType, policy);
        transaction.Connection!.Execute(
            "INSERT INTO retention_policies VALUES (@version, @at, @issuer, @envelope)",
            new { version = (long)policy.Version, at = policy.IssuedAtUnixMs, issuer, envelope = envelope.ToByteArray() }, transaction);
        AuditTable.Add(transaction, new AuditRow(issuer, "retention_set", $"v{policy.Version}", policy.LegalReference), policy.IssuedAtUnixMs);
        foreach (var unitId in transaction.Connection!.Query<string>("SELECT unit_id FROM units WHERE revoked_at IS NULL", transaction: transaction).AsList())
            Send(transaction, unitId, envelope, issuer);
        return policy;
    }

    /// <summary>For a car that holds an older one, or none, and has none on the way (a new unit, a new disk).</summary>
    public void EnsureHeld(DbTransaction transaction, string unitId, ulong heldVersion)
    {
        if (Newest(transaction.Connection!, transaction) is not { } newest || RetentionPolicy.Parser.ParseFrom(newest.Payload).Version <= heldVersion)
            return;
        var onTheWay = transaction.Connection!.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM commands WHERE unit_id = @unitId AND kind = 'Retention' AND answered_at IS NULL)", new { unitId }, transaction);
        if (!onTheWay)
            Send(transaction, unitId, newest, "centre");
    }

    private void Send(DbTransaction transaction, string unitId, SignedEnvelope envelope, string issuer)
    {
        var command = CommandTable.New(issuer, "admin", time);
        command.Retention = envelope;
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, command.IssuedAtUnixMs);
    }

    private static SignedEnvelope? Newest(DbConnection connection, DbTransaction? transaction) =>
        connection.ExecuteScalar<byte[]?>("SELECT envelope FROM retention_policies ORDER BY version DESC LIMIT 1", transaction: transaction) is { } bytes
            ? SignedEnvelope.Parser.ParseFrom(bytes)
            : null;
}
