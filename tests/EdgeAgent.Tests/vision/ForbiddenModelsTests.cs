using EdgeAgent.Tests.Support;
using EdgeAgent.Vision.Faces;
using EdgeAgent.Vision.Inference;
using EdgeAgent.Vision.Plates;

namespace EdgeAgent.Tests.Vision;

/// <summary>The npm face package also holds models that guess age, sex and expression. None of them may come near the product.</summary>
public sealed class ForbiddenModelsTests
{
    // Put together here, so that this file is not its own finding.
    private static readonly string[] Forbidden = [.. new[] { "age", "gender", "expression" }.Select(w => "fr" + "_" + w)];
    private static readonly string[] Guesses = ["age", "gender", "sex", "expression", "emotion", "ethnic", "race"];

    [Fact]
    public void The_model_list_names_none()
    {
        foreach (var entry in Models.Open().Entries)
            foreach (string word in $"{entry.Name}-{entry.File}".Split('-', '_', '.'))
                Assert.DoesNotContain(word, Guesses);
    }

    [Fact]
    public void Everything_that_is_loaded_is_on_the_list_by_hash()
    {
        var store = Models.Open();
        using var faces = new FaceDetector(store);
        using var embedder = new FaceEmbedder(store);
        using var plates = new PlateDetector(store);
        using var reader = new PlateReader(store);
        Assert.Equal(7, store.InUse.Count);
        foreach (var (name, sha256) in store.InUse)
            Assert.Equal(store.Sha256Of(name), sha256);
    }

    [Fact]
    public void None_lies_among_the_fetched_or_trained_files()
    {
        var files = new[] { Path.Combine(Repository.Root, ".cache", "models"), Path.Combine(Models.Directory, "trained") }
            .Where(Directory.Exists).SelectMany(d => Directory.GetFiles(d, "*", SearchOption.AllDirectories)).Select(Path.GetFileName).ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, f => Forbidden.Any(w => f!.Contains(w, StringComparison.OrdinalIgnoreCase)));
        // And nothing at all that the list does not name.
        Assert.Subset(Models.Open().Entries.Select(e => e.File).ToHashSet(), files.Select(f => f!).ToHashSet());
    }

    [Theory]
    [InlineData("vision")]
    [InlineData("models")]
    [InlineData("agent")]
    [InlineData("tools")]
    [InlineData("hw")]
    public void No_source_file_names_one(string folder)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".cs" or ".json" or ".mjs" or ".csproj" or ".ts" or ".tsx" && !f.Contains("node_modules", StringComparison.Ordinal));
        foreach (string file in sources)
        {
            string text = File.ReadAllText(file);
            Assert.All(Forbidden, word => Assert.False(text.Contains(word, StringComparison.OrdinalIgnoreCase), $"{file} names {word}"));
        }
    }
}
