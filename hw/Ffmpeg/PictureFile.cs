using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>Reads one still picture. For enrolment and evaluation, not for the live way.</summary>
public static unsafe class PictureFile
{
    /// <summary>
    /// Only still-picture formats: a file that calls itself a picture may not make FFmpeg read a playlist, and so other files.
    /// </summary>
    private const string Formats =
        "image2,bmp_pipe,gif_pipe,jpeg_pipe,j2k_pipe,pam_pipe,pbm_pipe,pgm_pipe,png_pipe,ppm_pipe,tiff_pipe,webp_pipe";

    /// <summary>The picture as a frame of <paramref name="pool"/>; the caller owns it. JPEG, PNG, PPM, BMP, WebP, TIFF.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a picture that can be read.</exception>
    /// <exception cref="InvalidOperationException">The pool has no room for it.</exception>
    public static Frame Load(string path, FramePool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (!File.Exists(path))
            throw new FileNotFoundException($"no picture at {path}", path);
        if (TryLoadJpeg(path, pool) is { } jpeg)
            return jpeg;
        try
        {
            using var input = new Demuxer($"file:{Path.GetFullPath(path)}", new DemuxerOptions(StillFormats: Formats));
            using var decoder = new Decoder(input.Parameters, input.TimeBase);
            using var packet = new PacketHandle();
            FfmpegException.Check(input.Read(packet), "read");
            // The first packet may already give the picture; threaded or delayed decoders give it when drained.
            if (!decoder.Send(packet.Pointer) || (!decoder.TryReceive() && !(decoder.Send(null) && decoder.TryReceive())))
                throw new FfmpegException("the picture is damaged");
            return ToFrame(decoder.Picture, pool, path);
        }
        catch (FfmpegException e)
        {
            throw new InvalidDataException($"{path} is not a picture that can be read: {e.Message}", e);
        }
    }

    private static Frame? TryLoadJpeg(string path, FramePool pool)
    {
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[3];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || magic is not [0xFF, 0xD8, 0xFF])
            return null;
        try
        {
            using var codec = new JpegCodec();
            return codec.Decode(File.ReadAllBytes(path), pool);
        }
        catch (InvalidDataException)
        {
            // CMYK and other rarities that libturbojpeg refuses: FFmpeg has the last word.
            return null;
        }
    }

    /// <summary>The whole of a decoded picture, exact; the caller owns it.</summary>
    /// <param name="path">Where it is from, for messages.</param>
    /// <inheritdoc cref="Load" path="/exception"/>
    internal static Frame ToFrame(AVFrame* picture, FramePool pool, string path)
    {
        if (picture->width is < 1 or > FramePool.MaxSide || picture->height is < 1 or > FramePool.MaxSide)
            throw new InvalidDataException($"{path}: {picture->width}x{picture->height} is larger than {FramePool.MaxSide} pixels a side");
        var frame = pool.TryRent(picture->width, picture->height)
            ?? throw new InvalidOperationException($"the frame pool has no room for {picture->width}x{picture->height}");
        try
        {
            using var scaler = new Scaler(ScaleQuality.Exact);
            scaler.Convert(picture, frame);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }
}
