using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>Who this unit is: its key, its certificate, and whom it believes.</summary>
public sealed class UnitIdentity : IDisposable
{
    private readonly UnitKey key;
    private readonly Lock keyLock = new();

    private UnitIdentity(string unitId, Uri centre, UnitKey key, X509Certificate2 certificate)
    {
        UnitId = unitId;
        Centre = centre;
        this.key = key;
        Certificate = certificate;
    }

    /// <summary>The unit's id, the common name of its certificate.</summary>
    public string UnitId { get; }

    /// <summary>The centre that the unit was enrolled with.</summary>
    public Uri Centre { get; }

    /// <summary>Where the unit's key lies in the TPM, null when a file holds it.</summary>
    public TpmKeyPlace? KeyInTpm => key.InTpm;

    /// <summary>The TPM that holds the unit's key, null when a file holds it.</summary>
    public Tpm? Tpm => key.InTpm is { } place ? new Tpm(place.Tcti) : null;

    /// <summary>The unit's certificate with its private key, for TLS.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Roots of the centre's servers.</summary>
    public X509Certificate2Collection DeviceRoots { get; } = [];

    /// <summary>Roots of those who issue and approve lists.</summary>
    public X509Certificate2Collection ListRoots { get; } = [];

    /// <summary>Certificates whose keys sign time, rosters and configuration.</summary>
    public X509Certificate2Collection CentreSigners { get; } = [];

    /// <summary>Reads an identity directory as enrolment wrote it.</summary>
    /// <exception cref="IdentityException">Missing, unreadable or not belonging together; the message says which file and what to do.</exception>
    public static UnitIdentity Load(string identityDirectory)
    {
        ArgumentException.ThrowIfNullOrEmpty(identityDirectory);
        var where = "";
        try
        {
            string At(string file) => where = Path.Combine(identityDirectory, file);
            var facts = JsonSerializer.Deserialize(File.ReadAllText(At(IdentityFiles.Facts)), UnitFactsJson.Default.UnitFacts)
                ?? throw new IdentityException("identity_unreadable", $"{where} is empty. Enrol the unit again.");
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(At(IdentityFiles.Certificate)));
            var key = UnitKey.Read(At);
            if (key.InTpm is not null && !key.Fits(certificate))
            {
                key.Dispose();
                throw new IdentityException("identity_mixed", $"{where} names a key of the TPM that the certificate beside it is not for: this disk or this TPM is another box's. Enrol the unit again (edgectl provision --force).");
            }
            var identity = new UnitIdentity(facts.UnitId, new Uri(facts.Centre), key, certificate.CopyWithPrivateKey(key.Ecdsa));
            identity.DeviceRoots.ImportFromPem(File.ReadAllText(At(IdentityFiles.DeviceRoots)));
            identity.ListRoots.ImportFromPem(File.ReadAllText(At(IdentityFiles.ListRoots)));
            identity.CentreSigners.ImportFromPem(File.ReadAllText(At(IdentityFiles.CentreSigners)));
            var name = identity.Certificate.GetNameInfo(X509NameType.SimpleName, false);
            return name == facts.UnitId
                ? identity
                : throw new IdentityException("identity_mixed", $"{identityDirectory} holds the certificate of {name} beside the facts of {facts.UnitId}. Enrol the unit again.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IdentityException("no_identity", $"{where} is missing: this unit is not enrolled. Run edgectl provision.", e);
        }
        catch (Exception e) when (e is CryptographicException or JsonException or ArgumentException or UriFormatException or UnauthorizedAccessException)
        {
            throw new IdentityException("identity_unreadable", $"{where} cannot be read ({e.Message}). Enrol the unit again.", e);
        }
    }

    /// <summary>ES256 over the bytes as they stand: r||s, 64 bytes. Safe from any thread.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (keyLock)
            return key.Ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>An envelope signed by the unit, its certificate inside. Safe from any thread.</summary>
    public SignedEnvelope SignEnvelope(string type, byte[] payload)
    {
        lock (keyLock)
            return Envelopes.Sign(type, payload, new EnvelopeSigner(SignerRole.Unit, key.Ecdsa, [Certificate.RawData]));
    }

    /// <summary>A key in the TPM is forgotten by it, for good; the files in the directory stay the caller's to destroy.</summary>
    /// <exception cref="IdentityException">tpm_unavailable: nothing was destroyed.</exception>
    public static void ForgetKey(string identityDirectory)
    {
        string inTpm = Path.Combine(identityDirectory, IdentityFiles.TpmKey);
        if (File.Exists(inTpm) && TpmKeyPlace.Parse(File.ReadAllText(inTpm)) is var place)
            new Tpm(place.Tcti).Forget(place.Handle);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
        foreach (var certificate in DeviceRoots.Concat(ListRoots).Concat(CentreSigners))
            certificate.Dispose();
    }
}
