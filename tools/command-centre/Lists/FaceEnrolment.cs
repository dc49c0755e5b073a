using System.Data.Common;
using Dapper;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>Writes an officer's face into a car's roster, or takes it out of every car's, with its row in the audit and the signed roster.</summary>
internal sealed class FaceEnrolment(OfficerTable officers, RosterIssuing rosters, TimeProvider time)
{
    /// <param name="faces">Of <see cref="OfficerFaces.Enrol"/>, with the officer's consent, which this writes down.</param>
    /// <returns>The roster's version; 0: the officer is not on this unit's roster.</returns>
    public long Enrol(DbTransaction transaction, string unitId, string officerId, IReadOnlyList<FaceTemplate> faces, string account)
    {
        if (officers.Of(transaction, unitId).FirstOrDefault(officer => officer.OfficerId == officerId) is not { } officer)
            return 0;
        officer.Faces.Clear();
        officer.Faces.AddRange(faces);
        officer.FaceConsent = new FaceConsent { GivenAtUnixMs = Now(), RecordedBy = account };
        officers.Put(transaction, unitId, officer);
        AuditTable.Add(transaction, new AuditRow(account, "officer_face_enrolled", $"{unitId} {officerId}", $"{faces.Count} pictures, with consent"), Now());
        return rosters.Issue(transaction, unitId, account);
    }

    /// <summary>Of every car at once, whoever's district it is: consent is the officer's.</summary>
    /// <returns>Of how many cars.</returns>
    public int Withdraw(DbTransaction transaction, string officerId, string account)
    {
        var count = 0;
        foreach (var unitId in UnitsOf(transaction, officerId))
        {
            if (officers.Of(transaction, unitId).First(officer => officer.OfficerId == officerId) is not { Faces.Count: > 0 } officer)
                continue;
            officer.Faces.Clear();
            officer.FaceConsent = null;
            officers.Put(transaction, unitId, officer);
            AuditTable.Add(transaction, new AuditRow(account, "officer_face_withdrawn", $"{unitId} {officerId}", ""), Now());
            _ = rosters.Issue(transaction, unitId, account);
            count++;
        }
        return count;
    }

    private static List<string> UnitsOf(DbTransaction transaction, string officerId) => transaction.Connection!.Query<string>(
        "SELECT unit_id FROM officers WHERE officer_id = @officerId", new { officerId }, transaction).AsList();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
