using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>A small picture that is filled again and again; it grows to the largest size asked for and then stays.</summary>
internal sealed class BgrImage
{
    private byte[] _pixels = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int StrideBytes => 3 * Width;

    public Span<byte> Pixels => _pixels.AsSpan(0, StrideBytes * Height);

    public BgrView View => new(Pixels, Width, Height, StrideBytes);

    public Span<byte> Row(int y) => _pixels.AsSpan(y * StrideBytes, StrideBytes);

    /// <summary>Takes a size; the pixels are then undefined.</summary>
    public void Resize(int width, int height)
    {
        int size = 3 * width * height;
        if (_pixels.Length < size)
            _pixels = new byte[size];
        Width = width;
        Height = height;
    }
}
