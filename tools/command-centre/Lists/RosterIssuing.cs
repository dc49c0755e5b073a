using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>Who may sign in to a car: signed by the centre, with a version that rises, sent as a command.</summary>
internal sealed class RosterIssuing(CentreSigner signer, OfficerTable officers, CommandTable commands, TimeProvider time)
{
    public const int PinIterations = 300_000;
    public const int LeastPinDigits = 6;
    private static readonly TimeSpan RosterLife = TimeSpan.FromDays(90);

    /// <summary>Rosters are signed anew when less than this is left of them.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>An officer with the verifier of a PIN: salted, PBKDF2-HMAC-SHA256, never the PIN.</summary>
    /// <exception cref="CentreException">The PIN is too short or not of digits.</exception>
    public static Officer WithPin(string officerId, string name, string role, PoliceType policeType, string pin)
    {
        if (pin.Length is < LeastPinDigits or > 32 || !pin.All(char.IsAsciiDigit))
            throw new CentreException($"A PIN has {LeastPinDigits} to 32 digits and nothing else.");
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(pin), salt, PinIterations, HashAlgorithmName.SHA256, 32);
        return new Officer
        {
            OfficerId = officerId,
            DisplayName = name,
            Role = role,
            PoliceType = policeType,
            PinSalt = ByteString.CopyFrom(salt),
            PinHash = ByteString.CopyFrom(hash),
            PinIterations = PinIterations,
        };
    }

    /// <summary>Signs the unit's roster as it stands now and leaves it for the car.</summary>
    /// <returns>Its version.</returns>
    public long Issue(DbTransaction transaction, string unitId, string issuer)
    {
        var now = time.GetUtcNow();
        var validTo = (now + RosterLife).ToUnixTimeMilliseconds();
        var version = OfficerTable.NextVersion(transaction, unitId, now.ToUnixTimeMilliseconds(), validTo);
        var roster = new OfficerRoster { Version = (ulong)version, UnitId = unitId, ValidToUnixMs = validTo, FaceLogin = FaceLoginModes.Current(transaction.Connection!, transaction) };
        roster.Officers.AddRange(officers.Of(transaction, unitId));
        foreach (var officer in roster.FaceLogin == FaceLogin.Off ? roster.Officers : [])
        {
            // What no car may use, no car holds.
            officer.Faces.Clear();
            officer.FaceConsent = null;
        }
        var command = CommandTable.New(issuer, "admin", time);
        command.Officers = signer.Sign(Envelopes.OfficersType, roster);
        commands.Add(transaction, unitId, command);
        ChangeTable.Note(transaction, ChangeKind.Commands, unitId, now.ToUnixTimeMilliseconds());
        return version;
    }

    /// <summary>For a car that holds an older roster, or none, and has none on the way (a new disk, say).</summary>
    public void EnsureHeld(DbTransaction transaction, string unitId, ulong heldVersion)
    {
        var current = transaction.Connection!.ExecuteScalar<long?>("SELECT version FROM rosters WHERE unit_id = @unitId", new { unitId }, transaction);
        var onTheWay = transaction.Connection!.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM commands WHERE unit_id = @unitId AND kind = 'Officers' AND answered_at IS NULL)", new { unitId }, transaction);
        if (current > (long)Math.Min(heldVersion, long.MaxValue) && !onTheWay)
            _ = Issue(transaction, unitId, "centre");
    }
}
