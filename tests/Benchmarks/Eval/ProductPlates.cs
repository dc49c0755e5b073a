using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>The product's own way: corner detector, then <see cref="PlateReader"/> on every plate found.</summary>
internal sealed class ProductPlates(ModelStore models) : IPlateWay, IDisposable
{
    /// <summary>Photographs are of any shape, so the longer side counts whichever it is.</summary>
    private const int Side = 640;

    private readonly PlateDetector _detector = new(models, Side, Side);
    private readonly PlateReader _reader = new(models);
    private readonly PlateBox[] _found = new PlateBox[32];
    private long _reads;

    /// <summary>Share of plates for which PP-OCRv4's recogniser was asked as well.</summary>
    public double SecondOpinions => _reads == 0 ? 0 : (double)_reader.SecondOpinions / _reads;

    public IReadOnlyList<PlateReading> ReadScene(BgrView picture)
    {
        var readings = new List<PlateReading>();
        int count = _detector.Detect(picture, _found);
        for (int i = 0; i < count; i++)
            Add(_reader.Read(picture, _found[i]), readings);
        return readings;
    }

    public IReadOnlyList<PlateReading> ReadCrop(BgrView plate)
    {
        var readings = new List<PlateReading>();
        Add(_reader.ReadCutOut(plate, twoRow: false), readings);
        return readings;
    }

    public void Dispose()
    {
        _detector.Dispose();
        _reader.Dispose();
    }

    private void Add(PlateRead? read, List<PlateReading> readings)
    {
        _reads++;
        if (read is not null && readings.TrueForAll(r => r.Text != read.Text))
            readings.Add(new PlateReading(read.Text, read.MinConfidence, read.Margin));
    }
}
