using EdgeAgent.Rig.Run;
using EdgeAgent.Tests.Support;

namespace EdgeAgent.Tests.EndToEnd;

/// <summary>The whole bench, started once for the tests that need the real programs together.</summary>
public sealed class BenchFixture : IAsyncLifetime
{
    private readonly string state = Path.Combine(Repository.Root, ".run", $"test-{Environment.ProcessId}");

    internal Bench Bench { get; private set; } = null!;

    internal CarSummary FirstSummary { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        RunOptions options = RunOptions.OfThisBuild(Repository.Root, state);
        Bench = new Bench(options, new Progress(), TimeProvider.System);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        await Bench.StartAsync(limit.Token);
    }

    public async Task DisposeAsync()
    {
        await Bench.DisposeAsync();
        if (Environment.GetEnvironmentVariable("EDGEAGENT_KEEP_STATE") is null)
            Directory.Delete(state, recursive: true);
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BenchCollection : ICollectionFixture<BenchFixture>
{
    public const string Name = "bench";
}
