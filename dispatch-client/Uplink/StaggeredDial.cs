using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// A TCP connection as soon as the network allows one. The system asks again after 1, 3, 7 seconds; a car that comes out of a
/// tunnel would wait for that. So a new attempt is begun three times a second while the older ones still wait, and the first that is
/// answered wins.
/// </summary>
internal sealed class StaggeredDial(TimeProvider time)
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(300);

    /// <param name="end">Whom to connect to.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SocketException">There was an answer, and it was no; or, after giving up, why there was none.</exception>
    public async Task<Socket> ConnectAsync(EndPoint end, CancellationToken stop)
    {
        var attempts = new List<Task<Socket>>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        SocketException? last = null;
        try
        {
            while (true)
            {
                attempts.Add(AttemptAsync(end, over.Token));
                var pause = Task.Delay(Stagger, time, over.Token);
                while (await Task.WhenAny([.. attempts, pause]) is Task<Socket> first)
                {
                    attempts.Remove(first);
                    if (first.IsCompletedSuccessfully)
                        return await first;
                    last = first.Exception?.InnerException as SocketException ?? last;
                    if (last is { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostNotFound })
                        throw new SocketException((int)last.SocketErrorCode, last.Message);
                }
                if (stop.IsCancellationRequested)
                    throw last is null ? new OperationCanceledException(stop) : new SocketException((int)last.SocketErrorCode, last.Message);
            }
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)Task.WhenAll(attempts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var loser in attempts.Where(loser => loser.IsCompletedSuccessfully))
                (await loser).Dispose();
        }
    }

    private static async Task<Socket> AttemptAsync(EndPoint end, CancellationToken over)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(end, over);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
