using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>
/// The box's TPM 2.0, spoken to through tpm2-tools: makes the unit's key, which never leaves it, and seals what only it may open. Its
/// owner hierarchy must have no password, as a TPM comes from the factory.
/// </summary>
/// <param name="tcti">The way to it as tpm2-tss writes it; it must have a resource manager, as the kernel's tpmrm0 has.</param>
public sealed class Tpm(string tcti)
{
    /// <summary>The kernel's TPM.</summary>
    public const string DeviceFile = "/dev/tpmrm0";

    // Not under the TPM's guard against guessed passwords (noda): there is no password to guess, and it takes each use that no orderly
    // end followed for a wrong one. After a few power cuts it would lock the unit out of its own key for hours.
    private const string StaysHere = "fixedtpm|fixedparent|userwithauth|noda";

    // The same template makes the same primary key in the same TPM each time, so none of its few persistent places is taken for it.
    private static readonly string[] Primary =
        ["-C", "o", "-g", "sha256", "-G", "ecc256:aes128cfb", "-a", $"{StaysHere}|sensitivedataorigin|restricted|decrypt", "-c"];

    // Beyond the storage keys (0x8100xxxx) and endorsement keys (0x8101xxxx) that others put into a TPM by custom.
    private const uint FirstHandle = 0x8102_0000, LastHandle = 0x8102_FFFF;

    public string Tcti { get; } = tcti;

    /// <summary>A new P-256 key for ECDSA with SHA-256, at a persistent handle.</summary>
    /// <exception cref="IdentityException">tpm_unavailable.</exception>
    internal TpmKeyPlace MakeKey()
    {
        using var tools = new TpmTools(Tcti);
        var primary = MakePrimary(tools);
        string pub = tools.At("key.pub"), priv = tools.At("key.priv"), key = tools.At("key.ctx");
        tools.Need("tpm2_create", [], "-C", primary, "-g", "sha256", "-G", "ecc256:ecdsa-sha256", "-a", $"{StaysHere}|sensitivedataorigin|sign", "-u", pub, "-r", priv);
        tools.Need("tpm2_load", [], "-C", primary, "-u", pub, "-r", priv, "-c", key);
        var handle = FreeHandle(tools);
        tools.Need("tpm2_evictcontrol", [], "-C", "o", "-c", key, handle);
        return new TpmKeyPlace(handle, Tcti);
    }

    /// <summary>Destroys a key that was made for nothing. One that the TPM keeps all the same costs a place and gives nobody anything.</summary>
    internal void Forget(string handle)
    {
        using var tools = new TpmTools(Tcti);
        _ = tools.Run("tpm2_evictcontrol", [], "-C", "o", "-c", handle);
    }

    /// <summary>Seals a secret of at most 128 bytes so that this TPM alone opens it.</summary>
    /// <returns>The object's public part and its private part, which the TPM has encrypted, one behind the other.</returns>
    /// <exception cref="IdentityException">tpm_unavailable.</exception>
    public byte[] Seal(ReadOnlySpan<byte> secret)
    {
        using var tools = new TpmTools(Tcti);
        string pub = tools.At("sealed.pub"), priv = tools.At("sealed.priv");
        tools.Need("tpm2_create", secret, "-C", MakePrimary(tools), "-g", "sha256", "-i", "-", "-a", StaysHere, "-u", pub, "-r", priv);
        return [.. File.ReadAllBytes(pub), .. File.ReadAllBytes(priv)];
    }

    /// <exception cref="IdentityException">tpm_unavailable.</exception>
    /// <exception cref="CryptographicException">Damaged, or sealed by another TPM or by this one before it was cleared.</exception>
    public byte[] Unseal(ReadOnlySpan<byte> sealedSecret)
    {
        using var tools = new TpmTools(Tcti);
        string primary = MakePrimary(tools), pub = tools.At("sealed.pub"), priv = tools.At("sealed.priv"), context = tools.At("sealed.ctx");
        // A TPM's structures begin with their length.
        var publicBytes = sealedSecret.Length < sizeof(ushort) ? 0 : sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(sealedSecret);
        if (publicBytes >= sealedSecret.Length)
            throw new CryptographicException("damaged");
        File.WriteAllBytes(pub, sealedSecret[..publicBytes]);
        File.WriteAllBytes(priv, sealedSecret[publicBytes..]);
        var (_, fault) = tools.Run("tpm2_load", [], "-C", primary, "-u", pub, "-r", priv, "-c", context);
        return fault.Length == 0 ? tools.Need("tpm2_unseal", [], "-c", context) : throw new CryptographicException(fault);
    }

    private static string MakePrimary(TpmTools tools)
    {
        var context = tools.At("primary.ctx");
        tools.Need("tpm2_createprimary", [], [.. Primary, context]);
        return context;
    }

    private string FreeHandle(TpmTools tools)
    {
        var taken = Encoding.ASCII.GetString(tools.Need("tpm2_getcap", [], "handles-persistent"));
        for (var handle = FirstHandle; handle <= LastHandle; handle++)
        {
            var name = "0x" + handle.ToString("X8", CultureInfo.InvariantCulture);
            if (!taken.Contains(name, StringComparison.OrdinalIgnoreCase))
                return name;
        }
        throw new IdentityException("tpm_unavailable", $"The TPM at {Tcti} has no free place for a key: tpm2_evictcontrol frees those of identities that are no longer used.");
    }
}
