using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Attachments;

/// <summary>A finished evidence file's content, to be read from anywhere: a player that jumps reads only what it shows.</summary>
/// <param name="path">The sealed file.</param>
/// <param name="sealing">Opens it.</param>
/// <param name="length">Content bytes, as the centre noted them.</param>
internal sealed class EvidenceStream(string path, Sealing sealing, long length) : Stream
{
    private readonly SealedFile file = SealedFile.OpenToRead(path, sealing);
    private ReadOnlyMemory<byte> left;
    private long position;
    private bool moved;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => _ = Seek(value, SeekOrigin.Begin);
    }

    /// <exception cref="System.Security.Cryptography.CryptographicException">The file was changed.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Read(byte[], int, int)"/>
    public override int Read(Span<byte> buffer)
    {
        if (moved)
        {
            var skip = file.SeekTo(position);
            left = file.TryReadBlock(out var block) ? block[Math.Min(skip, block.Length)..] : default;
            moved = false;
        }
        else if (left.IsEmpty && file.TryReadBlock(out var next))
        {
            left = next;
        }
        var take = Math.Min(buffer.Length, left.Length);
        left.Span[..take].CopyTo(buffer);
        left = left[take..];
        position += take;
        return take;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var to = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => position + offset, _ => length + offset };
        if (to < 0 || to > length)
            throw new IOException($"The evidence has {length} bytes; there is no byte {to}.");
        moved |= to != position;
        return position = to;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException("Evidence is never changed.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Evidence is never changed.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
