using EdgeAgent.Benchmarks.Servers;

namespace EdgeAgent.Tests.CommandCentre;

/// <summary>Where a centre under test keeps its tables.</summary>
public enum CentreStore
{
    Sqlite,
    Postgres,
}

/// <summary>One real PostgreSQL server for the whole test run, begun with the first test that asks for it.</summary>
internal static class PostgresForTests
{
    private static readonly Lazy<Task<PostgresServer>> Server = new(async () =>
    {
        var server = await PostgresServer.StartAsync(durable: false);
        // No test is the last one by itself: the server goes with the process, by this or by the end of its standard input.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    });

    public static Task<PostgresServer> StartedAsync() => Server.Value;
}

/// <summary>One real RabbitMQ broker for the whole test run.</summary>
internal static class RabbitForTests
{
    private static readonly Lazy<Task<RabbitServer>> Server = new(async () =>
    {
        var server = await RabbitServer.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    });

    public static Task<RabbitServer> StartedAsync() => Server.Value;
}
