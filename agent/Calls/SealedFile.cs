using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeAgent.Agent.Hosting;

namespace EdgeAgent.Agent.Calls;

/// <summary>
/// A file that is never on the disk in clear and yet can be gone on with and read from its middle: a row of pieces, each its length
/// (int32, little endian) and its sealed bytes. All pieces but the last hold <see cref="PieceBytes"/> plain ones. Each is sealed for
/// its place in this very file, so that none can be swapped.
/// </summary>
internal static class SealedFile
{
    public const int PieceBytes = 64 << 10;

    // Version, wrapped key, nonces and tags (UnitVault).
    private const int SealBytes = 89;
    private const int LengthBytes = sizeof(int);

    public const long RowBytes = LengthBytes + SealBytes + PieceBytes;

    /// <summary>Plain bytes in whole pieces; what a power cut left behind them is cut off.</summary>
    public static long Trim(FileStream file)
    {
        long whole = file.Length / RowBytes;
        if (file.Length != whole * RowBytes)
            file.SetLength(whole * RowBytes);
        file.Position = file.Length;
        return whole * PieceBytes;
    }

    /// <summary>Appends a piece at the file's end.</summary>
    public static void Append(FileStream file, UnitVault vault, string purpose, ReadOnlySpan<byte> piece)
    {
        long index = file.Length / RowBytes;
        byte[] closed = vault.Seal(Purpose(purpose, index), piece);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, closed.Length);
        file.Position = index * RowBytes;
        file.Write(length);
        file.Write(closed);
    }

    /// <exception cref="CryptographicException">The piece was changed.</exception>
    /// <exception cref="InvalidDataException">The file is cut short or not one of ours.</exception>
    public static byte[] Read(FileStream file, UnitVault vault, string purpose, long index)
    {
        file.Position = index * RowBytes;
        Span<byte> length = stackalloc byte[LengthBytes];
        if (file.ReadAtLeast(length, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
            throw new InvalidDataException("A sealed file is cut short.");
        int bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (bytes is < SealBytes or > SealBytes + PieceBytes || file.Position + bytes > file.Length)
            throw new InvalidDataException("A sealed file is damaged.");
        byte[] closed = new byte[bytes];
        file.ReadExactly(closed);
        return vault.Open(Purpose(purpose, index), closed);
    }

    private static string Purpose(string purpose, long index) => $"{purpose}/{index}";
}

/// <summary>The plain content of a <see cref="SealedFile"/>, opened piece by piece as it is read. Owns the file.</summary>
internal sealed class SealedReader(FileStream file, UnitVault vault, string purpose, long size) : Stream
{
    private byte[] piece = [];
    private long pieceIndex = -1;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        if (position >= size || buffer.IsEmpty)
            return 0;
        long index = position / SealedFile.PieceBytes;
        if (index != pieceIndex)
            (piece, pieceIndex) = (SealedFile.Read(file, vault, purpose, index), index);
        int at = (int)(position - (index * SealedFile.PieceBytes));
        int count = (int)Math.Min(Math.Min(buffer.Length, piece.Length - at), size - position);
        if (count <= 0)
            throw new InvalidDataException("A sealed file is shorter than it should be.");
        piece.AsSpan(at, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => size + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CryptographicOperations.ZeroMemory(piece);
            file.Dispose();
        }
        base.Dispose(disposing);
    }
}
