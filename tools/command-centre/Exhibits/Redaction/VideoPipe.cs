using System.Globalization;
using System.Text.Json;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Exhibits.Redaction;

/// <summary>What a video, or a single picture, is made of.</summary>
/// <param name="Rate">Frames a second as a fraction, as ffmpeg writes it: 25/1.</param>
internal sealed record VideoFacts(int Width, int Height, string Rate, int Frames)
{
    public int FrameBytes => 3 * Width * Height;

    public double FramesPerSecond
    {
        get
        {
            var parts = Rate.Split('/');
            return double.Parse(parts[0], CultureInfo.InvariantCulture) / double.Parse(parts[1], CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>Looks at one frame, and may change it. Blue, green, red, rows without padding.</summary>
internal delegate void OnFrame(int frame, Span<byte> bgr);

/// <summary>Frames out of a video and back into one, through pipes of <see cref="FfmpegProgram"/>; sound and metadata stay behind.</summary>
internal static class VideoPipe
{
    private const int MostSide = 4096, MostFrames = 9000, MostFrameRate = 120;
    private static readonly TimeSpan ProbeWithin = TimeSpan.FromSeconds(20);

    /// <exception cref="CentreException">It is no video or picture that can be redacted; the message is a code.</exception>
    public static async Task<VideoFacts> ProbeAsync(byte[] content, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ProbeWithin);
        using var process = FfmpegProgram.Start("ffprobe", [
            "-v", "error", "-protocol_whitelist", "pipe", "-count_packets", "-select_streams", "v:0",
            "-show_entries", "stream=width,height,avg_frame_rate,r_frame_rate,nb_read_packets", "-of", "json", "-i", "pipe:0"]);
        await using var ending = limit.Token.Register(() => FfmpegProgram.End(process));
        var feeding = FfmpegProgram.FeedAsync(process, content, limit.Token);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var told = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await feeding;
        _ = await errors;
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 && Facts(told) is { } facts ? facts : throw new CentreException("not_a_video");
    }

    /// <summary>Every frame in order, in one buffer that is used again.</summary>
    public static Task ReadAsync(byte[] content, VideoFacts facts, OnFrame onFrame, CancellationToken stop) => PassAsync(content, facts, onFrame, null, stop);

    /// <summary>A new video of frames that were looked at and changed.</summary>
    public static async Task<byte[]> RewriteAsync(byte[] content, VideoFacts facts, OnFrame onFrame, CancellationToken stop)
    {
        using var encoder = FfmpegProgram.Start("ffmpeg", [
            "-v", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", $"{facts.Width}x{facts.Height}", "-r", facts.Rate, "-i", "pipe:0",
            "-an", "-sn", "-dn", "-map_metadata", "-1", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-crf", "20", "-pix_fmt", "yuv420p",
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-bsf:v", "filter_units=remove_types=6",
            "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"]);
        await using var ending = stop.Register(() => FfmpegProgram.End(encoder));
        using var output = new MemoryStream();
        var collecting = CollectAsync(encoder.StandardOutput.BaseStream, output, stop);
        var errors = encoder.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await PassAsync(content, facts, onFrame, encoder.StandardInput.BaseStream, stop);
            encoder.StandardInput.Close();
            await collecting;
            _ = await errors;
            await encoder.WaitForExitAsync(stop);
            return encoder.ExitCode == 0 ? output.ToArray() : throw new CentreException("encoding_failed");
        }
        catch (IOException e)
        {
            throw new CentreException("encoding_failed", e);
        }
        finally
        {
            // Whatever ended it: nobody reads or feeds it any more.
            FfmpegProgram.End(encoder);
        }
    }

    private static async Task PassAsync(byte[] content, VideoFacts facts, OnFrame onFrame, Stream? into, CancellationToken stop)
    {
        using var decoder = FfmpegProgram.Start("ffmpeg", [
            "-v", "error", "-protocol_whitelist", "pipe", "-i", "pipe:0", "-map", "0:v:0", "-an", "-sn", "-dn",
            "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", $"{facts.Width}x{facts.Height}", "-r", facts.Rate, "pipe:1"]);
        await using var ending = stop.Register(() => FfmpegProgram.End(decoder));
        var feeding = FfmpegProgram.FeedAsync(decoder, content, stop);
        var errors = decoder.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await FramesAsync(decoder.StandardOutput.BaseStream, facts, onFrame, into, stop);
            await feeding;
            _ = await errors;
            await decoder.WaitForExitAsync(stop);
            // What it could not decode to its end would be missing from the copy without a word.
            if (decoder.ExitCode != 0)
                throw new CentreException("not_a_video");
        }
        finally
        {
            FfmpegProgram.End(decoder);
        }
    }

    private static async Task FramesAsync(Stream source, VideoFacts facts, OnFrame onFrame, Stream? into, CancellationToken stop)
    {
        var frame = new byte[facts.FrameBytes];
        for (var number = 0; await source.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, stop) == frame.Length; number++)
        {
            if (number >= MostFrames)
                throw new CentreException("too_long");
            onFrame(number, frame);
            if (into is not null)
                await into.WriteAsync(frame, stop);
        }
    }

    private static async Task CollectAsync(Stream from, MemoryStream output, CancellationToken stop)
    {
        var buffer = new byte[64 << 10];
        for (int read; (read = await from.ReadAsync(buffer, stop)) > 0;)
        {
            if (output.Length + read > ExhibitStore.MostBytes)
                throw new CentreException("too_large");
            output.Write(buffer, 0, read);
        }
    }

    private static VideoFacts? Facts(string told)
    {
        using var json = JsonDocument.Parse(told);
        if (!json.RootElement.TryGetProperty("streams", out var streams) || streams.GetArrayLength() == 0)
            return null;
        var stream = streams[0];
        string Text(string name) => stream.TryGetProperty(name, out var value) ? value.ToString() : "";
        var (width, height) = (int.Parse(Text("width"), CultureInfo.InvariantCulture), int.Parse(Text("height"), CultureInfo.InvariantCulture));
        var rate = ((string[])[Text("avg_frame_rate"), Text("r_frame_rate")]).FirstOrDefault(IsSound) ?? "25/1";
        if (width is < 2 or > MostSide || height is < 2 or > MostSide || !int.TryParse(Text("nb_read_packets"), CultureInfo.InvariantCulture, out var frames) || frames < 1)
            return null;
        return frames <= MostFrames ? new VideoFacts(width, height, rate, frames) : throw new CentreException("too_long");
    }

    private static bool IsSound(string rate) =>
        rate.Split('/') is [var above, var below] && long.TryParse(above, CultureInfo.InvariantCulture, out var a) && long.TryParse(below, CultureInfo.InvariantCulture, out var b)
        && a > 0 && b > 0 && a <= MostFrameRate * b;
}
