using Npgsql;

namespace EdgeAgent.Benchmarks.Servers;

/// <summary>
/// A PostgreSQL server of one's own: a new cluster in a temporary folder, reached over a Unix socket that nobody else may enter.
/// The server refuses to run as root, so then it runs as the package's own account.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Account = "postgres", Owner = "centre";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, string> Environment = new() { ["LC_ALL"] = "C", ["TZ"] = "UTC" };
    private readonly string folder;
    private readonly bool durable;
    private ServerProcess? process;
    private int databases;

    private PostgresServer(string folder, bool durable) => (this.folder, this.durable) = (folder, durable);

    /// <summary>Where the server keeps its files.</summary>
    public string Data => Path.Combine(folder, "data");

    /// <param name="durable">False: nothing is synced, for tests of anything but power cuts.</param>
    /// <exception cref="InputException">PostgreSQL is not installed, or does not start.</exception>
    public static async Task<PostgresServer> StartAsync(bool durable)
    {
        string folder = Directory.CreateTempSubdirectory("pg-").FullName;
        var server = new PostgresServer(folder, durable);
        try
        {
            if (IsRoot)
                await ServerProcess.RunAsync(Environment, "chown", Account, folder);
            await ServerProcess.RunAsync(Environment, [.. AsAccount(), Program("initdb"), "-D", server.Data, "-U", Owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>After <see cref="StopAsync"/>, on the same files.</summary>
    public async Task StartAgainAsync()
    {
        string sync = durable ? "on" : "off";
        process = ServerProcess.Start(
            Environment,
            [.. AsAccount(), Program("postgres"), "-D", Data, "-k", folder, "-c", "listen_addresses=", "-c", $"fsync={sync}", "-c", $"full_page_writes={sync}",
                "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "logging_collector=off", "-c", "log_min_messages=fatal"]);
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
                await using NpgsqlConnection connection = await source.OpenConnectionAsync();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException)
            {
                if (process.HasExited || System.Diagnostics.Stopwatch.GetElapsedTime(started) > ReadyWithin)
                    throw new InputException($"PostgreSQL does not start: {process.LastWords}");
                await Task.Delay(50);
            }
        }
    }

    /// <summary>As when the machine with the database goes away for a while.</summary>
    public async Task StopAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
        process = null;
    }

    /// <returns>The connection string of a new, empty database.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        string name = $"centre_{Interlocked.Increment(ref databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    public Task DropAsync(string connectionString) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    private async Task ExecuteAsync(string command)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        // The name is made above, from a number.
#pragma warning disable CA2100
        await using NpgsqlCommand statement = source.CreateCommand(command);
#pragma warning restore CA2100
        _ = await statement.ExecuteNonQueryAsync();
    }

    private string ConnectionString(string database) => $"Host={folder};Username={Owner};Database={database}";

    private static bool IsRoot => System.Environment.IsPrivilegedProcess;

    private static string[] AsAccount() => IsRoot ? ["setpriv", $"--reuid={Account}", $"--regid={Account}", "--clear-groups", "--"] : [];

    private static string Program(string name)
    {
        string? newest = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out int version) ? version : 0).FirstOrDefault()
            : null;
        string path = Path.Combine(newest ?? "", "bin", name);
        return File.Exists(path) ? path : throw new InputException($"PostgreSQL is not installed ({name} is not under /usr/lib/postgresql): './dev test' and './dev bench fleet' install it.");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(folder, recursive: true);
    }
}
