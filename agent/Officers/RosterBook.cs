using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Officers;

/// <summary>Who may sign in to this unit: the newest roster that the centre signed, kept sealed, so that sign-in works without a link.</summary>
internal sealed partial class RosterBook
{
    private const string Purpose = "officers";
    private const int MostOfficers = 1000;

    private readonly string path, unitId;
    private readonly X509Certificate2Collection signers;
    private readonly UnitVault vault;
    private volatile OfficerRoster current = new();

    public RosterBook(string dataDirectory, string unitId, X509Certificate2Collection centreSigners, UnitVault vault, ILogger log)
    {
        path = Path.Combine(dataDirectory, "officers.sealed");
        this.unitId = unitId;
        this.vault = vault;
        signers = centreSigners;
        if (!File.Exists(path))
            return;
        try
        {
            (OfficerRoster? roster, string code) = Check(SignedEnvelope.Parser.ParseFrom(vault.Open(Purpose, File.ReadAllBytes(path))), 0);
            if (roster is not null)
                current = roster;
            else
                LogUnusable(log, code);
        }
        catch (Exception error) when (error is CryptographicException or InvalidProtocolBufferException)
        {
            LogUnusable(log, error.Message);
        }
    }

    public OfficerRoster Current => current;

    /// <summary>Takes a newer roster. "" when taken, else why not.</summary>
    public string Take(SignedEnvelope envelope)
    {
        (OfficerRoster? roster, string code) = Check(envelope, current.Version);
        if (roster is null)
            return code;
        SafeFile.Replace(path, vault.Seal(Purpose, envelope.ToByteArray()));
        current = roster;
        return "";
    }

    private (OfficerRoster? Roster, string Code) Check(SignedEnvelope envelope, ulong heldVersion)
    {
        (OfficerRoster? roster, string code) = CentreSigned.Open(
            envelope, Envelopes.OfficersType, OfficerRoster.Parser, "roster", r => (r.UnitId, r.Version), signers, unitId, heldVersion);
        if (roster is null)
            return (null, code);
        bool bad = roster.Officers.Count > MostOfficers || roster.Officers.Any(o => o.OfficerId.Length is 0 or > 64 || !Pin.IsUsable(o))
            || roster.Officers.DistinctBy(o => o.OfficerId).Count() != roster.Officers.Count
            || !Face.OfficerFaces.AreUsable(roster.Officers);
        return bad ? (null, "roster_bad_entry") : (roster, "");
    }

    [LoggerMessage(4040, LogLevel.Error, "The stored roster cannot be used ({Why}); nobody can sign in until the centre sends one.")]
    private static partial void LogUnusable(ILogger log, string why);
}
