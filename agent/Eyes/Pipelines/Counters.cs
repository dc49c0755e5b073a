namespace EdgeAgent.Eyes.Pipelines;

/// <summary>What has happened since the process began. Written by several threads.</summary>
internal sealed class Counters
{
    private long _framesAnalysed;
    private long _analysisBytes;
    private long _quietFrames;
    private long _quietBytes;
    private long _framesDropped;
    private long _faceTracks;
    private long _faceEmbeddings;
    private long _plateTracks;
    private long _plateReads;
    private long _looksTaken;
    private long _mainPictures;
    private long _looksDropped;
    private long _factsDropped;
    private long _oldestFaceMs;
    private long _oldestPlateMs;

    public long FramesAnalysed => Interlocked.Read(ref _framesAnalysed);

    /// <summary>Managed bytes allocated while analysing, all frames together.</summary>
    public long AnalysisBytes => Interlocked.Read(ref _analysisBytes);

    /// <summary>Frames analysed that began no visit and ordered no look: most of them.</summary>
    public long QuietFrames => Interlocked.Read(ref _quietFrames);

    /// <summary>Bytes allocated while analysing those.</summary>
    public long QuietBytes => Interlocked.Read(ref _quietBytes);

    /// <summary>Frames that were wanted and not analysed: detection was behind, or no buffer was free.</summary>
    public long FramesDropped => Interlocked.Read(ref _framesDropped);

    public long FaceTracks => Interlocked.Read(ref _faceTracks);

    public long FaceEmbeddings => Interlocked.Read(ref _faceEmbeddings);

    public long PlateTracks => Interlocked.Read(ref _plateTracks);

    public long PlateReads => Interlocked.Read(ref _plateReads);

    /// <summary>Looks into the main stream.</summary>
    public long LooksTaken => Interlocked.Read(ref _looksTaken);

    /// <summary>Main-stream pictures decoded for them: what looking costs.</summary>
    public long MainPictures => Interlocked.Read(ref _mainPictures);

    /// <summary>Looks into the main stream that were planned and not taken: reading was behind.</summary>
    public long LooksDropped => Interlocked.Read(ref _looksDropped);

    /// <summary>Facts that the host did not take in time.</summary>
    public long FactsDropped => Interlocked.Read(ref _factsDropped);

    /// <summary>Age of the oldest looks at a face that are still in memory; 0: there are none.</summary>
    public long OldestFaceMs => Interlocked.Read(ref _oldestFaceMs);

    /// <summary>The same of plates.</summary>
    public long OldestPlateMs => Interlocked.Read(ref _oldestPlateMs);

    /// <param name="bytes">Allocated meanwhile.</param>
    /// <param name="quiet">It began no visit and ordered no look.</param>
    public void FrameAnalysed(long bytes, bool quiet)
    {
        Interlocked.Increment(ref _framesAnalysed);
        Interlocked.Add(ref _analysisBytes, bytes);
        if (!quiet)
            return;
        Interlocked.Increment(ref _quietFrames);
        Interlocked.Add(ref _quietBytes, bytes);
    }

    public void Holds(VisitKind kind, long oldestMs) =>
        Interlocked.Exchange(ref kind == VisitKind.Face ? ref _oldestFaceMs : ref _oldestPlateMs, oldestMs);

    public void FrameDropped() => Interlocked.Increment(ref _framesDropped);

    /// <param name="pictures">Main-stream pictures decoded for it.</param>
    public void LookTaken(long pictures)
    {
        Interlocked.Increment(ref _looksTaken);
        Interlocked.Add(ref _mainPictures, pictures);
    }

    public void LookDropped() => Interlocked.Increment(ref _looksDropped);

    public void FactDropped() => Interlocked.Increment(ref _factsDropped);

    public void FaceEmbedded() => Interlocked.Increment(ref _faceEmbeddings);

    public void PlateRead() => Interlocked.Increment(ref _plateReads);

    public void Tracked(VisitKind kind) => Interlocked.Increment(ref kind == VisitKind.Face ? ref _faceTracks : ref _plateTracks);
}
