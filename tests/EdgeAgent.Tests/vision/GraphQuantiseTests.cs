using System.Numerics;
using EdgeAgent.Hw.Ffmpeg;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Tests.Vision;

public sealed class GraphQuantiseTests
{
    private const string Name = "plate-detect";

    [Fact]
    public void The_ranges_in_models_json_are_those_of_the_network_that_lies_there()
    {
        var models = Models.Open();
        byte[] model = models.Load(Name);
        var ranges = models.Entry(Name).Activations;
        Assert.NotNull(ranges);
        Assert.Equal(GraphQuantise.Expose(model).Names.Order(), ranges.Keys.Order());
        Assert.True(GraphQuantise.Apply(model, ranges).Length < model.Length / 2, "weights of 7 bits take less than half of float's bytes");
    }

    [Fact]
    public void Without_ranges_nothing_changes()
    {
        byte[] model = Models.Open().Load(Name);
        float[] input = Noise(seed: 3);
        Assert.Equal(Heat(model, input), Heat(GraphQuantise.Apply(model, new Dictionary<string, float[]>()), input));
    }

    [Theory]
    [InlineData("no such tensor", 0f, 1f)]
    [InlineData("", 0f, 0f)]
    [InlineData("", 1f, 2f)]
    [InlineData("", 0f, float.PositiveInfinity)]
    public void A_range_that_cannot_be_is_refused(string name, float least, float most)
    {
        byte[] model = Models.Open().Load(Name);
        var ranges = new Dictionary<string, float[]> { [name.Length > 0 ? name : GraphQuantise.Expose(model).Names[0]] = [least, most] };
        Assert.Contains("eval activations", Assert.Throws<ModelException>(() => GraphQuantise.Apply(model, ranges)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => GraphQuantise.Apply([], ranges));
    }

    [Fact]
    public void The_fast_detector_finds_the_same_plate_at_the_same_corners()
    {
        using var folder = new ScratchFolder();
        Pictures.DrawPlate(folder["plate.png"], "京A·12345");
        using var pool = new FramePool();
        using var frame = PictureFile.Load(folder["plate.png"], pool);
        using var exact = new PlateDetector(Models.Open());
        using var fast = new PlateDetector(Models.Open(), fast: true);
        PlateBox[] theirs = new PlateBox[16], ours = new PlateBox[16];
        Assert.True(exact.Detect(frame.View, theirs) > 0 && fast.Detect(frame.View, ours) > 0);
        Assert.Equal(theirs[0].Score, ours[0].Score, 0.1f);
        Assert.NotEqual(theirs[0].Score, ours[0].Score);
        Assert.True(Vector2.Distance(theirs[0].Corners.TopLeft, ours[0].Corners.TopLeft) < 2);
        Assert.True(Vector2.Distance(theirs[0].Corners.BottomRight, ours[0].Corners.BottomRight) < 2);
    }

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 3 * 96 * 160).Select(_ => random.NextSingle() * 2 - 1)];
    }

    private static float[] Heat(byte[] model, float[] input)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        using var tensor = OrtValue.CreateTensorValueFromMemory(input, [1, 3, 96, 160]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["x"], [tensor], ["heat"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
