using System.Buffers.Binary;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.CommandCentre.Lists;

/// <summary>A face as a list carries it.</summary>
/// <param name="Template">512 float32, little endian, length one.</param>
/// <param name="PortraitJpeg">At most <see cref="FacePictures.PortraitBytes"/>.</param>
internal sealed record EnrolledFace(byte[] Template, byte[] PortraitJpeg);

/// <summary>Pictures to templates, with the same models that the cars compare with.</summary>
internal sealed class FacePictures : IDisposable
{
    public const int PortraitBytes = 6 << 10;
    private const int PortraitSide = 128;
    private const float PortraitMargin = 0.35f;

    /// <summary>Two boxes of which the smaller lies in the other by more than this share are one face.</summary>
    private const float SamePart = 0.7f;
    private readonly FramePool pool = new();
    private readonly JpegCodec jpeg = new();
    private readonly FaceDetector detector;
    private readonly FaceEmbedder embedder;

    /// <exception cref="CentreException">The models are not there.</exception>
    public FacePictures()
    {
        try
        {
            var models = ModelStore.Open();
            detector = new FaceDetector(models);
            embedder = new FaceEmbedder(models);
        }
        catch (ModelException e)
        {
            throw new CentreException($"Face lists need the face models. {e.Message}", e);
        }
    }

    /// <summary>Of the network that made the templates.</summary>
    public byte[] ModelSha256 => embedder.ModelSha256;

    /// <exception cref="CentreException">No picture, or not exactly one face in it that is good enough; the message names the file.</exception>
    public EnrolledFace Enrol(string path)
    {
        using var picture = Load(path);
        return Enrol(picture, path, 0);
    }

    /// <summary>As <see cref="Enrol(string)"/>, for a JPEG that lies on no disk.</summary>
    /// <param name="number">Which of several; see <see cref="PictureException.Picture"/>.</param>
    /// <exception cref="PictureException">As there; the message has this name.</exception>
    public EnrolledFace Enrol(byte[] jpegBytes, string name, int number = 0)
    {
        try
        {
            using var picture = jpeg.Decode(jpegBytes, pool);
            return Enrol(picture, name, number);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new PictureException(PictureFault.Unreadable, $"{name}: {e.Message}", e) { Picture = number };
        }
    }

    private EnrolledFace Enrol(Frame picture, string path, int number)
    {
        Span<FaceBox> found = new FaceBox[32];
        var count = detector.Detect(picture.View, found);
        var template = new float[FaceEmbedder.Dimension];
        FaceBox? only = null;
        var faults = FaceFaults.None;
        foreach (var box in found[..count])
        {
            var quality = embedder.Assess(picture.View, box);
            faults |= quality.Faults;
            if (!quality.Passes || (only is { } better && IsPartOf(better, box)))
                continue;
            only = only is null ? box : throw Wrong(PictureFault.ManyFaces, "more than one usable face. Cut the picture down to the person who is meant.");
        }
        if (only is null)
        {
            throw count == 0
                ? Wrong(PictureFault.NoFace, "no face found. Use an upright picture that shows the face from the front.")
                : Wrong(PictureFault.Poor, $"the face cannot be compared: {Why(faults)}. Use a better picture.");
        }
        if (!embedder.EmbedPortrait(picture.View, only.Value, template).Passes)
            throw Wrong(PictureFault.Poor, "the face cannot be compared. Use a better picture.");
        return new EnrolledFace(Bytes(template), Portrait(picture.View, only.Value, path));

        PictureException Wrong(PictureFault fault, string words) => new(fault, $"{path}: {words}") { Picture = number };
    }

    /// <summary>The detector now and then takes half a face, behind glasses say, for one more; the better box comes first.</summary>
    private static bool IsPartOf(FaceBox face, FaceBox box)
    {
        var width = Math.Min(face.X2, box.X2) - Math.Max(face.X1, box.X1);
        var height = Math.Min(face.Y2, box.Y2) - Math.Max(face.Y1, box.Y1);
        return width > 0 && height > 0 && width * height > SamePart * Math.Min(face.Width * face.Height, box.Width * box.Height);
    }

    public void Dispose()
    {
        embedder.Dispose();
        detector.Dispose();
        jpeg.Dispose();
        pool.Dispose();
    }

    private static string Why(FaceFaults faults)
    {
        (FaceFaults Fault, string Words)[] all =
        [
            (FaceFaults.TooSmall, "too few pixels"), (FaceFaults.TurnedAside, "turned aside"), (FaceFaults.TurnedUpOrDown, "turned up or down"),
            (FaceFaults.Tilted, "tilted"), (FaceFaults.Blurred, "blurred"), (FaceFaults.TooDark, "too dark"), (FaceFaults.Overexposed, "overexposed"),
            (FaceFaults.Flat, "hardly any contrast"),
        ];
        var named = all.Where(f => faults.HasFlag(f.Fault)).Select(f => f.Words);
        return string.Join(", ", named.DefaultIfEmpty("it is not wholly in the picture"));
    }

    private Frame Load(string path)
    {
        try
        {
            return PictureFile.Load(path, pool);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new CentreException($"{path}: {e.Message}", e);
        }
    }

    private byte[] Portrait(BgrView picture, FaceBox box, string path)
    {
        var margin = PortraitMargin * Math.Max(box.Width, box.Height);
        var crop = picture.Crop((int)(box.X1 - margin), (int)(box.Y1 - margin), (int)(box.Width + (2 * margin)), (int)(box.Height + (2 * margin)));
        var scale = Math.Min(1f, PortraitSide / (float)Math.Max(crop.Width, crop.Height));
        var (width, height) = (Math.Max(1, (int)(crop.Width * scale)), Math.Max(1, (int)(crop.Height * scale)));
        var pixels = Shrunk(crop, width, height);
        return jpeg.EncodeWithin(new BgrView(pixels, width, height, 3 * width), PortraitBytes)
            ?? throw new CentreException($"{path}: its portrait does not fit {PortraitBytes} bytes.");
    }

    /// <summary>Each pixel the mean of those that it stands for.</summary>
    private static byte[] Shrunk(BgrView source, int width, int height)
    {
        var target = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
        {
            int top = y * source.Height / height, bottom = Math.Max(top + 1, (y + 1) * source.Height / height);
            for (var x = 0; x < width; x++)
            {
                int left = x * source.Width / width, right = Math.Max(left + 1, (x + 1) * source.Width / width);
                int blue = 0, green = 0, red = 0;
                for (var row = top; row < bottom; row++)
                {
                    var line = source.Row(row)[(3 * left)..(3 * right)];
                    for (var at = 0; at < line.Length; at += 3)
                        (blue, green, red) = (blue + line[at], green + line[at + 1], red + line[at + 2]);
                }
                var pixels = (bottom - top) * (right - left);
                var to = 3 * ((y * width) + x);
                (target[to], target[to + 1], target[to + 2]) = ((byte)(blue / pixels), (byte)(green / pixels), (byte)(red / pixels));
            }
        }
        return target;
    }

    private static byte[] Bytes(float[] template)
    {
        var bytes = new byte[template.Length * sizeof(float)];
        for (var at = 0; at < template.Length; at++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at * sizeof(float)), template[at]);
        return bytes;
    }
}
