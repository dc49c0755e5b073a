using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeAgent.Vision.Inference;

/// <summary>A model cannot be used; the message says which, why, and what to do.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message)
        : base(message)
    {
    }

    public ModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ModelException()
    {
    }
}

/// <summary>
/// The models that this product may load: those of models/models.json, each by its hash and no other. Thread-safe.
/// </summary>
public sealed class ModelStore
{
    /// <summary>Environment variable that names the models directory.</summary>
    public const string DirectoryVariable = "EDGEAGENT_MODELS";

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };
    private readonly Dictionary<string, ModelEntry> _entries;
    private readonly string _directory;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _inUse = [];

    private ModelStore(string directory, IEnumerable<ModelEntry> entries, Execution execution)
    {
        _directory = directory;
        Execution = execution;
        _entries = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>What the networks run on.</summary>
    internal Execution Execution { get; }

    /// <summary>Every model of the manifest, loaded or not.</summary>
    public IEnumerable<ModelEntry> Entries => _entries.Values;

    /// <summary>What was loaded so far, by the hash of the file as packaged.</summary>
    public IReadOnlyList<(string Name, byte[] Sha256)> InUse
    {
        get
        {
            lock (_gate)
                return [.. _inUse.Select(m => (m.Key, m.Value))];
        }
    }

    /// <summary>
    /// Reads the manifest of <paramref name="modelsDirectory"/>, or of the directory that EDGEAGENT_MODELS names, or of the first
    /// folder <c>models</c> found from the executable upwards.
    /// </summary>
    /// <param name="modelsDirectory">Where models.json lies.</param>
    /// <param name="execution">What the networks run on; null: the CPU.</param>
    /// <exception cref="ModelException">There is none, or it is broken.</exception>
    public static ModelStore Open(string? modelsDirectory = null, Execution? execution = null)
    {
        string directory = modelsDirectory ?? Environment.GetEnvironmentVariable(DirectoryVariable) ?? FindDirectory();
        string manifest = Path.Combine(directory, "models.json");
        if (!File.Exists(manifest))
            throw new ModelException($"There is no model list at {manifest}: point {DirectoryVariable} to the folder that holds models.json.");
        try
        {
            var parsed = JsonSerializer.Deserialize<ModelManifest>(File.ReadAllBytes(manifest), Json);
            return new ModelStore(directory, parsed?.Models ?? throw new JsonException("it names no models"), execution ?? Execution.OnCpu);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ModelException($"The model list {manifest} is broken: {e.Message}", e);
        }
    }

    /// <summary>The hash that the manifest demands of a model.</summary>
    /// <exception cref="ModelException">The manifest has no model of this name.</exception>
    public byte[] Sha256Of(string name) => Convert.FromHexString(Entry(name).Sha256);

    /// <summary>The manifest's entry of a model.</summary>
    /// <exception cref="ModelException">The manifest has no model of this name.</exception>
    public ModelEntry Entry(string name) =>
        _entries.TryGetValue(name, out var entry) ? entry : throw new ModelException($"The model list names no model \"{name}\".");

    /// <summary>The bytes of a model, checked against its hash.</summary>
    /// <exception cref="ModelException">The file is missing or is another one.</exception>
    internal byte[] Load(string name)
    {
        var entry = Entry(name);
        string path = Candidates(entry.File).FirstOrDefault(File.Exists)
            ?? throw new ModelException($"The model {name} ({entry.File}) is missing: run ./dev setup, or node models/fetch.mjs, to fetch it.");
        byte[] bytes = File.ReadAllBytes(path), hash = SHA256.HashData(bytes);
        if (!hash.AsSpan().SequenceEqual(Sha256Of(name)))
            throw new ModelException(
                $"The model {name} at {path} is not the one that models.json names (SHA-256 {Convert.ToHexStringLower(hash)}): delete it and run ./dev setup.");
        lock (_gate)
            _inUse[name] = hash;
        return bytes;
    }

    private IEnumerable<string> Candidates(string file) =>
    [
        Path.Combine(_directory, "trained", file),
        Path.Combine(_directory, file),
        Path.Combine(_directory, "..", ".cache", "models", file),
    ];

    private static string FindDirectory()
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string candidate = Path.Combine(d.FullName, "models");
            if (File.Exists(Path.Combine(candidate, "models.json")))
                return candidate;
        }
        throw new ModelException(
            $"No folder models with a models.json lies beside or above {AppContext.BaseDirectory}: point {DirectoryVariable} to it.");
    }
}
