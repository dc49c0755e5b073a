using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Eyes.Reading;

/// <summary>
/// What the looks at one face have given so far, until it is told: for about a second, in memory, used again for the next visit.
/// Reading thread.
/// </summary>
internal sealed class OpenFace
{
    private bool _pictureTold;

    /// <summary>Whose it is; null: free.</summary>
    public Visit? Visit { get; private set; }

    public PooledFace Pool { get; } = new();

    /// <summary>The picture of the best look.</summary>
    public byte[] Picture { get; private set; } = [];

    /// <summary>Width of the face on it, main-stream pixels.</summary>
    public float WidthPx { get; private set; }

    /// <summary>Of the newest look that is in it.</summary>
    public long CapturedMonoMs { get; private set; }

    public long CapturedUnixMs { get; private set; }

    /// <summary>When it was begun.</summary>
    public long BeganMonoMs { get; private set; }

    public void Begin(Visit visit, long monoMs)
    {
        BeganMonoMs = monoMs;
        Visit = visit;
        visit.Face = this;
    }

    public void Seen(long capturedMonoMs, long capturedUnixMs)
    {
        CapturedMonoMs = capturedMonoMs;
        CapturedUnixMs = capturedUnixMs;
    }

    /// <summary>A better picture than the one before, which is wiped unless a message still holds it.</summary>
    public void Show(byte[] picture, float widthPx)
    {
        WipePicture();
        Picture = picture;
        WidthPx = widthPx;
        _pictureTold = false;
    }

    /// <summary>From now on a message on its way holds the picture.</summary>
    public byte[] TellPicture()
    {
        _pictureTold = true;
        return Picture;
    }

    /// <summary>Nothing of it stays.</summary>
    public void End()
    {
        WipePicture();
        Picture = [];
        Pool.Clear();
        if (Visit is { } visit)
            visit.Face = null;
        Visit = null;
    }

    private void WipePicture()
    {
        if (!_pictureTold)
            Array.Clear(Picture);
    }
}
