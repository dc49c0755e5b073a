using System.Globalization;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig.Drives;

/// <summary>One camera's drive, drawn: its scene and the truth about it.</summary>
internal sealed record DriveScene(DriveSetting Setting, Scene Scene, IReadOnlyList<DriveVisit> Visits)
{
    private const int MostBlurTaps = 24;
    private const float FullWidth = 1920;

    public static DriveScene Build(int camera, DriveOptions options, HanGlyphs han)
    {
        var settingRandom = new Random(options.Seed);
        DriveSetting setting = DriveSetting.All(settingRandom)[camera];
        int seed = unchecked(options.Seed * 7919 + camera * 104729) & int.MaxValue;
        var random = new Random(seed);
        List<Scheduled> traffic = new Traffic(setting, random).Fill(options.Seconds);
        HourOfDay hour = HourOfDay.Of(setting.Light).Within(options.LongestShutterSeconds);
        Lens lens = Scaled(hour.Lens, options.Width / FullWidth);
        var drawing = new VehicleDrawing(new PlateDrawing(han));
        Actor[] actors = [.. traffic.Select((t, i) => Vehicle(t, string.Create(CultureInfo.InvariantCulture, $"{setting.Camera}-{i + 1}"), drawing, hour, random))];
        var scene = new Scene(Backdrop(setting, lens, options, hour, random), lens, actors, seed, new SceneLook { NoiseSigma = hour.NoiseSigma, MaxBlurTaps = MostBlurTaps });
        DriveVisit[] visits = [.. actors.Zip(traffic).Select(a => DriveVisit.Of(a.First, a.Second.Encounter, setting, scene, lens, options)).OfType<DriveVisit>()];
        return new DriveScene(setting, scene, visits);
    }

    private static Lens Scaled(Lens lens, float scale) => lens with { FocalPx = lens.FocalPx * scale, HorizonY = lens.HorizonY * scale };

    private static Actor Vehicle(Scheduled scheduled, string id, VehicleDrawing drawing, HourOfDay hour, Random random)
    {
        Encounter of = scheduled.Encounter;
        return new Actor
        {
            Id = id,
            Kind = TargetKind.Plate,
            Name = of.Plate.Text,
            PlateClass = of.Plate.ClassName,
            Listed = false,
            Sprite = drawing.Draw(of.Plate, of.Shape, of.End, of.Body, random, hour.Vehicle),
            Path = [.. of.Path.Select(w => w with { Seconds = w.Seconds + scheduled.StartSeconds })],
            YawDegrees = of.YawDegrees,
            RollDegrees = of.RollDegrees,
        };
    }

    private static IBackdrop Backdrop(DriveSetting setting, Lens lens, DriveOptions options, HourOfDay hour, Random random)
    {
        Frame420 street = Scenery.Street(options.Width, options.Height, lens.HorizonY, random);
        street.Dim(hour.Backdrop);
        // Straight ahead the street opens out instead of passing by; a little of that is passed by as well.
        float across = setting.OwnMetresPerSecond * MathF.Max(0.04f, MathF.Abs(MathF.Sin(setting.MountDegrees * MathF.PI / 180)));
        return setting.OwnKmh > 0 ? new MovingBackdrop(street, lens, across) : new StillBackdrop(street);
    }
}
