// SPDX-License-Identifier: Apache-2.0
// Names as in FFmpeg.AutoGen, so that -p:PublicPackages=true can put the real package in this project's place.
namespace FFmpeg.AutoGen;

public enum AVMediaType
{
    AVMEDIA_TYPE_UNKNOWN = -1,
    AVMEDIA_TYPE_VIDEO = 0,
    AVMEDIA_TYPE_AUDIO = 1,
}

public enum AVCodecID
{
    AV_CODEC_ID_NONE = 0,
    AV_CODEC_ID_MJPEG = 7,
    AV_CODEC_ID_H264 = 27,
    AV_CODEC_ID_HEVC = 173,
}

public enum AVPixelFormat
{
    AV_PIX_FMT_NONE = -1,
    AV_PIX_FMT_YUV420P = 0,
    AV_PIX_FMT_RGB24 = 2,
    AV_PIX_FMT_BGR24 = 3,
    AV_PIX_FMT_GRAY8 = 8,
    AV_PIX_FMT_YUVJ420P = 12,
    AV_PIX_FMT_NV12 = 23,
}

public struct AVRational
{
    public int num;
    public int den;
}

public unsafe struct AVDictionaryEntry
{
    public byte* key;
    public byte* value;
}

// Only ever pointed at: C# never looks inside.
public struct AVDictionary;

public struct AVInputFormat;

public struct AVOutputFormat;

public struct AVCodec;

public struct AVBufferRef;

public struct SwsContext;

public struct SwsFilter;

public unsafe struct int_array8
{
    private fixed int _elements[8];

    public int this[uint index]
    {
        get => _elements[index];
        set => _elements[index] = value;
    }
}

public unsafe struct byte_ptrArray8
{
    private fixed long _elements[8];

    public byte* this[uint index]
    {
        get => (byte*)_elements[index];
        set => _elements[index] = (long)value;
    }
}
