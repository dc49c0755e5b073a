using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.Hw;

public sealed class PictureTests : IDisposable
{
    private readonly FramePool _pool = new();
    private readonly JpegCodec _jpeg = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeagent-pictures").FullName;

    public void Dispose()
    {
        Assert.Equal(0, _pool.Outstanding);
        _jpeg.Dispose();
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_is_no_jpeg_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => _jpeg.Decode([], _pool));
        Assert.Throws<InvalidDataException>(() => _jpeg.Decode("no picture at all"u8, _pool));
    }

    [Fact]
    public void A_pool_without_room_is_told_and_nothing_leaks()
    {
        byte[] jpeg = EncodeGradient(640, 360);
        using var small = new FramePool(capacityBytes: 1000);
        Assert.Throws<InvalidOperationException>(() => _jpeg.Decode(jpeg, small));
        Assert.Equal(0, small.Outstanding);
    }

    [Theory]
    [InlineData(640, 360)]
    [InlineData(37, 23)]
    [InlineData(1, 1)]
    public void A_picture_survives_jpeg(int width, int height)
    {
        using var decoded = _jpeg.Decode(EncodeGradient(width, height), _pool);
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        AssertGradient(decoded.View, tolerance: 12);
    }

    [Fact]
    public void A_byte_budget_is_kept()
    {
        using var frame = _pool.TryRent(320, 240)!.Value;
        new Random(1).NextBytes(frame.Bgr);
        byte[] free = _jpeg.Encode(frame.View, 85);
        Assert.Null(_jpeg.EncodeWithin(frame.View, 1000));
        byte[] kept = _jpeg.EncodeWithin(frame.View, free.Length * 3 / 4)!;
        Assert.InRange(kept.Length, 1, free.Length * 3 / 4);
    }

    [Fact]
    public void Files_that_are_no_pictures_are_refused_with_the_name()
    {
        Assert.Throws<FileNotFoundException>(() => PictureFile.Load(Path.Combine(_folder, "absent.png"), _pool));
        string text = Path.Combine(_folder, "text.png");
        File.WriteAllText(text, "hello");
        Assert.Contains("text.png", Assert.Throws<InvalidDataException>(() => PictureFile.Load(text, _pool)).Message, StringComparison.Ordinal);
        string empty = Path.Combine(_folder, "empty.jpg");
        File.WriteAllBytes(empty, []);
        Assert.Throws<InvalidDataException>(() => PictureFile.Load(empty, _pool));
    }

    [Fact]
    public void A_playlist_that_calls_itself_a_picture_is_not_followed()
    {
        string other = Path.Combine(_folder, "other.ppm");
        WritePpm(other, 8, 8);
        string playlist = Path.Combine(_folder, "list.png");
        File.WriteAllText(playlist, $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n");
        Assert.Throws<InvalidDataException>(() => PictureFile.Load(playlist, _pool));
    }

    [Theory]
    [InlineData("plain.ppm", 1)]
    [InlineData("odd %d name.png", 1)]
    [InlineData("lossy.jpg", 12)]
    [InlineData("map.bmp", 1)]
    public void Common_formats_are_read_as_they_are(string name, int tolerance)
    {
        string ppm = Path.Combine(_folder, "source.ppm");
        WritePpm(ppm, 65, 33);
        string path = Path.Combine(_folder, name);
        // ffmpeg itself would take the %d in a name for a counter.
        string written = Path.Combine(_folder, "written" + Path.GetExtension(name));
        string pixels = Path.GetExtension(name) switch { ".jpg" => "yuvj444p", ".bmp" => "bgr24", _ => "rgb24" };
        Clips.Ffmpeg("-i", ppm, "-update", "1", "-q:v", "1", "-pix_fmt", pixels, written);
        File.Move(written, path);
        using var frame = PictureFile.Load(path, _pool);
        Assert.Equal((65, 33), (frame.Width, frame.Height));
        AssertGradient(frame.View, tolerance);
    }

    private byte[] EncodeGradient(int width, int height)
    {
        using var frame = _pool.TryRent(width, height)!.Value;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                Gradient(x, y).CopyTo(frame.Bgr[(y * frame.StrideBytes + 3 * x)..]);
        return _jpeg.Encode(frame.View, 95);
    }

    private static void WritePpm(string path, int width, int height)
    {
        using var file = File.Create(path);
        file.Write(System.Text.Encoding.ASCII.GetBytes($"P6\n{width} {height}\n255\n"));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                byte[] bgr = Gradient(x, y);
                file.Write([bgr[2], bgr[1], bgr[0]]);
            }
    }

    // Smooth, and different in each channel: a swapped channel or a wrong stride shows.
    private static byte[] Gradient(int x, int y) => [(byte)(40 + x / 4), (byte)(200 - y / 4), (byte)(90 + (x + y) / 8)];

    private static void AssertGradient(BgrView view, int tolerance)
    {
        for (int y = 0; y < view.Height; y++)
        {
            var row = view.Row(y);
            for (int x = 0; x < view.Width; x++)
                for (int channel = 0; channel < 3; channel++)
                    Assert.InRange(row[3 * x + channel] - Gradient(x, y)[channel], -tolerance, tolerance);
        }
    }
}
