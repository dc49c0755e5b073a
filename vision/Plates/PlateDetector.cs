using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Vision.Plates;

/// <summary>
/// Finds plates and their four corners, also tilted ones and ones of two rows. Finds 99 % of plates 40 px wide; below 25 px few.
/// Not thread-safe.
/// </summary>
public sealed class PlateDetector : IDisposable
{
    /// <summary>Smaller ones cannot be read by anything.</summary>
    private const float MinWidthPx = 12;
    private const float MinHeightPx = 4;

    /// <summary>Looking again, a plate may be this much less sure: it is looked at closely before it is read.</summary>
    private const float AgainThreshold = 0.8f;

    private readonly PlateNetwork _network;
    private readonly List<PlateBox> _candidates = [];
    private readonly int _inputWidth;
    private readonly int _inputHeight;
    private readonly float _threshold;

    /// <param name="models">Where the network comes from.</param>
    /// <param name="inputWidth">Larger pictures are shrunk to this width, never stretched; smaller ones are taken as they are. From 64 to 4096.</param>
    /// <param name="inputHeight">And to this height.</param>
    /// <param name="threshold">Least score of a plate, 0 … 1.</param>
    /// <param name="fast">For finding in stream after stream: half as long again faster, corners a little less exact.</param>
    /// <exception cref="ModelException">The model is missing, altered or another one.</exception>
    public PlateDetector(ModelStore models, int inputWidth = 640, int inputHeight = 384, float threshold = 0.25f, bool fast = false)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputWidth, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputHeight, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputWidth, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputHeight, 4096);
        _inputWidth = inputWidth;
        _inputHeight = inputHeight;
        _threshold = threshold;
        _network = new PlateNetwork(models, fast);
    }

    /// <summary>Plates of <paramref name="picture"/>, best first.</summary>
    /// <param name="found">Filled from the start; further plates are left out.</param>
    /// <returns>How many were found; 0 for an empty picture.</returns>
    public int Detect(BgrView picture, Span<PlateBox> found)
    {
        if (picture.IsEmpty || found.IsEmpty)
            return 0;
        _candidates.Clear();
        _network.Run(picture, Scale(picture, 1), _threshold, _candidates);
        return Choose(_candidates, found);
    }

    /// <summary>
    /// Looks once more, half as fine and half as fine again: for very near plates, which are larger than any the network learnt, and
    /// for far ones. Costs three times <see cref="Detect"/>; for pictures in which that found nothing that could be read.
    /// </summary>
    /// <param name="found">As <see cref="Detect"/>; may hold the same plates again.</param>
    public int DetectAgain(BgrView picture, Span<PlateBox> found)
    {
        if (picture.IsEmpty || found.IsEmpty)
            return 0;
        _candidates.Clear();
        foreach (float factor in (ReadOnlySpan<float>)[0.5f, 1.5f])
            _network.Run(picture, Scale(picture, factor), _threshold * AgainThreshold, _candidates);
        return Choose(_candidates, found);
    }

    public void Dispose() => _network.Dispose();

    private float Scale(BgrView picture, float factor) =>
        Math.Min(1, factor * Math.Min((float)_inputWidth / picture.Width, (float)_inputHeight / picture.Height));

    /// <summary>The best candidates, each plate once; sorts <paramref name="candidates"/>.</summary>
    internal static int Choose(List<PlateBox> candidates, Span<PlateBox> found)
    {
        candidates.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        int count = 0;
        foreach (var box in candidates)
        {
            if (count == found.Length)
                break;
            if (box.Corners.Width >= MinWidthPx && box.Corners.Height >= MinHeightPx && !Covered(box, found[..count]))
                found[count++] = box;
        }
        return count;
    }

    /// <summary>A plate whose middle lies in a better one, or the other way round, is the same plate.</summary>
    private static bool Covered(PlateBox box, ReadOnlySpan<PlateBox> better)
    {
        foreach (var other in better)
            if (other.Corners.Contains(box.Corners.Centre) || box.Corners.Contains(other.Corners.Centre))
                return true;
        return false;
    }
}
