namespace EdgeAgent.Rig.Rtsp;

/// <summary>A whole clip of coded pictures in memory, at a constant frame rate, starting with a key picture.</summary>
internal sealed class ElementaryStream
{
    private ElementaryStream(VideoCodec codec, IReadOnlyList<AccessUnit> units, IReadOnlyList<ReadOnlyMemory<byte>> parameterSets)
    {
        Codec = codec;
        Units = units;
        ParameterSets = parameterSets;
    }

    public VideoCodec Codec { get; }

    public IReadOnlyList<AccessUnit> Units { get; }

    /// <summary>As announced in the SDP: (VPS,) SPS, PPS.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ParameterSets { get; }

    /// <exception cref="InvalidDataException">Not an Annex B stream that starts with parameter sets and a key picture.</exception>
    public static async Task<ElementaryStream> LoadAsync(string path, VideoCodec codec, CancellationToken stop)
    {
        try
        {
            return Parse(await File.ReadAllBytesAsync(path, stop), codec);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    /// <inheritdoc cref="LoadAsync"/>
    public static ElementaryStream Parse(ReadOnlyMemory<byte> annexB, VideoCodec codec)
    {
        List<ReadOnlyMemory<byte>> nals = Split(annexB);
        List<AccessUnit> units = Group(nals, codec);
        if (units.Count == 0 || !units[0].IsKey)
            throw new InvalidDataException("The stream does not start with a key picture.");

        ReadOnlyMemory<byte>[] sets = [.. units[0].Nals.Where(n => NalUnit.IsParameterSet(n.Span, codec))];
        if (sets.Length != (codec == VideoCodec.H264 ? 2 : 3))
            throw new InvalidDataException($"The first picture carries {sets.Length} parameter sets.");
        return new ElementaryStream(codec, units, sets);
    }

    /// <summary>NAL units between start codes (00 00 01, or 00 00 00 01).</summary>
    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> annexB)
    {
        ReadOnlySpan<byte> startCode = [0, 0, 1];
        ReadOnlySpan<byte> bytes = annexB.Span;
        var nals = new List<ReadOnlyMemory<byte>>();
        int begin = bytes.IndexOf(startCode);
        while (begin >= 0)
        {
            begin += startCode.Length;
            int length = bytes[begin..].IndexOf(startCode);
            int end = length < 0 ? bytes.Length : begin + length;
            // A NAL unit never ends in 0: what stands there belongs to the next start code.
            int trimmed = bytes[begin..end].TrimEnd((byte)0).Length;
            if (trimmed > 2)
                nals.Add(annexB.Slice(begin, trimmed));
            begin = length < 0 ? -1 : end;
        }
        return nals;
    }

    private static List<AccessUnit> Group(List<ReadOnlyMemory<byte>> nals, VideoCodec codec)
    {
        var units = new List<AccessUnit>();
        var pending = new List<ReadOnlyMemory<byte>>();
        bool hasSlice = false;
        void Close()
        {
            if (hasSlice)
                units.Add(new AccessUnit([.. pending], pending.Any(n => NalUnit.IsKeySlice(n.Span, codec))));
            pending.Clear();
            hasSlice = false;
        }
        foreach (ReadOnlyMemory<byte> nal in nals)
        {
            bool slice = NalUnit.IsSlice(nal.Span, codec);
            if (hasSlice && (!slice || NalUnit.IsFirstSlice(nal.Span, codec)))
                Close();
            pending.Add(nal);
            hasSlice |= slice;
        }
        Close();
        return units;
    }
}
