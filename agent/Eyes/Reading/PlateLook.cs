using System.Numerics;
using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.V1;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using Google.Protobuf;

namespace EdgeAgent.Eyes.Reading;

/// <summary>A closer look at a plate: found again in the main stream's crop, read, added to the visit's vote. Reading thread.</summary>
internal sealed class PlateLook(ModelStore models, FramePool pool, CropJpeg jpeg, Counters counters) : IDisposable
{
    /// <summary>Farther from where it was expected it is the neighbour's.</summary>
    private const float MaxDistanceWidths = 1.2f;

    /// <summary>So many looks of a visit that showed nothing readable are given back to it.</summary>
    private const int MostUnread = 3;

    /// <summary>So many characters of one plate may be read wrong in one picture; two plates differ in more, but for rare neighbours.</summary>
    private const int MostMisread = 2;

    /// <summary>A read less likely right than this proves no other plate.</summary>
    private const float SureOfAnother = 0.5f;

    private readonly PlateDetector _detector = new(models);
    private readonly PlateReader _reader = new(models);
    private readonly PlateCalibration _calibration = PlateCalibration.Of(models);
    private readonly PlateBox[] _found = new PlateBox[16];

    public void WarmUp()
    {
        if (pool.TryRent(640, 384) is not { } free)
            return;
        using var frame = free;
        frame.Bgr.Fill(64);
        _detector.Detect(frame.View, _found);
        var middle = new Quad(new Vector2(250, 170), new Vector2(390, 170), new Vector2(390, 214), new Vector2(250, 214));
        _ = _reader.Read(frame.View, new PlateBox(middle, 1, TwoRow: false));
    }

    /// <summary>Reads the plate on the decoder's current picture. True: the vote is sure.</summary>
    public bool Look(Visit visit, in Candidate at, RingDecoder main)
    {
        var region = CropRegion.Around(VisitKind.Plate, at.Box, main.Width, main.Height);
        using var cut = main.Cut(region.X, region.Y, region.Width, region.Height, pool);
        if (cut is not { } crop)
            return false;
        if (Read(crop, region, at, main) is not { } read)
        {
            visit.Refuted = true;
            // A plate too far, smeared or dazzled to be read now may be readable in a moment; a fence will not.
            if (at.Score >= Visit.SurePlateScore && visit.UnreadLooks++ < MostUnread)
                visit.LookLost();
            return false;
        }
        counters.PlateRead();
        visit.Vote.Add(read);
        Remember(visit, read, region, main);
        return visit.Vote.Consensus(_calibration) is { Sure: true };
    }

    /// <summary>Whether the plate on the decoder's current picture is the one that this visit told; null: it cannot be read well enough.</summary>
    public bool? IsSame(Visit visit, in Candidate at, RingDecoder main)
    {
        var region = CropRegion.Around(VisitKind.Plate, at.Box, main.Width, main.Height);
        using var cut = main.Cut(region.X, region.Y, region.Width, region.Height, pool);
        if (cut is not { } crop || Read(crop, region, at, main) is not { } read || visit.ToldText.Length == 0
            || read.DifferenceFrom(visit.ToldText) is not { } differ)
            return null;
        counters.PlateRead();
        return differ <= MostMisread ? true : read.Confidence >= SureOfAnother ? false : null;
    }

    /// <summary>What the votes say, to be told; null when it is too little, or was told already.</summary>
    public PlateVisit? Tell(Visit visit, long settledMonoMs)
    {
        if (visit.Vote.Consensus(_calibration) is not { } consensus || visit.BestPlate is not { } picture || consensus.Text == visit.ToldText
            || consensus.Confidence < _calibration.Told)
            return null;
        visit.ToldText = consensus.Text;
        var told = new PlateVisit
        {
            VisitId = visit.Id,
            CameraId = visit.Camera.Id,
            CapturedMonoMs = picture.CapturedMonoMs,
            CapturedUnixMs = picture.CapturedUnixMs,
            SettledMonoMs = settledMonoMs,
            Text = consensus.Text,
            Colour = consensus.Colour,
            TwoRow = consensus.TwoRow,
            Votes = (uint)consensus.Votes,
            Confidence = Share(consensus.Confidence),
            WidthPx = (uint)picture.WidthPx,
            CropJpeg = UnsafeByteOperations.UnsafeWrap(picture.Jpeg),
        };
        told.CharacterConfidence.AddRange(consensus.CharacterConfidence.Select(Share));
        told.Rivals.AddRange(consensus.Rivals.Select(r => new Rival { Text = r.Text, Confidence = Share(r.Confidence) }));
        return told;
    }

    public void Dispose()
    {
        _detector.Dispose();
        _reader.Dispose();
    }

    // Doubtful from afar and from near is nothing; trying to read it costs more than all the rest of a look.
    private PlateRead? Read(Frame crop, CropRegion region, in Candidate at, RingDecoder main) =>
        Find(crop, region, at, main) is { } box && Math.Max(at.Score, box.Score) >= Visit.SurePlateScore ? _reader.Read(crop.View, box) : null;

    /// <summary>What the sub-stream's detector was unsure of is mostly nothing, and not worth searching for at other sizes.</summary>
    private PlateBox? Find(Frame crop, CropRegion region, in Candidate at, RingDecoder main) =>
        Nearest(_detector.Detect(crop.View, _found), region, at, main)
            ?? (at.Score < Visit.SurePlateScore ? null : Nearest(_detector.DetectAgain(crop.View, _found), region, at, main));

    private PlateBox? Nearest(int count, CropRegion region, in Candidate at, RingDecoder main)
    {
        PlateBox? nearest = null;
        float least = MaxDistanceWidths;
        foreach (var box in _found.AsSpan(0, count))
        {
            var (x1, y1, x2, y2) = box.Corners.Bounds;
            float distance = region.Distance(at.Box, main.Width, main.Height, x1, y1, x2, y2);
            if (distance < least)
                (nearest, least) = (box, distance);
        }
        return nearest;
    }

    private void Remember(Visit visit, PlateRead read, CropRegion region, RingDecoder main)
    {
        if (visit.BestPlate is { } best && best.Confidence > read.Confidence)
        {
            // The clearer picture stays, but the visit was settled by this frame.
            visit.BestPlate = best with { CapturedMonoMs = main.CapturedMonoMs, CapturedUnixMs = main.CapturedUnixMs };
            return;
        }
        float width = read.Corners.Width;
        var centre = read.Corners.Centre;
        var shown = region.Show(centre.X, centre.Y, width, 3, 2, main.Width, main.Height);
        if (jpeg.Of(main, shown) is { } bytes)
            visit.BestPlate = new PlatePicture(main.CapturedMonoMs, main.CapturedUnixMs, width, read.Confidence, bytes);
    }

    private static float Share(float value) => float.IsFinite(value) ? Math.Clamp(value, 0, 1) : 0;
}
