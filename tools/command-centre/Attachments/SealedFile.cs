using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Attachments;

/// <summary>
/// A file that grows by whole sealed blocks, so that a broken upload goes on where its last whole block ends. On disk: a salt of
/// 16 bytes, then for each 64 KiB of content tag and ciphertext, the block's number as nonce under the file's own key.
/// </summary>
internal sealed class SealedFile : IDisposable
{
    public const int BlockBytes = 64 << 10;
    private const int SaltBytes = 16;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly FileStream file;
    private readonly AesGcm aes;
    private readonly byte[] plain = new byte[BlockBytes];
    private readonly byte[] box = new byte[TagBytes + BlockBytes];
    private int pending;
    private bool ended;

    private SealedFile(FileStream file, AesGcm aes) => (this.file, this.aes) = (file, aes);

    /// <summary>Content bytes in whole blocks.</summary>
    public long SealedBytes { get; private set; }

    /// <summary>Opens for adding; a file that is not there is made, and a torn last block is cut off.</summary>
    public static SealedFile OpenToAppend(string path, Sealing sealing)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        return Open(new FileStream(path, options), sealing, toAppend: true);
    }

    public static SealedFile OpenToRead(string path, Sealing sealing) =>
        Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), sealing, toAppend: false);

    /// <summary>How much of an unfinished file can be gone on with.</summary>
    public static long WholeBlockBytes(string path) =>
        File.Exists(path) ? Math.Max(0, new FileInfo(path).Length - SaltBytes) / (TagBytes + BlockBytes) * BlockBytes : 0;

    /// <summary>The content from its start, block by block; the span is valid until the next step.</summary>
    /// <exception cref="CryptographicException">The file was changed.</exception>
    public bool TryReadBlock(out ReadOnlyMemory<byte> block)
    {
        var length = file.ReadAtLeast(box, box.Length, throwOnEndOfStream: false);
        if (length <= TagBytes)
        {
            block = default;
            return false;
        }
        var content = length - TagBytes;
        aes.Decrypt(Nonce(SealedBytes / BlockBytes), box.AsSpan(TagBytes, content), box.AsSpan(0, TagBytes), plain.AsSpan(0, content));
        SealedBytes += content;
        block = plain.AsMemory(0, content);
        return true;
    }

    /// <summary>The next block to be read is the one that holds this byte of the content.</summary>
    /// <returns>Where in that block it is.</returns>
    public int SeekTo(long contentOffset)
    {
        var block = contentOffset / BlockBytes;
        _ = file.Seek(SaltBytes + (block * (TagBytes + BlockBytes)), SeekOrigin.Begin);
        SealedBytes = block * BlockBytes;
        return (int)(contentOffset % BlockBytes);
    }

    /// <summary>Cuts off all behind the blocks that were read so far; what is added next follows them.</summary>
    public void CutAfterSealed()
    {
        file.SetLength(SaltBytes + (SealedBytes / BlockBytes * (TagBytes + BlockBytes)));
        _ = file.Seek(0, SeekOrigin.End);
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        while (!content.IsEmpty)
        {
            var take = Math.Min(content.Length, BlockBytes - pending);
            content[..take].CopyTo(plain.AsSpan(pending));
            pending += take;
            content = content[take..];
            if (pending == BlockBytes)
                SealPending();
        }
    }

    /// <summary>Seals what is left as the last block and syncs the file.</summary>
    public void End()
    {
        if (pending > 0)
            SealPending();
        ended = true;
        file.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(plain);
        aes.Dispose();
        file.Dispose();
    }

    private static SealedFile Open(FileStream file, Sealing sealing, bool toAppend)
    {
        try
        {
            var salt = new byte[SaltBytes];
            if (file.ReadAtLeast(salt, SaltBytes, throwOnEndOfStream: false) < SaltBytes)
            {
                if (!toAppend)
                    throw new CryptographicException("The evidence file has no head.");
                RandomNumberGenerator.Fill(salt);
                file.SetLength(0);
                file.Write(salt);
            }
            if (toAppend)
                file.SetLength(SaltBytes + ((file.Length - SaltBytes) / (TagBytes + BlockBytes) * (TagBytes + BlockBytes)));
            return new SealedFile(file, sealing.ForFile(salt));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void SealPending()
    {
        aes.Encrypt(Nonce(SealedBytes / BlockBytes), plain.AsSpan(0, pending), box.AsSpan(TagBytes, pending), box.AsSpan(0, TagBytes));
        file.Write(box, 0, TagBytes + pending);
        SealedBytes += pending;
        pending = 0;
    }

    private static byte[] Nonce(long block)
    {
        var nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteInt64LittleEndian(nonce, block);
        return nonce;
    }
}
