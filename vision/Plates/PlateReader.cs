using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Vision.Plates;

/// <summary>
/// Reads a plate: corners refined, made upright, read by the recogniser trained here; where that one is unsure by PP-OCRv4 as well,
/// in doubt in a second, tighter cut, and if it still explains little with other corners. What was seen is pooled
/// (<see cref="ReadFusion"/>). Not thread-safe.
/// </summary>
public sealed class PlateReader : IDisposable
{
    /// <summary>A read whose weakest character is below this is not worth a vote.</summary>
    public const float MinConfidence = 0.05f;

    /// <summary>A read that the grammar had to bend further than this is not worth a vote.</summary>
    public const float MinMargin = -8;

    /// <summary>Corners run a little inside the rim; the recognisers want the rim.</summary>
    private const float Growth = 1.08f;
    private const float TightGrowth = 1.03f;

    /// <summary>For corners that may have lost the first or the last character: so much wider.</summary>
    private const float WideGrowth = 1.32f;

    /// <summary>Without a second look that finds it again, only a first look this sure counts.</summary>
    private const float SureScore = 0.5f;

    /// <summary>Below this share of the belief the plate is cut a second time.</summary>
    private const float Doubtful = 0.9f;

    /// <summary>What explains less than this of what was seen may have been cut with wrong corners.</summary>
    private const float BadMargin = -2.5f;

    /// <summary>A narrower plate explains little because it is small, whatever its corners.</summary>
    private const float LegibleWidthPx = 64;

    /// <summary>Widths over height between which a plate may have one row or two.</summary>
    private const float LeastOneRow = 1.7f;
    private const float MostTwoRow = 2.7f;

    private readonly float _ownSure;
    private readonly PlateCalibration _calibration;
    private readonly PlateRefiner _refiner;
    private readonly PlateRectifier _rectifier = new();
    private readonly OwnRecogniser _own;
    private readonly OcrRecogniser _ocr;
    private readonly ReadFusion _fusion = new();
    private readonly float[] _colours = new float[PlateClasses.Colours.Length];

    /// <exception cref="ModelException">A model is missing, altered or another one.</exception>
    public PlateReader(ModelStore models)
    {
        ArgumentNullException.ThrowIfNull(models);
        _ownSure = models.Entry("plate-recognise").Thresholds["sure"];
        _calibration = PlateCalibration.Of(models);
        _refiner = new PlateRefiner(models);
        _own = new OwnRecogniser(models);
        _ocr = new OcrRecogniser(models);
    }

    /// <summary>How many plates the slower recogniser was asked about.</summary>
    public long SecondOpinions { get; private set; }

    /// <param name="picture">The plate with some of the car around it (about its own width on each side), as fine as there is.</param>
    /// <param name="box">The plate, in pixels of <paramref name="picture"/>.</param>
    /// <returns>Null when it is not in the picture, is no plate at a closer look, or nothing of the grammar can be read.</returns>
    public PlateRead? Read(BgrView picture, PlateBox box)
    {
        if (picture.IsEmpty || !IsPlausible(box.Corners))
            return null;
        var refined = _refiner.Refine(picture, box);
        if (refined is null && box.Score < SureScore)
            return null;
        var plate = refined ?? box;
        if (!IsPlausible(plate.Corners))
            return null;
        var cut = new Cut(plate.Corners, plate.TwoRow, Growth, TightGrowth, 1);
        var read = ReadCut(picture, cut, sureAlone: true);
        if (plate.Score >= SureScore && plate.Corners.Width >= LegibleWidthPx && (read is null || read.Fused.Margin < BadMargin))
            read = Best(read, OtherCuts(picture, cut, box, refined is not null));
        return Accept(read, plate.Corners);
    }

    /// <summary>Reads a picture that is all plate, upright.</summary>
    internal PlateRead? ReadCutOut(BgrView plate, bool twoRow)
    {
        if (plate.IsEmpty)
            return null;
        var all = new Quad(new(0, 0), new(plate.Width, 0), new(plate.Width, plate.Height), new(0, plate.Height));
        return Accept(ReadCut(plate, new Cut(all, twoRow, 1, TightGrowth, 1), sureAlone: true), all);
    }

    public void Dispose()
    {
        _refiner.Dispose();
        _own.Dispose();
        _ocr.Dispose();
    }

    private static bool IsPlausible(Quad corners) => corners.IsFinite && corners.Width >= 1 && corners.Height >= 1;

