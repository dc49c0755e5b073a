using System.Security.Cryptography;

namespace EdgeAgent.DispatchClient.Outbox;

/// <summary>Encryption at rest of what an event says. Both functions may be called from any thread.</summary>
/// <param name="Seal">Plain bytes to sealed bytes.</param>
/// <param name="Open">Back; throws <see cref="CryptographicException"/> for bytes that were not sealed so or were changed.</param>
public sealed record PayloadSeal(Func<byte[], byte[]> Seal, Func<byte[], byte[]> Open)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>AES-256-GCM under one key: a random nonce, the cipher text, the tag.</summary>
    /// <param name="key">32 bytes; copied.</param>
    public static PayloadSeal AesGcm(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
            throw new ArgumentException($"The key has {key.Length} bytes instead of 32.", nameof(key));
        var copy = key.ToArray();
        return new PayloadSeal(plain => SealAesGcm(copy, plain), closed => OpenAesGcm(copy, closed));
    }

    private static byte[] SealAesGcm(byte[] key, byte[] plain)
    {
        var closed = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = closed.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length));
        return closed;
    }

    private static byte[] OpenAesGcm(byte[] key, byte[] closed)
    {
        if (closed.Length < NonceBytes + TagBytes)
            throw new CryptographicException($"{closed.Length} bytes are too few to be sealed.");
        var plain = new byte[closed.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(closed.AsSpan(0, NonceBytes), closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length), plain);
        return plain;
    }
}
