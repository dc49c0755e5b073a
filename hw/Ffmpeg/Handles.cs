using System.Runtime.InteropServices;
using FFmpeg.AutoGen;

namespace EdgeAgent.Hw.Ffmpeg;

/// <summary>Owns one libav object: freed exactly once, also when a constructor around it throws.</summary>
internal abstract class AvHandle : SafeHandle
{
    protected AvHandle(nint native, string what)
        : base(0, ownsHandle: true)
    {
        SetHandle(native);
        if (native == 0)
            throw new FfmpegException($"{what} could not be allocated");
    }

    public override bool IsInvalid => handle == 0;
}

/// <summary>An AVPacket.</summary>
internal sealed unsafe class PacketHandle() : AvHandle((nint)ffmpeg.av_packet_alloc(), "packet")
{
    public AVPacket* Pointer => (AVPacket*)handle;

    public void Unref() => ffmpeg.av_packet_unref(Pointer);

    protected override bool ReleaseHandle()
    {
        var packet = Pointer;
        ffmpeg.av_packet_free(&packet);
        return true;
    }
}

/// <summary>An AVFrame: a decoded picture.</summary>
internal sealed unsafe class PictureHandle() : AvHandle((nint)ffmpeg.av_frame_alloc(), "frame")
{
    public AVFrame* Pointer => (AVFrame*)handle;

    public void Unref() => ffmpeg.av_frame_unref(Pointer);

    /// <summary>Lets go of its picture and shares another one's, without copying; false: no memory.</summary>
    public bool TryReference(AVFrame* picture)
    {
        Unref();
        return ffmpeg.av_frame_ref(Pointer, picture) >= 0;
    }

    protected override bool ReleaseHandle()
    {
        var frame = Pointer;
        ffmpeg.av_frame_free(&frame);
        return true;
    }
}

/// <summary>An AVCodecContext.</summary>
internal sealed unsafe class CodecHandle(AVCodec* codec) : AvHandle((nint)ffmpeg.avcodec_alloc_context3(codec), "decoder")
{
    public AVCodecContext* Pointer => (AVCodecContext*)handle;

    protected override bool ReleaseHandle()
    {
        var context = Pointer;
        ffmpeg.avcodec_free_context(&context);
        return true;
    }
}

/// <summary>An AVCodecParameters, empty at first.</summary>
internal sealed unsafe class CodecParametersHandle() : AvHandle((nint)ffmpeg.avcodec_parameters_alloc(), "codec parameters")
{
    public AVCodecParameters* Pointer => (AVCodecParameters*)handle;

    protected override bool ReleaseHandle()
    {
        var parameters = Pointer;
        ffmpeg.avcodec_parameters_free(&parameters);
        return true;
    }
}
