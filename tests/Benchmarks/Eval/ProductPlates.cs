using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The product's own way: corner detector, then <see cref="PlateReader"/> on every plate found; both again where nothing clear was read.</summary>
internal sealed class ProductPlates(ModelStore models, int inputWidth = ProductPlates.Side, int inputHeight = ProductPlates.Side) : IPlateWay, IDisposable
{
    /// <summary>Photographs are of any shape, so the longer side counts whichever it is.</summary>
    private const int Side = 640;

    /// <summary>A read this confident makes a second look needless, and a second look must give one.</summary>
    private const float Clear = 0.5f;

    /// <summary>What is wrong nine times of ten is no reading.</summary>
    private const float LeastConfidence = 0.1f;

    private readonly PlateDetector _detector = new(models, inputWidth, inputHeight);
    private readonly PlateReader _reader = new(models);
    private readonly PlateBox[] _found = new PlateBox[32];
    private readonly List<PlateRead> _reads = [];
    private long _asked;

    /// <summary>Share of plates for which PP-OCRv4's recogniser was asked as well.</summary>
    public double SecondOpinions => _asked == 0 ? 0 : (double)_reader.SecondOpinions / _asked;

    public IReadOnlyList<PlateReading> ReadScene(BgrView picture) => Readings(Reads(picture));

    public IReadOnlyList<PlateReading> ReadCrop(BgrView plate)
    {
        _reads.Clear();
        _asked++;
        if (_reader.ReadCutOut(plate, twoRow: false) is { } read && read.Confidence >= LeastConfidence)
            _reads.Add(read);
        return Readings(_reads);
    }

    /// <summary>All reads of a picture that is not one of a visit: where nothing clear is read, a second look is worth its time.</summary>
    public IReadOnlyList<PlateRead> Reads(BgrView picture)
    {
        _reads.Clear();
        ReadAll(picture, _detector.Detect(picture, _found), LeastConfidence);
        if (!_reads.Exists(r => r.Confidence >= Clear))
            ReadAll(picture, _detector.DetectAgain(picture, _found), Clear);
        return _reads;
    }

    /// <summary>The most confident read of a visit's picture: there are others of it, so a second look only where nothing was found.</summary>
    public PlateRead? ReadOne(BgrView picture)
    {
        _reads.Clear();
        int count = _detector.Detect(picture, _found);
        ReadAll(picture, count > 0 ? count : _detector.DetectAgain(picture, _found), 0);
        return _reads.MaxBy(r => r.Confidence);
    }

    public void Dispose()
    {
        _detector.Dispose();
        _reader.Dispose();
    }

    private void ReadAll(BgrView picture, int count, float leastConfidence)
    {
        for (int i = 0; i < count; i++)
        {
            _asked++;
            if (_reader.Read(picture, _found[i]) is not { } read || read.Confidence < leastConfidence)
                continue;
            // The same plate found again: the clearer read stays.
            int same = _reads.FindIndex(r => r.Corners.Contains(read.Corners.Centre) || read.Corners.Contains(r.Corners.Centre));
            if (same < 0)
                _reads.Add(read);
            else if (_reads[same].Confidence < read.Confidence)
                _reads[same] = read;
        }
    }

    private static PlateReading[] Readings(IReadOnlyList<PlateRead> reads) =>
        [.. reads.DistinctBy(r => r.Text).Select(r => new PlateReading(r.Text, r.MinConfidence, r.Margin, r.Confidence))];
}
