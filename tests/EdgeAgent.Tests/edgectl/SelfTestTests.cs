using EdgeAgent.Edgectl.Acceptance;
using EdgeAgent.Hw.Frames;
using EdgeAgent.Hw.Jpeg;
using EdgeAgent.Tests.DispatchClient;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Tests.Edgectl;

/// <summary>What every box must recognise, and a box that does not.</summary>
public sealed class SelfTestTests
{
    /// <summary>After another drawing: WRITE_SELF_TEST_FACE=tools/edgectl/Acceptance/self-test.face writes what the face comes to now.</summary>
    private static readonly string? Rewrite = Environment.GetEnvironmentVariable("WRITE_SELF_TEST_FACE");

    [Fact]
    public async Task The_drawn_face_and_the_drawn_plate_are_recognised()
    {
        if (Rewrite is not null)
            await File.WriteAllBytesAsync(Rewrite, Face());
        var outcome = await LookAsync(() => ModelStore.Open());
        Assert.Empty(outcome.Findings);
        Assert.Contains(outcome.Measures, m => m.Value == ModelsCheck.PlateText);
    }

    [Fact]
    public async Task A_model_that_was_changed_is_named()
    {
        using var folder = new TemporaryDirectory();
        var models = ModelFolder();
        foreach (var file in Directory.EnumerateFiles(models, "*", SearchOption.AllDirectories))
        {
            var copy = folder.At(Path.GetRelativePath(models, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var plates = Directory.EnumerateFiles(folder.At("trained"), "plate_rec*.onnx").Single();
        var bytes = await File.ReadAllBytesAsync(plates);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(plates, bytes);
        var outcome = await LookAsync(() => ModelStore.Open(folder.At("")));
        Assert.Equal("models_damaged", Assert.Single(outcome.Findings).Fault.Code);
    }

    private static async Task<CheckOutcome> LookAsync(Func<ModelStore> models)
    {
        var check = new ModelsCheck(models);
        var outcome = new CheckOutcome(check.Title);
        using var unit = UnitAtHand.Open("none", TimeProvider.System);
        await check.LookAsync(unit, outcome, CancellationToken.None);
        return outcome;
    }

    private static string ModelFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "models", "models.json")))
                return Path.Combine(folder.FullName, "models");
        throw new InvalidOperationException("There is no folder models above the tests.");
    }

    private static byte[] Face()
    {
        using var pool = new FramePool();
        using var codec = new JpegCodec();
        using var picture = codec.Decode(ModelsCheck.Resource("self-test.jpg"), pool);
        var face = ModelsCheck.Embedding(ModelStore.Open(), picture) ?? throw new InvalidOperationException("There is not one face in the picture.");
        return [.. face.SelectMany(v => BitConverter.GetBytes((Half)v))];
    }
}
