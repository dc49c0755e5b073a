using System.Data.Common;
using Dapper;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>One act of a person or of the centre. The subject is an id, never a plate, name or face.</summary>
internal sealed record AuditRow(string Actor, string Action, string Subject, string Purpose);

/// <summary>Who did or read what, when and for which purpose. Rows are never changed or deleted: triggers refuse it.</summary>
internal static class AuditTable
{
    public static void Add(DbTransaction transaction, AuditRow row, long nowUnixMs) => transaction.Connection!.Execute(
        "INSERT INTO audit (at, actor, action, subject, purpose) VALUES (@nowUnixMs, @Actor, @Action, @Subject, @Purpose)",
        new { nowUnixMs, row.Actor, row.Action, row.Subject, row.Purpose }, transaction);
}
