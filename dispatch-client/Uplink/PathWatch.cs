using System.Net.Sockets;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>
/// Finds out that the network is back before the old connection does. After a gap TCP tries again only when its doubled wait is
/// over, seconds later. So when several packets in a row were given up for lost, a second connection is dialled; when that is
/// answered and the old one still waits, the old one is ended and the session begins anew.
/// </summary>
internal sealed class PathWatch(Func<Socket?> connection, Func<CancellationToken, Task<Socket>> dial, TimeProvider time)
{
    private const int StalledRetransmits = 2;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs until the session ends.</summary>
    /// <exception cref="IOException">The network is back and the session's connection does not know.</exception>
    public async Task RunAsync(CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(Period, time, ended);
            if (IsStalled() && await IsAnsweredAsync(ended) && IsStalled())
                throw new IOException("the network is back, and the old connection was still waiting to try again");
        }
    }

    private async Task<bool> IsAnsweredAsync(CancellationToken ended)
    {
        try
        {
            using var answered = await dial(ended);
            return true;
        }
        catch (SocketException)
        {
            // Nobody there, or no way there: the session's own time-outs decide.
            return false;
        }
    }

    private bool IsStalled() => TcpInfo.Read(connection()) is { Retransmits: >= StalledRetransmits };
}
