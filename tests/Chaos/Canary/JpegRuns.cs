namespace EdgeAgent.Chaos.Canary;

/// <summary>JPEG files within other bytes: from a start of image to the end of image behind it.</summary>
internal static class JpegRuns
{
    private const int MostBytes = 4 << 20;

    public static IEnumerable<ReadOnlyMemory<byte>> In(byte[] content)
    {
        for (int from = Next(content, 0, [0xFF, 0xD8, 0xFF]); from >= 0; from = Next(content, from + 3, [0xFF, 0xD8, 0xFF]))
        {
            int end = Next(content, from, [0xFF, 0xD9]);
            if (end > from && end - from < MostBytes)
                yield return content.AsMemory(from, end + 2 - from);
        }
    }

    private static int Next(byte[] content, int from, ReadOnlySpan<byte> mark)
    {
        int at = content.AsSpan(from).IndexOf(mark);
        return at < 0 ? -1 : from + at;
    }
}
