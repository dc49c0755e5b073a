using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>The unit's private key: from a file that its owner alone may read, or in the TPM and nowhere else.</summary>
internal sealed class UnitKey : IDisposable
{
    private readonly TpmSigner? signer;

    /// <param name="key">Disposed with this.</param>
    public UnitKey(ECDsa key) => Ecdsa = key;

    /// <exception cref="IdentityException">tpm_unavailable, tpm_key_missing.</exception>
    public UnitKey(TpmKeyPlace inTpm)
    {
        InTpm = inTpm;
        signer = new TpmSigner(inTpm);
        Ecdsa = signer.Key;
    }

    /// <summary>To sign with, and for TLS.</summary>
    public ECDsa Ecdsa { get; }

    /// <summary>Where it lies in the TPM, null when it is in a file.</summary>
    public TpmKeyPlace? InTpm { get; }

    /// <summary>A new key.</summary>
    /// <param name="tpm">Where it is born, null for in this process.</param>
    /// <exception cref="IdentityException">tpm_unavailable.</exception>
    public static UnitKey Create(Tpm? tpm)
    {
        if (tpm is null)
            return new(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var place = tpm.MakeKey();
        try
        {
            return new(place);
        }
        catch (IdentityException)
        {
            tpm.Forget(place.Handle);
            throw;
        }
    }

    /// <param name="at">A file's path in the identity directory, remembered for what is said when it cannot be read.</param>
    public static UnitKey Read(Func<string, string> at)
    {
        if (at(IdentityFiles.TpmKey) is var inTpm && File.Exists(inTpm))
            return new(TpmKeyPlace.Parse(File.ReadAllText(inTpm)));
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(at(IdentityFiles.Key)));
        return new(key);
    }

    /// <summary>What enrolment writes of it: the key itself, or where it lies.</summary>
    public (string Name, string Text) OnDisk => InTpm is null ? (IdentityFiles.Key, Ecdsa.ExportPkcs8PrivateKeyPem() + "\n") : (IdentityFiles.TpmKey, InTpm.Text);

    public bool Fits(X509Certificate2 certificate)
    {
        using var certified = certificate.GetECDsaPublicKey();
        return certified is not null && certified.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(Ecdsa.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Destroys a key that no certificate was got for.</summary>
    public void Discard()
    {
        if (InTpm is not null)
            new Tpm(InTpm.Tcti).Forget(InTpm.Handle);
    }

    public void Dispose()
    {
        Ecdsa.Dispose();
        signer?.Dispose();
    }
}
