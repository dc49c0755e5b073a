namespace EdgeAgent.Eyes.Pipelines;

/// <summary>What has happened since the process began. Written by several threads.</summary>
internal sealed class Counters
{
    private long _framesAnalysed;
    private long _framesDropped;
    private long _faceTracks;
    private long _faceEmbeddings;
    private long _plateTracks;
    private long _plateReads;
    private long _looksDropped;
    private long _factsDropped;

    public long FramesAnalysed => Interlocked.Read(ref _framesAnalysed);

    /// <summary>Frames that were wanted and not analysed: detection was behind, or no buffer was free.</summary>
    public long FramesDropped => Interlocked.Read(ref _framesDropped);

    public long FaceTracks => Interlocked.Read(ref _faceTracks);

    public long FaceEmbeddings => Interlocked.Read(ref _faceEmbeddings);

    public long PlateTracks => Interlocked.Read(ref _plateTracks);

    public long PlateReads => Interlocked.Read(ref _plateReads);

    /// <summary>Looks into the main stream that were planned and not taken: reading was behind.</summary>
    public long LooksDropped => Interlocked.Read(ref _looksDropped);

    /// <summary>Facts that the host did not take in time.</summary>
    public long FactsDropped => Interlocked.Read(ref _factsDropped);

    public void FrameAnalysed() => Interlocked.Increment(ref _framesAnalysed);

    public void FrameDropped() => Interlocked.Increment(ref _framesDropped);

    public void LookDropped() => Interlocked.Increment(ref _looksDropped);

    public void FactDropped() => Interlocked.Increment(ref _factsDropped);

    public void FaceEmbedded() => Interlocked.Increment(ref _faceEmbeddings);

    public void PlateRead() => Interlocked.Increment(ref _plateReads);

    public void Tracked(VisitKind kind) => Interlocked.Increment(ref kind == VisitKind.Face ? ref _faceTracks : ref _plateTracks);
}
