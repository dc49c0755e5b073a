using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAgent.Tests.Vision;

public sealed class GraphRewriteTests
{
    [Fact]
    public void Bytes_that_are_no_network_are_refused()
    {
        Assert.ThrowsAny<Exception>(() => GraphRewrite.CutUltraFace([1, 2, 3]));
        Assert.Throws<ModelException>(() => GraphRewrite.CutUltraFace([]));
        Assert.Throws<ModelException>(() => GraphRewrite.CutUltraFace(Models.Open().Load("face-landmark")));
    }

    [Fact]
    public void The_expanded_PRelu_gives_the_same_embedding()
    {
        byte[] model = Models.Open().Load("face-feature");
        float[] input = Values(3 * 112 * 112, seed: 5);
        float[] before = Run(model, input, [1, 3, 112, 112], "output"), after = Run(GraphRewrite.ExpandPRelu(model), input, [1, 3, 112, 112], "output");
        AssertRelative(before, after, 1e-4f);
    }

    [Fact]
    public void A_network_without_PRelu_stays_as_it_was()
    {
        byte[] model = Models.Open().Load("face-landmark");
        float[] input = Values(64 * 64, seed: 6);
        Assert.Equal(Run(model, input, [1, 1, 64, 64], "output"), Run(GraphRewrite.ExpandPRelu(model), input, [1, 1, 64, 64], "output"));
    }

    [Fact]
    public void Without_its_vanishing_weights_the_network_gives_the_same_embedding()
    {
        byte[] model = Models.Open().Load("face-feature"), flushed = GraphRewrite.FlushTiny(model);
        float[] input = Values(3 * 112 * 112, seed: 5);
        Assert.NotEqual(model, flushed);
        Assert.Same(flushed, GraphRewrite.FlushTiny(flushed));
        AssertRelative(Run(model, input, [1, 3, 112, 112], "output"), Run(flushed, input, [1, 3, 112, 112], "output"), 1e-5f);
        // PP-OCR's weights are in Constant nodes.
        byte[] ocr = Models.Open().Load("ocr-recognise");
        Assert.NotSame(ocr, GraphRewrite.FlushTiny(ocr));
        byte[] plain = Models.Open().Load("face-detect");
        Assert.Same(plain, GraphRewrite.FlushTiny(plain));
    }

    [Fact]
    public void The_cut_UltraFace_gives_the_same_scores()
    {
        byte[] model = Models.Open().Load("face-detect");
        float[] input = Values(3 * 240 * 320, seed: 7);
        AssertRelative(Run(model, input, [1, 3, 240, 320], "scores"), Run(GraphRewrite.CutUltraFace(model), input, [1, 3, 240, 320], "scores"), 1e-4f);
    }

    [Fact]
    public void The_cut_UltraFace_takes_any_size()
    {
        byte[] model = GraphRewrite.CutUltraFace(Models.Open().Load("face-detect"));
        Assert.Equal(2 * (80 * 45 * 3 + 40 * 23 * 2 + 20 * 12 * 2 + 10 * 6 * 3), Run(model, Values(3 * 360 * 640, seed: 8), [1, 3, 360, 640], "scores").Length);
    }

    [Fact]
    public void Boxes_decoded_here_are_those_that_the_whole_UltraFace_decodes()
    {
        var picture = Picture.Noise(320, 240, seed: 9);
        float[] input = new float[3 * 240 * 320];
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < 240 * 320; i++)
                input[c * 240 * 320 + i] = (picture.Bgr[3 * i + 2 - c] - 127) / 128f;
        byte[] model = Models.Open().Load("face-detect");
        float[] scores = Run(model, input, [1, 3, 240, 320], "scores"), boxes = Run(model, input, [1, 3, 240, 320], "boxes");
        int best = Enumerable.Range(0, scores.Length / 2).MaxBy(i => scores[2 * i + 1]);

        using var detector = new FaceDetector(Models.Open(), 320, 240, threshold: 0);
        var found = new FaceBox[1];
        Assert.Equal(1, detector.Detect(picture.View, found));
        Assert.Equal(scores[2 * best + 1], found[0].Score, 1e-4f);
        Assert.Equal(boxes[4 * best] * 320, found[0].X1, 0.05f);
        Assert.Equal(boxes[4 * best + 1] * 240, found[0].Y1, 0.05f);
        Assert.Equal(boxes[4 * best + 2] * 320, found[0].X2, 0.05f);
        Assert.Equal(boxes[4 * best + 3] * 240, found[0].Y2, 0.05f);
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    private static float[] Run(byte[] model, float[] input, long[] shape, string output)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        using var tensor = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var run = new RunOptions();
        using var results = session.Run(run, ["input"], [tensor], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static void AssertRelative(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        float scale = expected.Max(MathF.Abs);
        Assert.True(scale > 0);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= tolerance * scale, $"{i}: {expected[i]} became {actual[i]}");
    }
}
