using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>
/// A key for .NET and its TLS whose signatures the TPM makes, through OpenSSL's provider tpm2. TLS cannot use the provider's key
/// itself: OpenSSL copies its public half to where TLS signs and then misses the private one. So TLS is given the public half with a
/// signing method of ours that asks the provider's key. All signatures go through it one after the other, because the provider's
/// connection to the TPM serves one thread at a time.
/// </summary>
internal sealed unsafe partial class TpmSigner : IDisposable
{
    private const string Provider = "tpm2";
    private const int EcKeyType = 408; // EVP_PKEY_EC
    private const int ReasonBits = 0xFFF, CannotLoad = 0x25, CannotBegin = 0x105; // ERR_R_DSO_LIB, ERR_R_INIT_FAIL

    private const uint FirstOpened = 3; // behind the standard streams
    private const int OnExec = 4; // CLOSE_RANGE_CLOEXEC

    private static readonly Lock Opening = new();
    private static readonly nint Method = MakeMethod();
    private static readonly ConcurrentDictionary<nint, TpmSigner> Signers = new();

    private readonly Lock gate = new();
    private readonly TpmKeyPlace place;
    private readonly byte[] publicKey;
    private readonly nint ecKey;
    private ECDsa? inTpm;
    private bool over;

    /// <exception cref="IdentityException">tpm_unavailable, tpm_key_missing.</exception>
    public TpmSigner(TpmKeyPlace place)
    {
        this.place = place;
        inTpm = OpenInTpm(place);
        publicKey = inTpm.ExportSubjectPublicKeyInfo();
        (Key, ecKey) = WithOurMethod(publicKey);
        Signers[ecKey] = this;
    }

    /// <summary>To sign with. Safe from any thread.</summary>
    public ECDsa Key { get; }

    private static ECDsaOpenSsl OpenInTpm(TpmKeyPlace place)
    {
        try
        {
            lock (Opening)
            {
                // The provider reads the C library's environment, which .NET's Environment does not change.
                Check(SetEnvironment("TPM2OPENSSL_TCTI", place.Tcti, 1) == 0);
                Check(SetEnvironment("TSS2_LOG", "all+none", 0) == 0);
                using var handle = SafeEvpPKeyHandle.OpenKeyFromProvider(Provider, $"handle:{place.Handle}");
                // tpm2-tss lets children have its open TPM, and the process that looks would hold the unit's key with it.
                Check(KeepFromChildren(FirstOpened, uint.MaxValue, OnExec) == 0);
                return new ECDsaOpenSsl(handle);
            }
        }
        catch (CryptographicException e)
        {
            throw (e.HResult & ReasonBits) switch
            {
                CannotLoad => new IdentityException("tpm_unavailable", $"The unit's key lies in the TPM, but OpenSSL's provider {Provider} cannot be loaded (apt-get install tpm2-openssl).", e),
                CannotBegin => new IdentityException("tpm_unavailable", $"The unit's key lies in the TPM, but none answers at {place.Tcti}: switch it on in the firmware, put this user into its group (tss), or enrol the unit again (edgectl provision --force).", e),
                _ => new IdentityException("tpm_key_missing", $"The TPM at {place.Tcti} holds no key at {place.Handle}: it was cleared or is another one. Enrol the unit again (edgectl provision --force).", e),
            };
        }
    }

    private static (ECDsa Key, nint EcKey) WithOurMethod(byte[] publicKey)
    {
        nint ecKey;
        fixed (byte* begin = publicKey)
        {
            var at = begin;
            ecKey = ReadPublicKey(0, &at, publicKey.Length);
        }
        // Before it is assigned: that is when OpenSSL looks whose method it is.
        Check(ecKey != 0 && SetMethod(ecKey, Method) == 1);
        using var handle = new SafeEvpPKeyHandle(NewKey(), ownsHandle: true);
        Check(AssignKey(handle.DangerousGetHandle(), EcKeyType, ecKey) == 1); // owns it from here on
        return (new ECDsaOpenSsl(handle), ecKey);
    }

    // Once and for as long as the process: keys in TLS's own caches point to it.
    private static nint MakeMethod()
    {
        var method = NewMethod(DefaultMethod());
        Check(method != 0);
        SetSign(method, &Sign, 0, 0);
        return method;
    }

    /// <summary>OpenSSL asks for a DER signature of a digest; 0 says that there is none.</summary>
    [UnmanagedCallersOnly]
    private static int Sign(int type, byte* digest, int digestBytes, byte* signature, uint* signatureBytes, nint inverse, nint r, nint key)
    {
        try
        {
            if (!Signers.TryGetValue(key, out var signer))
                return 0;
            var made = signer.Sign(new ReadOnlySpan<byte>(digest, digestBytes).ToArray());
            made.CopyTo(new Span<byte>(signature, made.Length));
            *signatureBytes = (uint)made.Length;
            return 1;
        }
        catch (Exception)
        {
            return 0; // Nothing may be thrown through OpenSSL; who asked it to sign is told that it could not.
        }
    }

    private byte[] Sign(byte[] digest)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(over, this);
            if (inTpm is not null && Try(inTpm, digest) is { } signature)
                return signature;
            // A connection that failed once stays so, as after a restart of the resource manager; another one may not.
            inTpm?.Dispose();
            inTpm = null;
            inTpm = Reopen();
            return inTpm.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    private static byte[]? Try(ECDsa key, byte[] digest)
    {
        try
        {
            return key.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private ECDsaOpenSsl Reopen()
    {
        var opened = OpenInTpm(place);
        if (opened.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey))
            return opened;
        opened.Dispose();
        throw new CryptographicException($"The TPM holds another key at {place.Handle} now.");
    }

    private static void Check(bool done)
    {
        if (!done)
            throw new CryptographicException("OpenSSL cannot make a key that the TPM signs for.");
    }

    public void Dispose()
    {
        _ = Signers.TryRemove(ecKey, out _);
        Key.Dispose();
        lock (gate)
        {
            over = true;
            inTpm?.Dispose();
        }
    }

    // The library that .NET itself works with, by the name that Debian 12 and 13 give it.
    private const string Crypto = "libcrypto.so.3";

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "close_range")]
    private static partial int KeepFromChildren(uint first, uint last, int flags);

    [LibraryImport(Crypto, EntryPoint = "d2i_EC_PUBKEY")]
    private static partial nint ReadPublicKey(nint into, byte** at, int length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_new")]
    private static partial nint NewKey();

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_assign")]
    private static partial int AssignKey(nint key, int type, nint ecKey);

    [LibraryImport(Crypto, EntryPoint = "EC_KEY_OpenSSL")]
    private static partial nint DefaultMethod();

    [LibraryImport(Crypto, EntryPoint = "EC_KEY_METHOD_new")]
    private static partial nint NewMethod(nint like);

    [LibraryImport(Crypto, EntryPoint = "EC_KEY_METHOD_set_sign")]
    private static partial void SetSign(nint method, delegate* unmanaged<int, byte*, int, byte*, uint*, nint, nint, nint, int> sign, nint setup, nint signParts);

    [LibraryImport(Crypto, EntryPoint = "EC_KEY_set_method")]
    private static partial int SetMethod(nint ecKey, nint method);
}