    private static Seen? Best(Seen? a, Seen? b) => a is null || (b is not null && b.Fused.Score > a.Fused.Score) ? b : a;

    /// <summary>The best of what the plate says when its corners or its rows are others than thought.</summary>
    private Seen? OtherCuts(BgrView picture, Cut cut, PlateBox box, bool refined)
    {
        Seen? best = ReadCut(picture, cut with { Wide = WideGrowth }, sureAlone: false);
        if (refined)
            best = Best(best, ReadCut(picture, cut with { Corners = box.Corners, TwoRow = box.TwoRow }, sureAlone: false));
        if (cut.Corners.Width / cut.Corners.Height is > LeastOneRow and < MostTwoRow)
            best = Best(best, ReadCut(picture, cut with { TwoRow = !cut.TwoRow }, sureAlone: false));
        return best;
    }

    private Seen? ReadCut(BgrView picture, Cut cut, bool sureAlone)
    {
        _fusion.Begin();
        var view = _fusion.Next();
        var outline = cut.Outline(cut.Growth);
        var upright = _rectifier.Rectify(picture, outline, cut.TwoRow, OwnRecogniser.Width, OwnRecogniser.Height);
        float sharpness = PlateSharpness.Of(upright);
        _own.Read(upright, view.Own, _colours);
        if (sureAlone && _fusion.Fuse(_colours) is { Margin: > -1 } alone && alone.CharacterConfidence.Min() > _ownSure)
            return new Seen(alone, cut, sharpness, PlateClasses.Of(alone.Kind, _colours, cut.TwoRow), Asked: false);
        SecondOpinions += sureAlone ? 1 : 0;
        AskOcr(picture, outline, cut.TwoRow, view);
        var fused = _fusion.Fuse(_colours);
        // Where nothing plausible is seen, another cut of the same corners shows nothing either.
        if (fused is { Margin: > MinMargin } && (!fused.Agreed || fused.Posterior < Doubtful))
        {
            var tight = cut.Outline(cut.TightGrowth);
            view = _fusion.Next();
            Span<float> again = stackalloc float[PlateClasses.Colours.Length];
            _own.Read(_rectifier.Rectify(picture, tight, cut.TwoRow, OwnRecogniser.Width, OwnRecogniser.Height), view.Own, again);
            AskOcr(picture, tight, cut.TwoRow, view);
            fused = _fusion.Fuse(_colours);
        }
        return fused is null ? null : new Seen(fused, cut, sharpness, PlateClasses.Of(fused.Kind, _colours, cut.TwoRow), Asked: true);
    }

    private void AskOcr(BgrView picture, Quad outline, bool twoRow, ReadFusion.View view)
    {
        _ocr.Read(_rectifier.RectifyNatural(picture, outline, twoRow, OcrRecogniser.Height), view.Ocr);
        view.HasOcr = true;
    }

    private PlateRead? Accept(Seen? seen, Quad corners)
    {
        if (seen is null || seen.Fused.Margin < MinMargin || !(seen.Fused.CharacterConfidence.Min() >= MinConfidence))
            return null;
        var fused = seen.Fused;
        float[] features =
        [
            PlateCalibration.Logit(fused.Posterior), PlateCalibration.Logit(fused.Support), Math.Max(fused.Margin, MinMargin),
            !seen.Asked ? 0 : fused.Agreed ? 1 : -1, MathF.Log(corners.Width / 80),
        ];
        return new PlateRead(
            fused.Text, fused.CharacterConfidence, fused.Rivals, seen.Class, seen.Cut.TwoRow, corners, fused.Margin, _calibration.OfRead(features))
        {
            Agreed = fused.Agreed,
            Sharpness = seen.Sharpness,
            Features = features,
        };
    }

    /// <summary>How a plate is cut out of the picture.</summary>
    private readonly record struct Cut(Quad Corners, bool TwoRow, float Growth, float TightGrowth, float Wide)
    {
        public Quad Outline(float growth)
        {
            var grown = Corners.Grow(growth);
            if (Wide == 1)
                return grown;
            var left = (grown.TopRight - grown.TopLeft) * ((Wide - 1) / 2);
            var right = (grown.BottomRight - grown.BottomLeft) * ((Wide - 1) / 2);
            return new Quad(grown.TopLeft - left, grown.TopRight + left, grown.BottomRight + right, grown.BottomLeft - right);
        }
    }

    private sealed record Seen(FusedRead Fused, Cut Cut, float Sharpness, PlateClass Class, bool Asked);
}
