using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EdgeAgent.Benchmarks.Servers;

/// <summary>
/// A RabbitMQ broker of one's own: a node, a port mapper and a cookie that no other Erlang program shares, loopback only, everything
/// in a temporary folder.
/// </summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(120);
    private readonly string folder = Directory.CreateTempSubdirectory("mq-").FullName;
    private readonly string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
    private readonly int port = FreePort(), mapperPort = FreePort();
    private readonly Dictionary<string, string> environment;
    private ServerProcess? process;

    private RabbitServer()
    {
        string At(string name) => Path.Combine(folder, name);
        environment = new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = $"city{port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{port}",
            ["RABBITMQ_DIST_PORT"] = $"{FreePort()}",
            ["RABBITMQ_MNESIA_BASE"] = At("mnesia"),
            ["RABBITMQ_LOG_BASE"] = At("log"),
            ["RABBITMQ_CONFIG_FILE"] = At("rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = At("none.conf"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = At("generated"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = At("plugins"),
            ["RABBITMQ_PID_FILE"] = At("pid"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            // The script then becomes the server, instead of waiting beside it.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
            ["ERL_EPMD_PORT"] = $"{mapperPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_MAX_PORTS"] = "4096",
            ["SERVER_STOP"] = "TERM",
        };
        File.WriteAllText(At("rabbitmq.conf"), $"default_user = centre\ndefault_pass = {password}\nlog.console = false\nlog.file.level = warning\nvm_memory_high_watermark.absolute = 400MB\ndisk_free_limit.absolute = 50MB\n");
        File.SetUnixFileMode(At("rabbitmq.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(At("plugins"), "[].\n");
    }

    /// <summary>For a gateway, with the password in it.</summary>
    public Uri Address => new($"amqp://centre:{password}@127.0.0.1:{port}/");

    /// <exception cref="InputException">RabbitMQ is not installed, or does not start.</exception>
    public static async Task<RabbitServer> StartAsync()
    {
        if (!File.Exists(Program))
            throw new InputException("RabbitMQ is not installed: './dev test' and './dev bench fleet' install it.");
        var server = new RabbitServer();
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>After <see cref="StopAsync"/>, on the same files and port.</summary>
    public async Task StartAgainAsync()
    {
        process = ServerProcess.Start(environment, Program);
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        var factory = new ConnectionFactory { Uri = Address, AutomaticRecoveryEnabled = false };
        while (true)
        {
            try
            {
                await using IConnection connection = await factory.CreateConnectionAsync();
                return;
            }
            catch (Exception e) when (e is BrokerUnreachableException or IOException)
            {
                if (process.HasExited || System.Diagnostics.Stopwatch.GetElapsedTime(started) > ReadyWithin)
                    throw new InputException($"RabbitMQ does not start: {process.LastWords}");
                await Task.Delay(200);
            }
        }
    }

    /// <summary>As when its machine goes away for a while.</summary>
    public async Task StopAsync()
    {
        if (process is null)
            return;
        await process.DisposeAsync();
        process = null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        // The port mapper outlives its node; ours has a port of its own, so nobody else's ends with it.
        await ServerProcess.RunAsync(environment, "/bin/sh", "-c", "epmd -kill >/dev/null 2>&1 || true");
        Directory.Delete(folder, recursive: true);
    }
}
