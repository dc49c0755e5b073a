using System.Numerics;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Preprocess;

namespace EdgeAgent.Vision.Plates;

/// <summary>The corner network, run on pictures of any size. Used whole-frame to find plates and close up to refine one.</summary>
/// <param name="models">Where the network comes from.</param>
/// <param name="fast">Count in whole numbers where the model's ranges are known and the CPU does the work: two thirds of the time, corners a little less exact.</param>
internal sealed class PlateNetwork(ModelStore models, bool fast = false) : IDisposable
{
    /// <summary>Pixels of a cell of the network's answer.</summary>
    private const int Cell = 8;

    /// <summary>Sides of the input are multiples of this.</summary>
    private const int Multiple = 32;

    private readonly OnnxModel _model = new(models, "plate-detect", ["heat", "off"], Rewrite(models, fast));
    private readonly Resampler _resampler = new();
    private readonly BgrImage _scaled = new();

    /// <summary>
    /// Scales <paramref name="picture"/> by <paramref name="scale"/> and adds all peaks to <paramref name="found"/>, in pixels of the
    /// picture and in no order.
    /// </summary>
    /// <param name="leastWidth">The network's input is at least this wide, the rest empty: pictures of many sizes then need the same tensors.</param>
    public void Run(BgrView picture, float scale, float threshold, List<PlateBox> found, int leastWidth = 0, int leastHeight = 0)
    {
        int width = Math.Max(1, (int)MathF.Round(picture.Width * scale)), height = Math.Max(1, (int)MathF.Round(picture.Height * scale));
        var view = picture;
        if (width != picture.Width || height != picture.Height)
        {
            _resampler.Scale(picture, _scaled, width, height);
            view = _scaled.View;
        }
        int inputWidth = RoundUp(Math.Max(width, leastWidth)), inputHeight = RoundUp(Math.Max(height, leastHeight));
        _model.Reshape(3, inputHeight, inputWidth);
        PixelKernels.ToPlanes(view, _model.Input, inputWidth, inputHeight, 127.5f, 1 / 127.5f, redFirst: false);
        _model.Run();
        Collect(inputWidth / Cell, inputHeight / Cell, new Vector2((float)picture.Width / width, (float)picture.Height / height), threshold, found);
    }

    public void Dispose() => _model.Dispose();

    private static Func<byte[], byte[]>? Rewrite(ModelStore models, bool fast) =>
        fast && models.Execution.Used == ExecutionProvider.Cpu && models.Entry("plate-detect").Activations is { } ranges
            ? model => GraphQuantise.Apply(model, ranges)
            : null;

    private static int RoundUp(int side) => (side + Multiple - 1) / Multiple * Multiple;

    private void Collect(int columns, int rows, Vector2 toPicture, float threshold, List<PlateBox> found)
    {
        var heat = _model.Output(0);
        var offsets = _model.Output(1);
        int plane = columns * rows;
        for (int i = 0; i < heat.Length; i++)
        {
            // Written so that a NaN is not a plate.
            if (!(heat[i] > threshold))
                continue;
            int cell = i % plane;
            var at = new Vector2(cell % columns + 0.5f, cell / columns + 0.5f);
            var corners = new Quad(
                Corner(offsets, plane, cell, 0) + at, Corner(offsets, plane, cell, 1) + at,
                Corner(offsets, plane, cell, 2) + at, Corner(offsets, plane, cell, 3) + at);
            corners = corners.Map(toPicture * Cell, Vector2.Zero);
            if (corners.IsFinite)
                found.Add(new PlateBox(corners, heat[i], TwoRow: i >= plane));
        }
    }

    private static Vector2 Corner(ReadOnlySpan<float> offsets, int plane, int cell, int corner) =>
        new(offsets[2 * corner * plane + cell], offsets[(2 * corner + 1) * plane + cell]);
}
