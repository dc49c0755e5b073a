using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Baseline;

/// <summary>The peer: PP-OCRv4's text detector and recogniser, with the product's grammar and limits and nothing else of it.</summary>
internal sealed class OcrPlates(ModelStore models) : IPlateWay, IDisposable
{
    /// <summary>A reading whose weakest character is below this is not accepted: below it the peer is wrong more often than right.</summary>
    private const float LeastConfidence = 0.2f;

    private readonly OcrTextDetector _detector = new(models);
    private readonly OcrRecogniser _recogniser = new(models);
    private readonly CtcSteps _steps = new();
    private readonly CtcBeam _beam = new();
    private readonly BgrImage _upright = new();
    private readonly List<BeamText> _texts = [];

    public IReadOnlyList<PlateReading> ReadScene(BgrView picture)
    {
        var readings = new List<PlateReading>();
        foreach (var outline in _detector.Detect(picture))
        {
            _upright.Resize(Math.Max(4, (int)outline.Width), Math.Max(4, (int)outline.Height));
            Warp.Perspective(picture, _upright, outline);
            Read(_upright.View, readings);
        }
        return readings;
    }

    public IReadOnlyList<PlateReading> ReadCrop(BgrView plate)
    {
        var readings = new List<PlateReading>();
        Read(plate, readings);
        return readings;
    }

    public void Dispose()
    {
        _detector.Dispose();
        _recogniser.Dispose();
    }

    private void Read(BgrView line, List<PlateReading> readings)
    {
        _recogniser.Read(line, _steps);
        _beam.Decode(_steps, 4, _texts);
        // A shop sign of letters and digits is a military plate to the grammar; the product asks the colour, which the peer does not know.
        _texts.RemoveAll(static t => PlateGrammar.KindOf(t.Text) == PlateKind.Military);
        if (_texts.Count == 0 || _texts[0].Margin < PlateReader.MinMargin || _texts[0].MinConfidence < LeastConfidence)
            return;
        if (readings.TrueForAll(r => r.Text != _texts[0].Text))
            readings.Add(new PlateReading(_texts[0].Text, _texts[0].MinConfidence, _texts[0].Margin, _texts[0].MinConfidence));
    }
}
