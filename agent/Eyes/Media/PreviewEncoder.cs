using System.Threading.Channels;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Media;

/// <summary>One camera's small pictures for the mosaic, encoded on the camera's own thread (0.2 ms for 480 pixels).</summary>
internal sealed class PreviewEncoder(ChannelWriter<MediaMessage> media) : IDisposable
{
    private const int Quality = 70;
    private readonly JpegCodec _jpeg = new();

    /// <summary>Takes the frame. A host that does not keep up loses previews, the newest first: the next one is due in a moment.</summary>
    public void OnFrame(Frame frame)
    {
        using (frame)
            _ = media.TryWrite(new MediaMessage
            {
                Preview = new Preview
                {
                    CameraId = frame.CameraId,
                    CapturedMonoMs = frame.CapturedMonoMs,
                    CapturedUnixMs = frame.CapturedUnixMs,
                    Jpeg = UnsafeByteOperations.UnsafeWrap(_jpeg.Encode(frame.View, Quality)),
                },
            });
    }

    public void Dispose() => _jpeg.Dispose();
}
