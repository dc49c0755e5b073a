namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>When the next piece of an attachment may go: not while the link is metered, nor while a live view needs it, nor into a queue.</summary>
internal sealed class EvidencePace(DelayWindow window, Func<bool> metered, LinkBoard board, TimeProvider time)
{
    private static readonly TimeSpan UntilRoom = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WhilePaused = TimeSpan.FromMilliseconds(250);

    /// <summary>Why attachments stand still, "" when they do not: metered, live.</summary>
    public string Paused => metered() ? "metered" : board.LiveIsNarrow ? "live" : "";

    /// <param name="bytes">Of the piece.</param>
    /// <param name="answer">The centre's answer, which may come before all was sent; then nothing is waited for.</param>
    /// <param name="ended">The session.</param>
    public async Task WaitAsync(int bytes, Task answer, CancellationToken ended)
    {
        while (!answer.IsCompleted && (Paused.Length > 0 || window.Room() < bytes))
            await Task.Delay(Paused.Length > 0 ? WhilePaused : UntilRoom, time, ended);
    }
}
