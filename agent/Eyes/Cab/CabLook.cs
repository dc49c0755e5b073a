using System.Numerics;
using System.Runtime.InteropServices;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Cab;

/// <summary>One picture of the cab in the host's words. Not thread-safe.</summary>
internal sealed class CabLook(ModelStore models) : IDisposable
{
    private const int JpegQuality = 70;

    private readonly NearFaceReader _reader = new(models);
    private readonly JpegCodec _jpeg = new();
    private readonly float[] _embedding = new float[FaceEmbedder.Dimension];

    public CabFrame At(Frame frame)
    {
        var said = Judge(frame.View, frame.CameraId, frame.CapturedMonoMs);
        said.Jpeg = UnsafeByteOperations.UnsafeWrap(_jpeg.Encode(frame.View, JpegQuality));
        return said;
    }

    /// <summary>All of it but the picture.</summary>
    public CabFrame Judge(BgrView picture, string cameraId, long capturedMonoMs)
    {
        var face = _reader.Look(picture, _embedding);
        var said = new CabFrame { CameraId = cameraId, CapturedMonoMs = capturedMonoMs, Faces = (uint)face.Faces };
        if (face.Faces == 0)
            return said;
        float w = picture.Width, h = picture.Height;
        said.Face = new CabFace
        {
            X = face.Box.X1 / w,
            Y = face.Box.Y1 / h,
            Width = face.Box.Width / w,
            Height = face.Box.Height / h,
            WidthPx = (uint)face.Box.Width,
            YawDegrees = face.YawDegrees,
            PitchDegrees = face.PitchDegrees,
            RollDegrees = face.RollDegrees,
            EyesOpen = face.EyesOpen,
            LidGap = face.LidGap,
            Live = face.Live,
            Comparable = face.Quality.Passes,
            Embedding = ByteString.CopyFrom(MemoryMarshal.AsBytes(_embedding.AsSpan())),
            ModelSha256 = UnsafeByteOperations.UnsafeWrap(_reader.ModelSha256),
        };
        Array.Clear(_embedding);
        foreach (Vector2 point in (ReadOnlySpan<Vector2>)[face.LeftEye, face.RightEye, face.Nose, face.LeftMouth, face.RightMouth])
        {
            said.Face.Points.Add(point.X / w);
            said.Face.Points.Add(point.Y / w);
        }
        return said;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _jpeg.Dispose();
        Array.Clear(_embedding);
    }
}
