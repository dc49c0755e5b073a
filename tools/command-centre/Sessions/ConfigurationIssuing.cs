using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>What the centre sets of a unit's configuration: signed, with a version that rises, sent as a command.</summary>
internal sealed class ConfigurationIssuing(CentreSigner signer, CommandTable commands, TimeProvider time)
{
    /// <summary>Stores the unit's settings, in place of those before, and leaves them for the car.</summary>
    /// <returns>Their version.</returns>
    /// <exception cref="CentreException">There is no such unit, or this is not for the centre to set.</exception>
    public long Issue(DbTransaction transaction, string unitId, string settingsJson, string issuer)
    {
        _ = UnitTable.Require(transaction, unitId);
        if (UnitSettings.Read(settingsJson).Problem is { Length: > 0 } problem)
            throw new CentreException(problem);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var version = transaction.Connection!.ExecuteScalar<long>(
            """
            INSERT INTO configurations VALUES (@unitId, 1, @now, @settingsJson)
            ON CONFLICT (unit_id) DO UPDATE SET version = configurations.version + 1, issued_at = @now, settings = @settingsJson RETURNING version
            """,
            new { unitId, now, settingsJson }, transaction);
        AuditTable.Add(transaction, new AuditRow(issuer, "unit_configured", $"{unitId} v{version}", ""), now);
        Send(transaction, unitId, version, settingsJson, issuer);
        return version;
    }

    /// <summary>For a car that holds an older one, or none, and has none on the way (a new disk, say).</summary>
    public void EnsureHeld(DbTransaction transaction, string unitId, ulong heldVersion)
    {
        var row = transaction.Connection!.QuerySingleOrDefault<(long Version, string Settings)?>(
            "SELECT version, settings FROM configurations WHERE unit_id = @unitId", new { unitId }, transaction);
        if (row is not { } newest || newest.Version <= (long)Math.Min(heldVersion, long.MaxValue))
            return;
        // Refused means that the car cannot run with it: sent again it would be refused again.
        var told = transaction.Connection!.ExecuteScalar<bool>(
            """
            SELECT EXISTS (SELECT 1 FROM commands WHERE unit_id = @unitId AND kind = 'Configuration'
                           AND (answered_at IS NULL OR outcome = 'refused' AND issued_at >= (SELECT issued_at FROM configurations WHERE unit_id = @unitId)))
            """,
            new { unitId }, transaction);
        if (!told)
            Send(transaction, unitId, newest.Version, newest.Settings, "centre");
    }

    private void Send(DbTransaction transaction, string unitId, long version, string settingsJson, string issuer)
    {
        var command = CommandTable.New(issuer, "admin", time);
        command.Configuration = signer.Sign(
            Envelopes.ConfigurationType, new UnitConfiguration { Version = (ulong)version, UnitId = unitId, SettingsJson = settingsJson });
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, command.IssuedAtUnixMs);
    }
}
