using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Encryption at rest. Everything sealed has a data key of its own (AES-256-GCM), wrapped by the unit key; whoever destroys the
/// wrapped key destroys the content. The unit key lies in a file of mode 0600, since this machine offers no TPM to the agent.
/// Layout: version 1 | nonce 12 | wrapped data key 32 | tag 16 | nonce 12 | content | tag 16. The purpose is authenticated in both.
/// </summary>
internal sealed partial class UnitVault : IDisposable
{
    private const byte Version = 1;
    private const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16;
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
    /// <exception cref="InvalidOperationException">The key is gone or damaged but sealed data is there; a sentence says what to do.</exception>
    public static UnitVault Open(string dataDirectory, ILogger log)
    {
        string path = Path.Combine(dataDirectory, "vault.key");
        if (!File.Exists(path))
        {
            if (File.Exists(Path.Combine(dataDirectory, "events.db")))
                throw new InvalidOperationException(
                    $"{path} is missing, but {dataDirectory} holds data sealed with it: restore the key, or move the folder away and enrol again.");
            SafeFile.Replace(path, RandomNumberGenerator.GetBytes(KeyBytes));
        }
        LogNoTpm(log, path);
        byte[] key = File.ReadAllBytes(path);
        if (key.Length != KeyBytes)
            throw new InvalidOperationException($"{path} should hold {KeyBytes} bytes and holds {key.Length}: restore it from where it was kept.");
        if ((File.GetUnixFileMode(path) & ~SafeFile.OwnerOnly) != 0)
            throw new InvalidOperationException($"{path} can be read by others: chmod 600 it, and treat the key as known.");
        return new UnitVault(key);
    }

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

    [LoggerMessage(4010, LogLevel.Warning, "No TPM is used on this machine: the unit key lies in {Path}, readable by its owner alone.")]
    private static partial void LogNoTpm(ILogger log, string path);
}
