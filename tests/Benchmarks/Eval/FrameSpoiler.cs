using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Benchmarks.Eval;

/// <summary>What a camera does to a good picture of a face.</summary>
/// <param name="Scale">Size of the result, in sizes of the picture.</param>
/// <param name="Shift">Moved by, pixels of the result.</param>
/// <param name="MotionPx">Length of the way that the face takes while the shutter is open, pixels of the result.</param>
/// <param name="MotionRadians">Direction of that way.</param>
/// <param name="BlurPx">Standard deviation of a lens out of focus, pixels of the result.</param>
/// <param name="Gain">Brightness is multiplied by it, before noise and clipping.</param>
/// <param name="NoiseLevels">Standard deviation of the sensor's noise, of 255.</param>
internal readonly record struct Spoiling(
    float Scale, Vector2 Shift, float MotionPx, float MotionRadians, float BlurPx, float Gain, float NoiseLevels)
{
    public static Spoiling None(float scale) => new(scale, default, 0, 0, 0, 1, 0);
}

/// <summary>
/// Makes frames like a camera's out of portraits: shrunk, moved, out of focus, dark or washed out, noisy, in the middle of a grey
/// 640×360. In the order of physics: light is blurred, then measured, then clipped.
/// </summary>
internal sealed class FrameSpoiler
{
    private const int Width = 640, Height = 360;
    private const byte Wall = 110;

    private readonly BgrImage _small = new();
    private readonly BgrImage _frame = new();
    private Vector3[] _light = [];
    private Vector3[] _other = [];

    /// <returns>The frame, valid until the next call.</returns>
    public BgrView Make(BgrView picture, in Spoiling how, Random random)
    {
        int width = Math.Clamp((int)MathF.Round(picture.Width * how.Scale), 2, Width);
        int height = Math.Clamp((int)MathF.Round(picture.Height * how.Scale), 2, Height);
        _small.Resize(width, height);
        var middle = new Vector2(width - 1, height - 1) / 2;
        var toPicture = Matrix3x2.CreateTranslation(-middle - how.Shift) * Matrix3x2.CreateScale(1 / how.Scale)
            * Matrix3x2.CreateTranslation(new Vector2(picture.Width - 1, picture.Height - 1) / 2);
        Warp.Affine(picture, _small, toPicture, Border.Repeat);
        ToLight();
        Move(how, width, height);
        Defocus(how.BlurPx, width, height);
        Expose(how, random);
        Paste();
        return _frame.View;
    }

    private void ToLight()
    {
        int count = _small.Width * _small.Height;
        if (_light.Length < count)
            (_light, _other) = (new Vector3[count], new Vector3[count]);
        var pixels = _small.Pixels;
        for (int i = 0; i < count; i++)
            _light[i] = new Vector3(pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]);
    }

    private void Move(in Spoiling how, int width, int height)
    {
        if (how.MotionPx <= 0)
            return;
        int steps = 1 + 2 * (int)MathF.Ceiling(how.MotionPx);
        var way = how.MotionPx * new Vector2(MathF.Cos(how.MotionRadians), MathF.Sin(how.MotionRadians));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                var sum = Vector3.Zero;
                for (int s = 0; s < steps; s++)
                    sum += Sample(new Vector2(x, y) + way * (s / (steps - 1f) - 0.5f), width, height);
                _other[y * width + x] = sum / steps;
            }
        }
        (_light, _other) = (_other, _light);
    }

    private void Defocus(float sigma, int width, int height)
    {
        if (sigma <= 0)
            return;
        int reach = (int)MathF.Ceiling(3 * sigma);
        float[] weights = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(d => MathF.Exp(-d * d / (2 * sigma * sigma)))];
        float all = weights.Sum();
        foreach (var (dx, dy) in new[] { (1, 0), (0, 1) })
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    var sum = Vector3.Zero;
                    for (int d = -reach; d <= reach; d++)
                        sum += weights[d + reach] * At(x + d * dx, y + d * dy, width, height);
                    _other[y * width + x] = sum / all;
                }
            }
            (_light, _other) = (_other, _light);
        }
    }

    private void Expose(in Spoiling how, Random random)
    {
        var pixels = _small.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            float noise = how.NoiseLevels > 0 ? how.NoiseLevels * Normal(random) : 0;
            pixels[i] = (byte)Math.Clamp(_light[i / 3][i % 3] * how.Gain + noise + 0.5f, 0, 255);
        }
    }

    private void Paste()
    {
        _frame.Resize(Width, Height);
        _frame.Pixels.Fill(Wall);
        int left = (Width - _small.Width) / 2, top = (Height - _small.Height) / 2;
        for (int y = 0; y < _small.Height; y++)
            _small.Row(y).CopyTo(_frame.Row(top + y)[(3 * left)..]);
    }

    private Vector3 Sample(Vector2 at, int width, int height)
    {
        int x = (int)MathF.Floor(at.X), y = (int)MathF.Floor(at.Y);
        float fx = at.X - x, fy = at.Y - y;
        return Vector3.Lerp(
            Vector3.Lerp(At(x, y, width, height), At(x + 1, y, width, height), fx),
            Vector3.Lerp(At(x, y + 1, width, height), At(x + 1, y + 1, width, height), fx), fy);
    }

    private Vector3 At(int x, int y, int width, int height) => _light[Math.Clamp(y, 0, height - 1) * width + Math.Clamp(x, 0, width - 1)];

    /// <summary>Box and Muller's way from two even numbers to a normal one.</summary>
    private static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
