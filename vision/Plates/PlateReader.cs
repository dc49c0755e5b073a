using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Plates;

/// <summary>
/// Reads a plate: corners refined, made upright, read by the recogniser trained here, by PP-OCRv4 as well when that one is unsure,
/// each through the grammar of Chinese plates, and the two fused. Not thread-safe.
/// </summary>
public sealed class PlateReader : IDisposable
{
    /// <summary>A read whose weakest character is below this is not worth a vote.</summary>
    public const float MinConfidence = 0.2f;

    /// <summary>A read that the grammar had to bend further than this is not worth a vote.</summary>
    public const float MinMargin = -8;

    /// <summary>Corners run a little inside the rim; the recognisers want the rim.</summary>
    private const float Growth = 1.08f;

    /// <summary>Without a second look that finds it again, only a first look this sure counts.</summary>
    private const float SureScore = 0.5f;

    private const int Rivals = 4;

    private readonly float _ownSure;
    private readonly PlateRefiner _refiner;
    private readonly PlateRectifier _rectifier = new();
    private readonly OwnRecogniser _own;
    private readonly OcrRecogniser _ocr;
    private readonly CtcSteps _steps = new();
    private readonly CtcBeam _beam = new();
    private readonly List<BeamText> _ownTexts = [];
    private readonly List<BeamText> _ocrTexts = [];

    /// <exception cref="ModelException">A model is missing, altered or another one.</exception>
    public PlateReader(ModelStore models)
    {
        ArgumentNullException.ThrowIfNull(models);
        _ownSure = models.Entry("plate-recognise").Thresholds["sure"];
        _refiner = new PlateRefiner(models);
        _own = new OwnRecogniser(models);
        _ocr = new OcrRecogniser(models);
    }

    /// <summary>How often the slower recogniser was asked.</summary>
    public long SecondOpinions { get; private set; }

    /// <param name="picture">The plate with some of the car around it (about its own width on each side), as fine as there is.</param>
    /// <param name="box">The plate, in pixels of <paramref name="picture"/>.</param>
    /// <returns>Null when it is not in the picture, is no plate at a closer look, or nothing of the grammar can be read.</returns>
    public PlateRead? Read(BgrView picture, PlateBox box)
    {
        if (picture.IsEmpty || !box.Corners.IsFinite || !(box.Corners.Width >= 1) || !(box.Corners.Height >= 1))
            return null;
        var refined = _refiner.Refine(picture, box);
        if (refined is null && box.Score < SureScore)
            return null;
        var plate = refined ?? box;
        return ReadRectified(picture, plate.Corners, plate.Corners.Grow(Growth), plate.TwoRow);
    }

    /// <summary>Reads a picture that is all plate, upright.</summary>
    internal PlateRead? ReadCutOut(BgrView plate, bool twoRow)
    {
        if (plate.IsEmpty)
            return null;
        var all = new Quad(new(0, 0), new(plate.Width, 0), new(plate.Width, plate.Height), new(0, plate.Height));
        return ReadRectified(plate, all, all, twoRow);
    }

    public void Dispose()
    {
        _refiner.Dispose();
        _own.Dispose();
        _ocr.Dispose();
    }

    private PlateRead? ReadRectified(BgrView picture, Quad corners, Quad outline, bool twoRow)
    {
        string colour = _own.Read(_rectifier.Rectify(picture, outline, twoRow, OwnRecogniser.Width, OwnRecogniser.Height), _steps);
        _beam.Decode(_steps, Rivals, _ownTexts);
        _ocrTexts.Clear();
        if (_ownTexts.Count == 0 || _ownTexts[0].MinConfidence <= _ownSure)
        {
            SecondOpinions++;
            _ocr.Read(_rectifier.RectifyNatural(picture, outline, twoRow, OcrRecogniser.Height), _steps);
            _beam.Decode(_steps, Rivals, _ocrTexts);
        }
        if (ReadFusion.Fuse(_ownTexts, _ocrTexts) is not { } read || read.Margin < MinMargin || read.CharacterConfidence.Min() < MinConfidence)
            return null;
        return new PlateRead(read.Text, read.CharacterConfidence, read.Rivals, colour, twoRow, corners, read.Margin);
    }
}
