namespace EdgeAgent.Tests.Chaos;

/// <summary>The program `chaos`, built beside the tests, and the seed that its scenarios run with here.</summary>
internal static class ChaosProgram
{
    public static readonly string File = Path.Combine(AppContext.BaseDirectory, "../../Chaos", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name, "chaos");

    /// <summary>TEST_SEED, or always the same.</summary>
    public static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out int given) ? given : 20261127;
}
