using System.Runtime.InteropServices;
using EdgeAgent.Hw.Frames;

namespace EdgeAgent.Vision.Preprocess;

/// <summary>
/// Scales pictures, each axis for itself: area average where it shrinks, linear where it grows (as OpenCV's INTER_AREA and
/// INTER_LINEAR do; pixel centres at .5). Keeps its tables while the sizes stay the same. Not thread-safe.
/// </summary>
internal sealed class Resampler
{
    private readonly Taps _horizontal = new();
    private readonly Taps _vertical = new();
    private float[] _sum = [];

    /// <summary>Fills <paramref name="target"/>, <paramref name="width"/> × <paramref name="height"/>, rows <paramref name="strideBytes"/> apart.</summary>
    public void Scale(BgrView source, Span<byte> target, int width, int height, int strideBytes)
    {
        if (source.Width == width && source.Height == height)
        {
            for (int y = 0; y < height; y++)
                source.Row(y).CopyTo(target[(y * strideBytes)..]);
            return;
        }
        _horizontal.Prepare(source.Width, width);
        _vertical.Prepare(source.Height, height);
        int samples = 3 * source.Width;
        if (_sum.Length < samples)
            _sum = new float[samples];
        var sum = _sum.AsSpan(0, samples);
        for (int y = 0; y < height; y++)
        {
            AddRows(source, y, sum);
            Across(sum, target.Slice(y * strideBytes, 3 * width));
        }
    }

    /// <summary>As <see cref="Scale"/>, into a picture of that size.</summary>
    public void Scale(BgrView source, BgrImage target, int width, int height)
    {
        target.Resize(width, height);
        Scale(source, target.Pixels, width, height, target.StrideBytes);
    }

    private void AddRows(BgrView source, int y, Span<float> sum)
    {
        var weights = _vertical.Of(y, out int first);
        sum.Clear();
        for (int i = 0; i < weights.Length; i++)
            PixelKernels.AddWeighted(source.Row(first + i), weights[i], sum);
    }

    private void Across(ReadOnlySpan<float> sum, Span<byte> target)
    {
        for (int x = 0; 3 * x < target.Length; x++)
        {
            var weights = _horizontal.Of(x, out int first);
            var source = sum.Slice(3 * first, 3 * weights.Length);
            float b = 0.5f, g = 0.5f, r = 0.5f;
            for (int i = 0; i < weights.Length; i++)
            {
                float w = weights[i];
                b += w * source[3 * i];
                g += w * source[3 * i + 1];
                r += w * source[3 * i + 2];
            }
            target[3 * x] = (byte)b;
            target[3 * x + 1] = (byte)g;
            target[3 * x + 2] = (byte)r;
        }
    }

    /// <summary>For each target pixel of one axis: where its source pixels begin, and their weights, which add up to one.</summary>
    private sealed class Taps
    {
        private readonly List<float> _weights = [];
        private readonly List<(int First, int At, int Count)> _pixels = [];
        private int _from;
        private int _to;

        public ReadOnlySpan<float> Of(int index, out int first)
        {
            (first, int at, int count) = _pixels[index];
            return CollectionsMarshal.AsSpan(_weights).Slice(at, count);
        }

        public void Prepare(int from, int to)
        {
            if (_from == from && _to == to)
                return;
            (_from, _to) = (from, to);
            _weights.Clear();
            _pixels.Clear();
            double scale = (double)from / to;
            for (int i = 0; i < to; i++)
            {
                if (scale > 1)
                    AddArea(i * scale, Math.Min(from, (i + 1) * scale));
                else
                    AddLinear((i + 0.5) * scale - 0.5, from - 1);
            }
        }

        private void AddArea(double low, double high)
        {
            int first = (int)low, at = _weights.Count;
            for (int j = first; j < high - 1e-6; j++)
                _weights.Add((float)((Math.Min(j + 1, high) - Math.Max(j, low)) / (high - low)));
            _pixels.Add((first, at, _weights.Count - at));
        }

        private void AddLinear(double place, int last)
        {
            double at = Math.Clamp(place, 0, last);
            int first = (int)at;
            float share = (float)(at - first);
            if (share == 0)
            {
                _pixels.Add((first, _weights.Count, 1));
                _weights.Add(1);
                return;
            }
            _pixels.Add((first, _weights.Count, 2));
            _weights.Add(1 - share);
            _weights.Add(share);
        }
    }
}
