using System.Security.Cryptography;
using EdgeAgent.Contract;

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
        // Setting up a cipher costs more than sealing an event with it, and one may not be used by two threads at once.
        var aes = new ThreadLocal<AesGcm>(() => new AesGcm(copy, TagBytes));
        return new PayloadSeal(plain => SealAesGcm(aes.Value!, plain), closed => OpenAesGcm(aes.Value!, closed));
    }

    private static byte[] SealAesGcm(AesGcm aes, byte[] plain)
    {
        var closed = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = closed.AsSpan(0, NonceBytes);
        RandomPool.Fill(nonce);
        aes.Encrypt(nonce, plain, closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length));
        return closed;
    }

    private static byte[] OpenAesGcm(AesGcm aes, byte[] closed)
    {
        if (closed.Length < NonceBytes + TagBytes)
            throw new CryptographicException($"{closed.Length} bytes are too few to be sealed.");
        var plain = new byte[closed.Length - NonceBytes - TagBytes];
        aes.Decrypt(closed.AsSpan(0, NonceBytes), closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length), plain);
        return plain;
    }
}
