using System.Text.Json.Serialization;

namespace EdgeAgent.DispatchClient.Identity;

/// <summary>unit.json: what is known about the unit beside its certificates.</summary>
internal sealed record UnitFacts(string UnitId, string Centre, long EnrolledAtUnixMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(UnitFacts))]
internal sealed partial class UnitFactsJson : JsonSerializerContext;
