using System.Security.Cryptography;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Agent.Hosting;

/// <summary>
/// Where the vault's key lies: sealed to the TPM that holds the unit's identity (vault.tpm), else in a file of mode 0600 (vault.key). A
/// file from before the TPM is moved into it: sealed and synced first, so that a power cut leaves at least one that opens.
/// </summary>
internal sealed partial class VaultKey(string dataDirectory, ILogger log)
{
    public const int Bytes = 32;

    private readonly string file = Path.Combine(dataDirectory, "vault.key");
    private readonly string sealedFile = Path.Combine(dataDirectory, "vault.tpm");

    /// <returns>The key; the caller clears it.</returns>
    public byte[] Take(Tpm? tpm) => tpm is null ? FromFile() : FromTpm(tpm);

    private byte[] FromFile()
    {
        if (File.Exists(sealedFile))
            throw new InvalidOperationException(
                $"{sealedFile} opens only in a TPM, but the unit's identity is not in one: enrol with --key tpm on the box that it is from, or move {dataDirectory} away.");
        if (!File.Exists(file))
        {
            RefuseIfSealed(file);
            SafeFile.Replace(file, RandomNumberGenerator.GetBytes(Bytes));
        }
        LogNoTpm(log, file);
        return ReadFile();
    }

    private byte[] FromTpm(Tpm tpm)
    {
        byte[] key;
        if (File.Exists(sealedFile))
        {
            key = Unseal(tpm, File.ReadAllBytes(sealedFile));
        }
        else
        {
            if (!File.Exists(file))
                RefuseIfSealed(sealedFile);
            key = File.Exists(file) ? ReadFile() : RandomNumberGenerator.GetBytes(Bytes);
            Seal(tpm, key);
        }
        if (File.Exists(file))
            Destroy(key);
        return key;
    }

    private void RefuseIfSealed(string missing)
    {
        if (File.Exists(Path.Combine(dataDirectory, "events.db")))
            throw new InvalidOperationException(
                $"{missing} is missing, but {dataDirectory} holds data sealed with it: restore the key, or move the folder away and enrol again.");
    }

    private byte[] ReadFile()
    {
        byte[] key = File.ReadAllBytes(file);
        if (key.Length != Bytes)
            throw new InvalidOperationException($"{file} should hold {Bytes} bytes and holds {key.Length}: restore it from where it was kept.");
        if ((File.GetUnixFileMode(file) & ~SafeFile.OwnerOnly) != 0)
            throw new InvalidOperationException($"{file} can be read by others: chmod 600 it, and treat the key as known.");
        return key;
    }

    private void Seal(Tpm tpm, byte[] key)
    {
        byte[] closed = tpm.Seal(key);
        if (!CryptographicOperations.FixedTimeEquals(Unseal(tpm, closed), key))
            throw new InvalidOperationException($"The TPM at {tpm.Tcti} gives another key back than it sealed: it is defective. Nothing was changed.");
        SafeFile.Replace(sealedFile, closed);
    }

    private byte[] Unseal(Tpm tpm, byte[] closed)
    {
        try
        {
            return tpm.Unseal(closed) is { Length: Bytes } key ? key : throw new CryptographicException("of another length");
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException(
                $"{sealedFile} does not open in the TPM at {tpm.Tcti} ({e.Message}): it is damaged, or this TPM is another one or was cleared. Put the box's own TPM back, or move {dataDirectory} away and enrol again.", e);
        }
    }

    private void Destroy(byte[] key)
    {
        byte[] there = ReadFile();
        // Zeros are what a power cut left of a file that was about to go.
        if (there.AsSpan().ContainsAnyExcept((byte)0) && !CryptographicOperations.FixedTimeEquals(there, key))
            throw new InvalidOperationException($"{file} is another key than the one sealed in {sealedFile}: move away the one that this folder's data was not sealed with.");
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Write(new byte[Bytes]);
            stream.Flush(flushToDisk: true);
        }
        SafeFile.Remove(file);
        LogMoved(log, file, sealedFile);
    }

    [LoggerMessage(4010, LogLevel.Warning, "No TPM is used on this machine: the unit key lies in {Path}, readable by its owner alone.")]
    private static partial void LogNoTpm(ILogger log, string path);

    [LoggerMessage(4011, LogLevel.Information, "The unit key moved into the TPM: {Path} was overwritten and removed, {Sealed} opens only here.")]
    private static partial void LogMoved(ILogger log, string path, string @sealed);
}
