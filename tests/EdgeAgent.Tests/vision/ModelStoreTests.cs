using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

public sealed class ModelStoreTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void A_folder_without_a_list_is_refused_with_the_variable_to_set()
    {
        var error = Assert.Throws<ModelException>(() => ModelStore.Open(_folder.Path));
        Assert.Contains(ModelStore.DirectoryVariable, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"models":[{"name":"a","file":"a"},{"name":"a","file":"b"}]}""")]
    public void A_broken_list_is_refused(string manifest)
    {
        File.WriteAllText(_folder["models.json"], manifest);
        Assert.Contains("broken", Assert.Throws<ModelException>(() => ModelStore.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_with_the_command_that_fetches_it()
    {
        File.Copy(Path.Combine(Models.Directory, "models.json"), _folder["models.json"]);
        var error = Assert.Throws<ModelException>(() => new FaceDetector(ModelStore.Open(_folder.Path)));
        Assert.Contains("fr_detect.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("./dev setup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_changed_byte_is_refused_and_the_file_named()
    {
        File.Copy(Path.Combine(Models.Directory, "models.json"), _folder["models.json"]);
        byte[] bytes = Models.Open().Load("plate-detect");
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_folder["plate_det_synth.onnx"], bytes);
        var error = Assert.Throws<ModelException>(() => new PlateDetector(ModelStore.Open(_folder.Path)));
        Assert.Contains("plate_det_synth.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("not the one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_other_shapes_than_declared_is_refused()
    {
        string manifest = File.ReadAllText(Path.Combine(Models.Directory, "models.json")).Replace("[1, 1, 64, 64]", "[1, 3, 64, 64]", StringComparison.Ordinal);
        File.WriteAllText(_folder["models.json"], manifest);
        File.WriteAllBytes(_folder["fr_landmark.onnx"], Models.Open().Load("face-landmark"));
        var error = Assert.Throws<ModelException>(() => new OnnxModel(ModelStore.Open(_folder.Path), "face-landmark", ["output"]));
        Assert.Contains("shape", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_network_is_refused() =>
        Assert.Throws<ModelException>(() => new OnnxModel(Models.Open(), "ocr-keys", ["output"]));

    [Fact]
    public void An_unknown_name_is_refused() => Assert.Throws<ModelException>(() => Models.Open().Sha256Of("no-such-model"));

    [Fact]
    public void What_was_loaded_is_told_by_name_and_hash()
    {
        var store = Models.Open();
        Assert.Empty(store.InUse);
        using var embedder = new FaceEmbedder(store);
        Assert.Equal(["face-feature", "face-landmark"], store.InUse.Select(m => m.Name).Order());
        Assert.Equal(embedder.ModelSha256, store.InUse.Single(m => m.Name == "face-feature").Sha256);
    }

    public void Dispose() => _folder.Dispose();
}
