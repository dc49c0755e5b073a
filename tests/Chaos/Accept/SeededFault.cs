using System.Text.Json.Nodes;

namespace EdgeAgent.Chaos.Accept;

/// <summary>What a technician's command is run with while a fault is there.</summary>
/// <param name="Settings">The settings file that is looked at.</param>
/// <param name="Environment">Of the command alone.</param>
/// <param name="Through">A program that runs the command, with its own arguments.</param>
internal sealed record FaultSite(string Settings, IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> Through);

/// <summary>A fault that somebody made, and what it must be called.</summary>
/// <param name="Name">Of the fault, for people.</param>
/// <param name="Named">Code, and what it is about ("" where it is the unit), as accept must say; the whole of it.</param>
/// <param name="Disturbs">Only an acceptance finds it; else doctor must.</param>
/// <param name="Seed">Makes it.</param>
/// <param name="Heal">Takes it away; null: nothing is to be taken away, or what follows is the end.</param>
internal sealed record SeededFault(
    string Name, IReadOnlyList<(string Code, string About)> Named, Func<FaultBench, CancellationToken, Task<FaultSite>> Seed, Func<FaultBench, CancellationToken, Task>? Heal = null, bool Disturbs = false)
{
    public bool IsCalled(string part) => Name.Contains(part, StringComparison.Ordinal) || Named.Any(n => n.Code.Contains(part, StringComparison.Ordinal));

    /// <summary>By the bench's control.</summary>
    public static SeededFault Of(string name, string code, string about, string control, string heal, bool disturbs = false) => new(
        name, [(code, about)], async (bench, stop) => await bench.ControlAsync(control, stop), async (bench, stop) => _ = await bench.ControlAsync(heal, stop), disturbs);

    /// <summary>By a mistake in the settings.</summary>
    public static SeededFault Of(string name, IReadOnlyList<(string Code, string About)> named, Action<JsonObject, FaultBench> mistake, bool disturbs = false) => new(
        name, named, (bench, _) => Task.FromResult(bench.WithSettings(mistake)), null, disturbs);
}
