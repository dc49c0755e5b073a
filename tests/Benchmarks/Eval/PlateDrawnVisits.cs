using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Rig.Clips;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>
/// Visits as the rig draws them: a vehicle with its plate of any class on a street, seen at an angle, in nine frames that move a
/// little, smeared, noisy and in changing light. The same seed and number give the same visit.
/// </summary>
internal sealed class PlateDrawnVisits
{
    private const int Width = 640;
    private const int Height = 384;
    private const int Streets = 6;
    private const float HorizonY = 150;

    private static readonly PlateClass[] Classes = Enum.GetValues<PlateClass>();

    private readonly VehicleDrawing _vehicles;
    private readonly Frame420[] _streets;
    private readonly Frame420 _frame = new(Width, Height);
    private readonly Compositor _compositor = new();
    private readonly BgrImage _picture = new();
    private readonly int _seed;
    private readonly float _mostWidthPx;

    private PlateDrawnVisits(HanGlyphs han, int seed, float mostWidthPx)
    {
        _vehicles = new VehicleDrawing(new PlateDrawing(han));
        _streets = [.. Enumerable.Range(0, Streets).Select(i => Scenery.Street(Width, Height, HorizonY, new Random(seed + i)))];
        _seed = seed;
        _mostWidthPx = mostWidthPx;
    }

    /// <param name="mostWidthPx">Plates are from <see cref="PlateVisitFrames.LeastWidthPx"/> to this wide.</param>
    /// <exception cref="InputException">The font of the Chinese characters is missing.</exception>
    public static PlateDrawnVisits Create(int seed, float mostWidthPx = PlateVisitFrames.MostWidthPx)
    {
        try
        {
            return new PlateDrawnVisits(HanGlyphs.LoadAsync(CancellationToken.None).GetAwaiter().GetResult(), seed, mostWidthPx);
        }
        catch (RigException e)
        {
            throw new InputException(e.Message);
        }
    }

    /// <summary>Draws visit <paramref name="number"/>; <paramref name="see"/> gets each frame in turn and says whether to go on.</summary>
    /// <returns>What is true of it.</returns>
    public PlateVisitTruth Show(int number, Func<BgrView, bool> see)
    {
        var random = new Random(unchecked(_seed * 486187739 + number * 16777619));
        var kind = Classes[number % Classes.Length];
        var plate = Plate.Random(kind, random);
        var shape = kind is PlateClass.Yellow or PlateClass.YellowTwoRow or PlateClass.GreenBig ? VehicleShape.Van : VehicleShape.Car;
        var body = new Colour((byte)random.Next(30, 230), (byte)random.Next(30, 230), (byte)random.Next(30, 230));
        var sprite = _vehicles.Draw(plate, shape, random.Next(2) == 0 ? VehicleEnd.Rear : VehicleEnd.Front, body, random);
        var view = new Pose(
            random.Between(PlateVisitFrames.LeastWidthPx, _mostWidthPx), random.Between(0.75f, 1), random.Between(-0.1f, 0.1f), random.Between(-0.06f, 0.06f));
        float gain = random.Between(0.65f, 1.1f);
        var truth = new PlateVisitTruth(plate.Text, plate.KindName, view.WidthPx);
        for (int frame = 0; frame < PlateVisitFrames.Frames; frame++)
        {
            var pose = view with { WidthPx = view.WidthPx * random.Between(0.97f, 1.03f), Slope = view.Slope + random.Between(-0.02f, 0.02f) };
            var at = new Vector2(Width / 2 + random.Between(-12, 12), 0.6f * Height + random.Between(-8, 8));
            _streets[number % Streets].CopyTo(_frame);
            _compositor.Draw(_frame, sprite, pose.Place(sprite, at), PlateVisitFrames.Motion(random));
            ToBgr(_frame, _picture);
            PlateVisitFrames.Light(_picture, gain * random.Between(0.85f, 1.15f), random.Between(-10, 10), random);
            if (!see(_picture.View))
                break;
        }
        return truth;
    }

    /// <summary>BT.709, limited range, as the rig's clips.</summary>
    private static void ToBgr(Frame420 frame, BgrImage picture)
    {
        picture.Resize(frame.Width, frame.Height);
        ReadOnlySpan<byte> luma = frame.Luma, blueness = frame.Blueness, redness = frame.Redness;
        for (int y = 0; y < frame.Height; y++)
        {
            var row = picture.Row(y);
            for (int x = 0; x < frame.Width; x++)
            {
                int colour = y / 2 * (frame.Width / 2) + x / 2;
                float l = 1.1644f * (luma[y * frame.Width + x] - 16), u = blueness[colour] - 128, v = redness[colour] - 128;
                row[3 * x] = (byte)Math.Clamp(l + 2.1124f * u + 0.5f, 0, 255);
                row[3 * x + 1] = (byte)Math.Clamp(l - 0.2132f * u - 0.5329f * v + 0.5f, 0, 255);
                row[3 * x + 2] = (byte)Math.Clamp(l + 1.7927f * v + 0.5f, 0, 255);
            }
        }
    }

    /// <summary>How the vehicle stands to the camera.</summary>
    /// <param name="WidthPx">Of the plate as seen.</param>
    /// <param name="Squeeze">Its width turned away, as a share.</param>
    /// <param name="Slope">Rows down a column right.</param>
    /// <param name="Lean">Columns right a row down.</param>
    private readonly record struct Pose(float WidthPx, float Squeeze, float Slope, float Lean)
    {
        /// <summary>From sprite pixels to frame pixels, the plate's middle at a place.</summary>
        public Matrix3x2 Place(Sprite sprite, Vector2 middle)
        {
            float across = WidthPx / sprite.Target.Width, down = across / Squeeze;
            return Matrix3x2.CreateTranslation(-sprite.Target.Centre)
                * new Matrix3x2(across, down * Slope, down * Lean, down, 0, 0)
                * Matrix3x2.CreateTranslation(middle);
        }
    }
}

/// <summary>What is true of a visit.</summary>
/// <param name="Kind">The plate's class, by the name that the rig or the labels use.</param>
internal sealed record PlateVisitTruth(string Text, string Kind, float WidthPx);
