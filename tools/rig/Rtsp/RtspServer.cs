using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.Rig.Rtsp;

internal sealed record RtspServerOptions
{
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Null: no authentication.</summary>
    public RtspCredentials? Credentials { get; init; }

    /// <summary>Bytes that may wait for one client before it is dropped. Default 8 MiB: about 16 s of a main stream.</summary>
    public int MaxQueuedBytes { get; init; } = 8 << 20;
}

/// <summary>
/// An RTSP server as a camera has one: RTP over the RTSP connection (interleaved TCP), H.264 and H.265, many streams, several
/// clients each. It only passes on what is pushed into its mounts: see <see cref="BenchCamera"/> for the clock.
/// </summary>
internal sealed class RtspServer : IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, Mount> mounts = new();
    private readonly ConcurrentDictionary<RtspConnection, Task> connections = new();
    private readonly Task accepting;

    /// <exception cref="SocketException">The port is taken.</exception>
    public RtspServer(RtspServerOptions options, TimeProvider time)
    {
        Options = options;
        this.time = time;
        Authentication = options.Credentials is null ? null : new DigestAuthentication(options.Credentials);
        listener = new TcpListener(options.Address, options.Port);
        listener.Start();
        accepting = AcceptAsync();
    }

    public RtspServerOptions Options { get; }

    public DigestAuthentication? Authentication { get; }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string UrlOf(string path) => $"rtsp://{Options.Address}:{Port}/{path}";

    public void Add(Mount mount) => mounts[mount.Path] = mount;

    /// <summary>The mount that a URL's path names, with or without a track behind it.</summary>
    public Mount? Find(string path)
    {
        const string track = "/track0";
        return mounts.GetValueOrDefault(path.EndsWith(track, StringComparison.Ordinal) ? path[..^track.Length] : path);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections.Values);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                if (await TryAcceptAsync() is { } client)
                    Serve(new RtspConnection(client, this));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // Stopping.
        }
    }

    private async Task<TcpClient?> TryAcceptAsync()
    {
        try
        {
            TcpClient client = await listener.AcceptTcpClientAsync(stopping.Token);
            client.NoDelay = true;
            return client;
        }
        catch (SocketException)
        {
            // One client that left before it was accepted, or no file handle left: wait, so that this cannot spin.
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stopping.Token);
            return null;
        }
    }

    private void Serve(RtspConnection connection)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connections[connection] = ended.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                using (connection)
                    await connection.RunAsync(stopping.Token);
                ended.SetResult();
            }
            catch (Exception error)
            {
                // A broken assumption in one conversation: shown when the server is disposed, the others go on.
                ended.SetException(error);
                return;
            }
            connections.TryRemove(connection, out _);
        });
    }
}
