using EdgeAgent.Hw.Ffmpeg;

namespace EdgeAgent.Hw.Cameras;

/// <summary>Cuts a clip out of a ring into one MP4, without re-encoding.</summary>
public static class ClipCutter
{
    private const int PacketsPerStep = 50;

    /// <summary>
    /// Writes the pictures captured between two instants, from the key frame before the first (a clip cannot begin elsewhere), as one
    /// fragmented MP4. A reconnection inside the clip is kept as a gap; a camera that came back with another format ends the clip.
    /// </summary>
    /// <param name="ring">The main stream's ring.</param>
    /// <param name="fromMonoMs">First instant wanted.</param>
    /// <param name="toMonoMs">Last instant wanted.</param>
    /// <param name="write">Takes the file piece by piece, in order; what it throws ends the cut.</param>
    /// <returns>Capture times of the first and the last picture, or null when the ring holds none of that time.</returns>
    /// <exception cref="FfmpegException">The stream cannot be written as MP4.</exception>
    public static (long FirstMonoMs, long LastMonoMs)? Cut(
        PacketRing ring, long fromMonoMs, long toMonoMs, Action<ReadOnlySpan<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(write);
        if (ring.KeyFor(fromMonoMs) is not { } sequence)
            return null;
        using var batch = new PacketBatch();
        Mp4Muxer? muxer = null;
        (long First, long Last)? written = null;
        try
        {
            while (CopyStep(ring, sequence, batch))
            {
                bool ended = false;
                for (int i = 0; i < batch.Count && !ended; i++)
                    ended = !WriteOne(batch, i, toMonoMs, ref muxer, ref written);
                Drain(muxer, write);
                if (ended)
                    break;
                sequence += batch.Count;
            }
            muxer?.Finish();
            Drain(muxer, write);
            return written;
        }
        finally
        {
            muxer?.Dispose();
        }
    }

    /// <summary>The next packets, up to a step; false at the ring's end.</summary>
    private static bool CopyStep(PacketRing ring, long sequence, PacketBatch batch) =>
        ring.TryCopy(sequence, sequence + PacketsPerStep - 1, batch) || ring.TryCopyToEnd(sequence, batch);

    private static unsafe bool WriteOne(
        PacketBatch batch, int index, long toMonoMs, ref Mp4Muxer? muxer, ref (long First, long Last)? written)
    {
        var entry = batch[index];
        if (entry.CapturedMonoMs > toMonoMs)
            return false;
        muxer ??= new Mp4Muxer(entry.Format, Fragmentation.EveryKeyFrame);
        if (!muxer.Accepts(entry.Format))
            return false;
        if (muxer.Write(batch.Packet(index), entry.Format, entry.Key, entry.CapturedMonoMs))
            written = (written?.First ?? entry.CapturedMonoMs, entry.CapturedMonoMs);
        return true;
    }

    private static void Drain(Mp4Muxer? muxer, Action<ReadOnlySpan<byte>> write)
    {
        if (muxer is null || muxer.Output.WrittenCount == 0)
            return;
        write(muxer.Output.WrittenSpan);
        muxer.Output.ResetWrittenCount();
    }
}
