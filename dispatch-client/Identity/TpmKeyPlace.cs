using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>key.tpm: where the unit's key lies that no file holds.</summary>
/// <param name="Handle">Persistent handle, such as 0x81020000.</param>
/// <param name="Tcti">The way to the TPM as tpm2-tss writes it, such as device:/dev/tpmrm0.</param>
public sealed partial record TpmKeyPlace(string Handle, string Tcti)
{
    /// <exception cref="JsonException">Not what <see cref="Text"/> gave.</exception>
    internal static TpmKeyPlace Parse(string text) =>
        JsonSerializer.Deserialize(text, TpmKeyPlaceJson.Default.TpmKeyPlace) is { Handle: not null, Tcti.Length: > 0 } place && Persistent().IsMatch(place.Handle)
            ? place
            : throw new JsonException("it must name a handle such as 0x81020000 and a tcti");

    internal string Text => JsonSerializer.Serialize(this, TpmKeyPlaceJson.Default.TpmKeyPlace) + "\n";

    [GeneratedRegex("^0x81[0-9a-fA-F]{6}$")]
    private static partial Regex Persistent();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TpmKeyPlace))]
internal sealed partial class TpmKeyPlaceJson : JsonSerializerContext;
