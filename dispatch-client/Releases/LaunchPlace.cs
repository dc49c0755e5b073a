namespace EdgeAgent.DispatchClient.Releases;

/// <summary>
/// Where the launcher that started this program keeps its slots. It says so in the environment of what it starts, so that nobody
/// writes it down a second time.
/// </summary>
/// <param name="Base">Folder of the slots.</param>
/// <param name="Factory">What the box was installed with.</param>
/// <param name="Edgectl">The launcher's own program.</param>
public sealed record LaunchPlace(string Base, string Factory, string Edgectl)
{
    private const string BaseName = "EDGEAGENT_SLOTS", FactoryName = "EDGEAGENT_FACTORY", EdgectlName = "EDGEAGENT_EDGECTL";

    /// <summary>Null in a program that no launcher started.</summary>
    public static LaunchPlace? OfThisProcess() =>
        Environment.GetEnvironmentVariable(BaseName) is { Length: > 0 } slots
        && Environment.GetEnvironmentVariable(FactoryName) is { Length: > 0 } factory
        && Environment.GetEnvironmentVariable(EdgectlName) is { Length: > 0 } edgectl
            ? new LaunchPlace(slots, factory, edgectl) : null;

    /// <summary>To every program that this process starts or becomes from here on.</summary>
    internal void Tell()
    {
        foreach ((string name, string value) in ((string, string)[])[(BaseName, Base), (FactoryName, Factory), (EdgectlName, Edgectl)])
            AppProgram.SetEnvironment(name, value);
    }
}
