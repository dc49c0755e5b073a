namespace EdgeAgent.Vision.Inference;

internal sealed record ModelManifest(IReadOnlyList<ModelEntry> Models);

/// <summary>One model of models.json.</summary>
/// <param name="Name">What the code calls it.</param>
/// <param name="File">File name, in models/trained or .cache/models.</param>
/// <param name="Sha256">Hex, of the file as packaged.</param>
/// <param name="Inputs">Tensor name to shape; −1 is free. Empty for files that are not networks.</param>
/// <param name="Outputs">As <paramref name="Inputs"/>.</param>
/// <param name="Thresholds">Named operating points, such as cosine similarities at false accept rates.</param>
/// <param name="Activations">Least and greatest value of inner tensors, for counting in whole numbers (<see cref="GraphQuantise"/>); null: none.</param>
public sealed record ModelEntry(
    string Name, string File, string Sha256, string Licence,
    IReadOnlyDictionary<string, long[]> Inputs, IReadOnlyDictionary<string, long[]> Outputs,
    IReadOnlyDictionary<string, float> Thresholds, IReadOnlyDictionary<string, float[]>? Activations = null);
