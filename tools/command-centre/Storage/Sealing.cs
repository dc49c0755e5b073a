using System.Security.Cryptography;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// Personal data at rest: AES-256-GCM under the data folder's own storage key. A copied database without keys/storage.key
/// tells who talked when, not what about.
/// </summary>
internal sealed class Sealing : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] key;

    public Sealing(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, 32);
        this.key = key;
    }

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    /// <summary>nonce || tag || ciphertext.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes));
        return box;
    }

    /// <exception cref="CryptographicException">Not sealed under this key, or changed since.</exception>
    public byte[] Open(ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceBytes + TagBytes)
            throw new CryptographicException("The sealed field is too short.");
        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(box[..NonceBytes], box[(NonceBytes + TagBytes)..], box.Slice(NonceBytes, TagBytes), plain);
        return plain;
    }

    /// <summary>A key for one file, from its own salt: no two files share a key, so block numbers may serve as nonces.</summary>
    public AesGcm ForFile(ReadOnlySpan<byte> salt)
    {
        Span<byte> fileKey = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, fileKey, salt, "patrol centre evidence file"u8);
        var aes = new AesGcm(fileKey, TagBytes);
        CryptographicOperations.ZeroMemory(fileKey);
        return aes;
    }

    /// <summary>Under a key of its own for each purpose: equal texts are found again, and nobody without the storage key can try texts.</summary>
    public byte[] Mac(string purpose, ReadOnlySpan<byte> text)
    {
        Span<byte> macKey = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, macKey, [], System.Text.Encoding.UTF8.GetBytes($"patrol centre {purpose}"));
        var mac = HMACSHA256.HashData(macKey, text);
        CryptographicOperations.ZeroMemory(macKey);
        return mac;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(key);
}
