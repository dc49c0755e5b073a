// SPDX-License-Identifier: Apache-2.0
namespace FFmpeg.AutoGen;

/// <summary>
/// Where fields lie that moved between major versions, by offsetof against the headers of FFmpeg 5.1, 6.0, 6.1, 7.0 and 7.1
/// (libavformat 59, 60, 60, 61, 61) on 64-bit Linux.
/// </summary>
internal static class MovedFields
{
    private const int FirstKnownMajor = 59;
    private const int LastKnownMajor = 61;
    private static readonly int s_version = KnownMajor((int)(ffmpeg.avformat_version() >> 16)) - FirstKnownMajor;

    public static readonly int FormatFlags = Pick(96, 96, 128);
    public static readonly int FormatInterruptCallback = Pick(200, 200, 216);
    public static readonly int StreamIndex = Pick(0, 8, 8);
    public static readonly int StreamCodecParameters = Pick(208, 16, 16);
    public static readonly int StreamTimeBase = Pick(16, 32, 32);
    public static readonly int StreamAverageFrameRate = Pick(72, 88, 88);
    public static readonly int ParametersFormat = Pick(28, 28, 44);
    public static readonly int ParametersWidth = Pick(56, 56, 72);
    public static readonly int CodecPacketTimeBase = Pick(724, 716, 92);

    /// <summary>A guess about a version nobody looked at would write into somebody else's memory: refuse instead.</summary>
    private static int KnownMajor(int major) => major is >= FirstKnownMajor and <= LastKnownMajor
        ? major
        : throw new NotSupportedException($"libavformat {major}: this binding knows {FirstKnownMajor} to {LastKnownMajor} (FFmpeg 5 to 7)");

    private static int Pick(int ffmpeg5, int ffmpeg6, int ffmpeg7) => s_version switch { 0 => ffmpeg5, 1 => ffmpeg6, _ => ffmpeg7 };
}
