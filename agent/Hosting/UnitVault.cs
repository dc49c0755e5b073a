using System.Security.Cryptography;
using System.Text;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Encryption at rest. Everything sealed has a data key of its own (AES-256-GCM), wrapped by the unit key; whoever destroys the
/// wrapped key destroys the content. Where the unit key lies: <see cref="VaultKey"/>.
/// Layout: version 1 | nonce 12 | wrapped data key 32 | tag 16 | nonce 12 | content | tag 16. The purpose is authenticated in both.
/// </summary>
internal sealed class UnitVault : IDisposable
{
    private const byte Version = 1;
    private const int KeyBytes = VaultKey.Bytes, NonceBytes = 12, TagBytes = 16;
    private const int WrappedBytes = NonceBytes + KeyBytes + TagBytes;

    // One at a time: an AesGcm works in one OpenSSL context, and two threads in it at once seal what nobody can open again.
    private readonly Lock gate = new();
    private readonly AesGcm unitKey;

    private UnitVault(byte[] key)
    {
        unitKey = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Opens the key of this data folder, or makes one where there is nothing yet that it would have to open.</summary>
    /// <param name="tpm">The TPM that holds the unit's identity; null keeps the key in a file.</param>
    /// <exception cref="InvalidOperationException">The key is gone, damaged or another TPM's, but sealed data is there; a sentence says what to do.</exception>
    /// <exception cref="IdentityException">The TPM does not answer; a sentence says what to do.</exception>
    public static UnitVault Open(string dataDirectory, ILogger log, Tpm? tpm = null) => new(new VaultKey(dataDirectory, log).Take(tpm));

    public byte[] Seal(string purpose, ReadOnlySpan<byte> content)
    {
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(dataKey);
        byte[] output = new byte[1 + WrappedBytes + NonceBytes + content.Length + TagBytes];
        output[0] = Version;
        byte[] aad = Encoding.UTF8.GetBytes(purpose);
        lock (gate)
            Encrypt(unitKey, dataKey, output.AsSpan(1, WrappedBytes), aad);
        using (var key = new AesGcm(dataKey, TagBytes))
            Encrypt(key, content, output.AsSpan(1 + WrappedBytes), aad);
        CryptographicOperations.ZeroMemory(dataKey);
        return output;
    }

    /// <exception cref="CryptographicException">Damaged, of another purpose, or of another car.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> sealedContent)
    {
        if (sealedContent.Length < 1 + WrappedBytes + NonceBytes + TagBytes || sealedContent[0] != Version)
            throw new CryptographicException($"Sealed content of {sealedContent.Length} bytes is damaged.");
        byte[] aad = Encoding.UTF8.GetBytes(purpose);
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        lock (gate)
            Decrypt(unitKey, sealedContent.Slice(1, WrappedBytes), dataKey, aad);
        ReadOnlySpan<byte> body = sealedContent[(1 + WrappedBytes)..];
        byte[] content = new byte[body.Length - NonceBytes - TagBytes];
        using (var key = new AesGcm(dataKey, TagBytes))
            Decrypt(key, body, content, aad);
        CryptographicOperations.ZeroMemory(dataKey);
        return content;
    }

    private static void Encrypt(AesGcm key, ReadOnlySpan<byte> content, Span<byte> output, byte[] aad)
    {
        Span<byte> nonce = output[..NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        key.Encrypt(nonce, content, output.Slice(NonceBytes, content.Length), output[^TagBytes..], aad);
    }

    private static void Decrypt(AesGcm key, ReadOnlySpan<byte> input, Span<byte> content, byte[] aad) =>
        key.Decrypt(input[..NonceBytes], input.Slice(NonceBytes, content.Length), input[^TagBytes..], content, aad);

    public void Dispose() => unitKey.Dispose();
}
