using System.Net.Sockets;
using EdgeAgent.CommandCentre.Sessions;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Exports;

/// <summary>One unit's connection to a JT/T 808 platform: registers, proves itself, then tells each new position, until the line breaks.</summary>
internal sealed class Jt808Line(Jt808Options options, ExportedUnit unit, Fleet fleet, Func<string, bool> callsForHelp, TimeProvider time)
{
    private const int MostUnanswered = 3;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10), HeartbeatAfter = TimeSpan.FromSeconds(60);
    private readonly byte[] buffer = new byte[Jt808Frame.MostFrame];
    private int filled;
    private ushort serial;
    private int unanswered;

    /// <summary>Positions that the platform has answered for.</summary>
    public long Told { get; private set; }

    /// <exception cref="IOException">The platform hung up, refused, or does not answer.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(options.Host, options.Port, stop);
        var stream = socket.GetStream();
        (filled, unanswered) = (0, 0);
        var registered = await AskAsync(stream, Jt808Frame.Register, Jt808Bodies.Register(unit.UnitId, unit.Plate), stop);
        _ = await AskAsync(stream, Jt808Frame.Authenticate, Jt808Bodies.Authenticate(Jt808Bodies.AuthenticationCode(registered), unit.Number), stop);
        long toldAt = 0, heard = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.EverySeconds), time);
        do
        {
            if (fleet.Find(unit.UnitId)?.Position is { } position && position.AtUnixMs > toldAt)
            {
                await TellAsync(stream, Jt808Frame.Location, Jt808Bodies.Location(position, callsForHelp(unit.UnitId)), stop);
                (toldAt, heard, Told) = (position.AtUnixMs, time.GetTimestamp(), Told + (unanswered == 0 ? 1 : 0));
            }
            else if (time.GetElapsedTime(heard) > HeartbeatAfter)
            {
                await TellAsync(stream, Jt808Frame.Heartbeat, [], stop);
                heard = time.GetTimestamp();
            }
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Without its answer nothing goes on.</summary>
    private async Task<Jt808Message> AskAsync(NetworkStream stream, ushort id, byte[] body, CancellationToken stop)
    {
        var answer = await AnswerAsync(stream, await SendAsync(stream, id, body, stop), stop)
            ?? throw new IOException($"The platform did not answer 0x{id:X4}.");
        return Jt808Bodies.Answer(answer) is { Result: 0 } ? answer : throw new IOException($"The platform refused 0x{id:X4}: {Jt808Bodies.Answer(answer)?.Result}.");
    }

    /// <summary>A position that is not answered is not sent again, the next one says more; but a platform that stays silent is gone.</summary>
    private async Task TellAsync(NetworkStream stream, ushort id, byte[] body, CancellationToken stop)
    {
        unanswered = await AnswerAsync(stream, await SendAsync(stream, id, body, stop), stop) is null ? unanswered + 1 : 0;
        if (unanswered >= MostUnanswered)
            throw new IOException("The platform does not answer any more.");
    }

    private async Task<ushort> SendAsync(NetworkStream stream, ushort id, byte[] body, CancellationToken stop)
    {
        var number = serial++;
        await stream.WriteAsync(Jt808Frame.Encode(new Jt808Message(id, unit.Number, number, body)), stop);
        return number;
    }

    /// <summary>Null when none came in time; answers to others and what is no message are passed over.</summary>
    private async Task<Jt808Message?> AnswerAsync(NetworkStream stream, ushort number, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(AnswerWithin, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            while (true)
            {
                if (Next() is { } message)
                {
                    if (Jt808Bodies.Answer(message)?.Serial == number)
                        return message;
                    continue;
                }
                var read = await stream.ReadAsync(buffer.AsMemory(filled), both.Token);
                if (read == 0)
                    throw new IOException("The platform hung up.");
                filled += read;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Takes the next message out of the buffer; null when there is no whole one.</summary>
    private Jt808Message? Next()
    {
        while (true)
        {
            var start = Array.IndexOf(buffer, Jt808Frame.Flag, 0, filled);
            var end = start < 0 ? -1 : Array.IndexOf(buffer, Jt808Frame.Flag, start + 1, filled - start - 1);
            if (end < 0)
            {
                // Longer than any message and no end: what has come is nothing.
                filled = filled == buffer.Length ? 0 : filled;
                return null;
            }
            var message = Jt808Frame.Decode(buffer.AsSpan(start + 1, end - start - 1));
            // The end of one that was broken may be the beginning of the next.
            var taken = message is null ? end : end + 1;
            buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
            filled -= taken;
            if (message is not null)
                return message;
        }
    }
}
