using System.Security.Cryptography;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>What an acceptance found, signed by the unit: kept beside its data, and registered at the centre.</summary>
internal static class BirthCertificates
{
    private const string Folder = "acceptance", FileName = "birth.cert";

    public static string FolderIn(string data) => Path.Combine(data, Folder);

    public static SignedEnvelope Make(UnitIdentity identity, IReadOnlyList<CheckOutcome> outcomes, string technician, string software, byte[] report, DateTimeOffset at)
    {
        var certificate = new BirthCertificate
        {
            UnitId = identity.UnitId,
            Accepted = !outcomes.Any(o => o.IsGrave),
            MadeAtUnixMs = at.ToUnixTimeMilliseconds(),
            Technician = technician,
            SoftwareVersion = software,
            ReportSha256 = ByteString.CopyFrom(SHA256.HashData(report)),
        };
        certificate.Parts.AddRange(outcomes.SelectMany(o => o.Parts));
        foreach (var outcome in outcomes)
        {
            var result = new CheckResult { Name = outcome.Title.Name, Skipped = outcome.Skipped.Length > 0 };
            result.Findings.AddRange(outcome.Findings.Select(f => new CheckFinding { Code = f.Fault.Code, About = f.About, Detail = f.Detail, Grave = f.Fault.IsGrave, WordsZh = f.Fault.Zh, WordsEn = f.Fault.En }));
            certificate.Checks.Add(result);
        }
        return identity.SignEnvelope(Envelopes.BirthType, certificate.ToByteArray());
    }

    /// <summary>Whole or not at all; the one before is gone.</summary>
    public static void Save(string data, SignedEnvelope envelope)
    {
        SafeFile.CreateFolder(FolderIn(data));
        SafeFile.Replace(Path.Combine(FolderIn(data), FileName), envelope.ToByteArray());
    }

    /// <summary>Null: this box was never accepted, or the file cannot be read.</summary>
    public static BirthCertificate? Last(string data)
    {
        try
        {
            return BirthCertificate.Parser.ParseFrom(SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(FolderIn(data), FileName))).Payload);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
