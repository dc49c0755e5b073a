using EdgeAgent.Agent.Hosting;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Hw.Onvif;
using EdgeAgent.Hw.Ptz;
using Microsoft.Extensions.Logging.Abstractions;
using CameraOptions = EdgeAgent.Agent.Hosting.CameraOptions;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>Turns each roof camera a little and looks in its picture whether it turned, which way, and whether it came back.</summary>
internal sealed class PtzCheck : ICheck
{
    /// <summary>Of an axis of −1 to 1.</summary>
    private const double Step = 0.1, Tolerance = 0.02;

    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(20), Glance = TimeSpan.FromSeconds(1), Settle = TimeSpan.FromSeconds(1.5);

    public CheckTitle Title { get; } = new("ptz", "云台", "Roof camera turns");

    public IReadOnlyList<string> Needs => [CamerasCheck.Name];

    public async Task LookAsync(UnitAtHand unit, CheckOutcome outcome, CancellationToken stop)
    {
        List<CameraOptions> heads = [.. unit.Options.Cameras.Where(c => c.Ptz.Length > 0)];
        if (heads.Count == 0)
            outcome.Skipped = "no roof camera";
        foreach (var camera in heads)
        {
            try
            {
                await TurnAsync(unit, camera, outcome, stop);
            }
            catch (OnvifException e)
            {
                outcome.Found(e.IsLoginRefused ? "ptz_refused" : "ptz_silent", camera.Id, e.Message);
            }
        }
    }

    private static async Task TurnAsync(UnitAtHand unit, CameraOptions camera, CheckOutcome outcome, CancellationToken stop)
    {
        await using var client = new PtzClient(new PtzOptions(new OnvifAccess(new Uri(camera.Ptz), camera.PtzUser, camera.PtzPassword)), unit.Time, NullLogger<PtzClient>.Instance);
        var before = (await client.StatusAsync(stop)).Position;
        var start = before with { Zoom = 0 };
        double step = start.Pan > 0 ? -Step : Step;
        await GoAsync(client, start, stop);
        byte[] first = await SeeAsync(camera, unit, stop);
        var away = await GoAsync(client, start with { Pan = start.Pan + step }, stop);
        byte[] second = await SeeAsync(camera, unit, stop);
        var back = await GoAsync(client, before, stop);
        if (Math.Abs(away.Pan - start.Pan - step) > Tolerance || Math.Abs(back.Pan - before.Pan) > Tolerance)
        {
            outcome.Found("ptz_dead", camera.Id, $"sent to {start.Pan + step:0.00}, stands at {away.Pan:0.00}");
            return;
        }
        // To the right, what is seen goes to the left.
        double due = step / 2 * camera.PanSpanDegrees / camera.ViewDegrees;
        var shift = PictureShift.Between(first, second);
        outcome.Measured("转动", "Turned", $"{camera.Id}: {shift.Share * camera.ViewDegrees:0} ° ({due * camera.ViewDegrees:0} °)");
        if (!shift.IsSure)
            outcome.Found("ptz_unseen", camera.Id);
        else if (Math.Abs(shift.Share) < Math.Abs(due) / 4)
            outcome.Found("ptz_stuck", camera.Id, $"{shift.Share * camera.ViewDegrees:0} of {due * camera.ViewDegrees:0} degrees");
        else if (Math.Sign(shift.Share) != Math.Sign(due))
            outcome.Found("ptz_reversed", camera.Id, $"{shift.Share * camera.ViewDegrees:0} instead of {due * camera.ViewDegrees:0} degrees");
    }

    private static async Task<byte[]> SeeAsync(CameraOptions camera, UnitAtHand unit, CancellationToken stop)
    {
        // The picture of before may still be under way.
        await Task.Delay(Settle, unit.Time, stop);
        return (await Task.Run(() => StreamProbe.Look(camera.Sub.Length > 0 ? camera.Sub : camera.Main, Glance, unit.Time, stop), stop)).Jpeg;
    }

    private static async Task<PtzVector> GoAsync(PtzClient client, PtzVector place, CancellationToken stop) =>
        (await client.GoAndStandAsync(place, LongestTurn, stop)).Position;
}

/// <summary>How far a picture moved sideways against another one.</summary>
/// <param name="Share">Of the width; positive: what is seen went to the left.</param>
/// <param name="IsSure">False: there is nothing in them to tell it by, or they show different things.</param>
internal readonly record struct PictureShift(double Share, bool IsSure)
{
    private const int Columns = 160, Rows = 90, Most = 72;

    /// <summary>The best place must fit so much better than a usual one.</summary>
    private const double LeastRatio = 0.6;

    public static PictureShift Between(byte[] firstJpeg, byte[] secondJpeg)
    {
        float[] first = Grey(firstJpeg), second = Grey(secondJpeg);
        var costs = Enumerable.Range(-Most, (2 * Most) + 1).Select(shift => (Shift: shift, Cost: Cost(first, second, shift))).OrderBy(c => c.Cost).ToList();
        double usual = costs[costs.Count / 2].Cost;
        return new PictureShift((double)costs[0].Shift / Columns, usual > 0.5 && costs[0].Cost < LeastRatio * usual);
    }

    /// <summary>Mean difference of what both show when the second is the first moved to the left by so many columns.</summary>
    private static double Cost(float[] first, float[] second, int shift)
    {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < Rows; y++)
        {
            for (int x = Math.Max(0, -shift); x < Math.Min(Columns, Columns - shift); x++, count++)
                sum += Math.Abs(second[(y * Columns) + x] - first[(y * Columns) + x + shift]);
        }
        return sum / count;
    }

    /// <summary>Each pixel the mean of the part of the picture that it stands for.</summary>
    private static float[] Grey(byte[] jpeg)
    {
        using var pool = new FramePool();
        using var codec = new JpegCodec();
        using var frame = codec.Decode(jpeg, pool);
        var view = frame.View;
        var grey = new float[Columns * Rows];
        for (int y = 0; y < Rows; y++)
        {
            int top = y * view.Height / Rows, bottom = Math.Max(top + 1, (y + 1) * view.Height / Rows);
            for (int x = 0; x < Columns; x++)
            {
                int left = x * view.Width / Columns, right = Math.Max(left + 1, (x + 1) * view.Width / Columns);
                float sum = 0;
                for (int row = top; row < bottom; row++)
                    foreach (byte value in view.Row(row)[(3 * left)..(3 * right)])
                        sum += value;
                grey[(y * Columns) + x] = sum / (3 * (right - left) * (bottom - top));
            }
        }
        return grey;
    }
}
