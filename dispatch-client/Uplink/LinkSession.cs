using System.Threading.Channels;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.DispatchClient.Outbox;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>What every session works with.</summary>
internal sealed record LinkParts(
    LinkOptions Options,
    UnitIdentity Identity,
    OutboxStore Outbox,
    Func<Command, CancellationToken, ValueTask<CommandAck>> OnCommand,
    TimeProvider Time,
    ILogger Logger);

/// <summary>
/// One stream to the centre from Hello to its end. One task reads, one writes, one does the books (acknowledgements, watermarks,
/// resends: disk), one takes commands; none waits for another's answer, so the link is never in lock-step.
/// </summary>
internal sealed class LinkSession
{
    private const int ProtocolVersion = 1;
    private const int BatchEvents = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly LinkParts parts;
    private readonly LinkBoard board;
    private readonly TimeExchange clock;
    private readonly DelayWindow backlog;

    // Bounded: when the disk or the host is slower than the centre, reading stops and flow control tells the centre.
    private readonly Channel<CentreMessage> books = Channel.CreateBounded<CentreMessage>(256);
    private readonly Channel<Command> commands = Channel.CreateBounded<Command>(64);
    private readonly Channel<CarMessage> answers = Channel.CreateBounded<CarMessage>(64);
    private SendWindow window;
    private long timeAskedAt;
    private Goodbye? goodbye;

    /// <param name="parts">What every session works with.</param>
    /// <param name="board">What the link and those around it tell one another.</param>
    /// <param name="backlog">For the connection of this session.</param>
    public LinkSession(LinkParts parts, LinkBoard board, DelayWindow backlog)
    {
        this.backlog = backlog;
        this.parts = parts;
        this.board = board;
        clock = new TimeExchange(parts.Identity.UnitId, parts.Identity.CentreSigners, parts.Time);
        window = new SendWindow(parts.Options.WindowEvents, backlog, parts.Time);
    }

    /// <summary>Runs until the stream ends. Throws what ended it, or returns the centre's goodbye.</summary>
    /// <param name="client">Over a fresh connection.</param>
    /// <param name="hello">Who we are and what we hold.</param>
    /// <param name="welcomed">Called before anybody hears that the link is up: from then on others call over the connection.</param>
    /// <param name="whileUp">Runs beside the session from the welcome on.</param>
    /// <param name="stop">Ends the session with a goodbye.</param>
    public async Task<SessionEnd> RunAsync(Link.LinkClient client, Hello hello, Action welcomed, Func<CancellationToken, Task> whileUp, CancellationToken stop)
    {
        using var ended = new CancellationTokenSource();
        using var call = client.Session(cancellationToken: ended.Token);
        try
        {
            var welcome = await GreetAsync(call, hello, stop);
            var size = Smaller(parts.Options.WindowEvents, welcome.WindowEvents);
            window = new SendWindow(size, backlog, parts.Time);
            welcomed();
            board.Up();
            LinkLog.Up(parts.Logger, parts.Options.Centre, Convert.ToHexStringLower(welcome.SessionId.Span), size);
            await books.Writer.WriteAsync(new CentreMessage { Watermarks = new Watermarks { Lanes = { welcome.Watermarks } } }, stop);

            using var ticking = parts.Time.CreateTimer(_ => board.Wake.Set(), null, Tick, Tick);
            var reading = ReadAsync(call.ResponseStream, ended.Token);
            Task[] rest = [WriteAsync(call.RequestStream, stop, ended.Token), KeepBooksAsync(ended.Token), TakeCommandsAsync(ended.Token), whileUp(ended.Token)];
            var first = await Task.WhenAny([reading, .. rest]);
            if (stop.IsCancellationRequested && first != reading)
                await Task.WhenAny(reading, Task.Delay(FarewellTime, parts.Time, CancellationToken.None));
            // The reader knows why: a status of the centre explains every other task's failure.
            var why = reading.IsCompleted || first.IsFaulted && await SettledAsync(reading) ? reading : first;
            await ended.CancelAsync();
            await Task.WhenAll([reading, .. rest]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await why;
            return Farewell();
        }
        finally
        {
            await ended.CancelAsync();
            parts.Outbox.ReleaseLeases();
        }
    }

    private SessionEnd Farewell() => goodbye is null
        ? new SessionEnd(false, "The session ended.")
        : new SessionEnd(false, $"The centre said goodbye: {goodbye.Code} {goodbye.Detail}".TrimEnd(), TimeSpan.FromMilliseconds(goodbye.RetryAfterMs));

    // A broken write and the status that caused it arrive as two failures, the status moments later.
    private async Task<bool> SettledAsync(Task reading)
    {
        await Task.WhenAny(reading, Task.Delay(FarewellTime, parts.Time, CancellationToken.None));
        return reading.IsCompleted;
    }

    private async Task<Welcome> GreetAsync(AsyncDuplexStreamingCall<CarMessage, CentreMessage> call, Hello hello, CancellationToken stop)
    {
        hello.VersionMin = ProtocolVersion;
        hello.VersionMax = ProtocolVersion;
        hello.Incarnation = Google.Protobuf.ByteString.CopyFrom(parts.Outbox.Incarnation);
        hello.Lanes.Clear();
        hello.Lanes.AddRange(parts.Outbox.Lanes());
        using var late = new CancellationTokenSource(parts.Options.ConnectTimeout, parts.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            await call.RequestStream.WriteUntilAsync(new CarMessage { Hello = hello }, waiting.Token);
            if (!await call.ResponseStream.MoveNext(waiting.Token))
                throw new IOException("the centre closed the session instead of a welcome");
        }
        catch (Exception e) when (late.IsCancellationRequested && !stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new IOException($"no welcome within {parts.Options.ConnectTimeout.TotalSeconds:0.#} s", e);
        }
        var first = call.ResponseStream.Current;
        if (first.BodyCase == CentreMessage.BodyOneofCase.Goodbye)
            throw new IOException($"the centre said goodbye: {first.Goodbye.Code} {first.Goodbye.Detail}");
        if (first.BodyCase != CentreMessage.BodyOneofCase.Welcome)
            throw new IOException($"the centre began with {first.BodyCase} instead of a welcome");
        return first.Welcome.Version == ProtocolVersion && first.Welcome.UnitId == parts.Identity.UnitId
            ? first.Welcome
            : throw new RpcException(new Status(
                StatusCode.FailedPrecondition,
                $"it welcomed unit '{first.Welcome.UnitId}' in version {first.Welcome.Version}; this is '{parts.Identity.UnitId}' in version {ProtocolVersion}"));
    }

    private async Task ReadAsync(IAsyncStreamReader<CentreMessage> stream, CancellationToken ended)
    {
        while (goodbye is null && await stream.MoveNext(ended))
        {
            var message = stream.Current;
            switch (message.BodyCase)
            {
                case CentreMessage.BodyOneofCase.Acks:
                case CentreMessage.BodyOneofCase.Watermarks:
                case CentreMessage.BodyOneofCase.Resend:
                    await books.Writer.WriteAsync(message, ended);
                    break;
                case CentreMessage.BodyOneofCase.Command:
                    await commands.Writer.WriteAsync(message.Command, ended);
                    break;
                case CentreMessage.BodyOneofCase.SignedTime:
                    TakeTime(message.SignedTime);
                    break;
                case CentreMessage.BodyOneofCase.Pace:
                    window.Set(Smaller(parts.Options.WindowEvents, message.Pace.WindowEvents), TimeSpan.FromMilliseconds(message.Pace.PauseMs));
                    break;
                case CentreMessage.BodyOneofCase.Fleet:
                    board.Received(message.Fleet);
                    break;
                case CentreMessage.BodyOneofCase.Goodbye:
                    goodbye = message.Goodbye;
                    break;
            }
        }
    }

    private void TakeTime(SignedEnvelope answer)
    {
        if (clock.Take(answer, out var why) is { } verified)
            board.Verified(verified);
        else
            LinkLog.TimeNotBelieved(parts.Logger, why);
    }

    private async Task KeepBooksAsync(CancellationToken ended)
    {
        var acks = new List<EventAck>();
        await foreach (var message in books.Reader.ReadAllAsync(ended))
        {
            if (message.BodyCase == CentreMessage.BodyOneofCase.Acks)
            {
                // All that has come meanwhile is one transaction, one sync.
                acks.AddRange(message.Acks.Acks);
                if (books.Reader.TryPeek(out var following) && following.BodyCase == CentreMessage.BodyOneofCase.Acks)
                    continue;
                Acknowledge(acks);
                acks.Clear();
            }
            else if (message.BodyCase == CentreMessage.BodyOneofCase.Watermarks)
            {
                foreach (var lane in message.Watermarks.Lanes.Where(lane => lane.Incarnation.Span.SequenceEqual(parts.Outbox.Incarnation)))
                    parts.Outbox.Forget(lane.Lane, lane.Number);
            }
            else if (message.Resend.Incarnation.Span.SequenceEqual(parts.Outbox.Incarnation))
            {
                var (lane, from, to) = (message.Resend.Lane, message.Resend.FromNumber, message.Resend.ToNumber);
                LinkLog.Resend(parts.Logger, lane.ToString(), from, to, parts.Outbox.Requeue(lane, from, to));
                board.Wake.Set();
            }
        }
    }

    private void Acknowledge(List<EventAck> acks)
    {
        parts.Outbox.Acknowledge(acks);
        window.Answered(acks);
        foreach (var refused in acks.Where(ack => ack.Status == AckStatus.Refused && ack.EventId.Length == Uuid7.Length))
            LinkLog.EventRefused(parts.Logger, Uuid7.ToGuid(refused.EventId.Span), refused.Code, refused.Detail);
        board.Wake.Set();
        board.EvidenceWake.Set();
    }

    private async Task TakeCommandsAsync(CancellationToken ended)
    {
        await foreach (var command in commands.Reader.ReadAllAsync(ended))
        {
            CommandAck ack;
            try
            {
                ack = await parts.OnCommand(command, ended);
            }
            catch (Exception e) when (!ended.IsCancellationRequested)
            {
                // Not acknowledged, so not lost: but one command that cannot be stored must not cost the link.
                LinkLog.CommandFailed(parts.Logger, e, command.Id.Length == Uuid7.Length ? Uuid7.ToGuid(command.Id.Span) : Guid.Empty);
                continue;
            }
            ack.CommandId = command.Id;
            await answers.Writer.WriteAsync(new CarMessage { CommandAck = ack }, ended);
            board.Wake.Set();
        }
    }

    private async Task WriteAsync(IClientStreamWriter<CarMessage> stream, CancellationToken stop, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, ended);
        while (!stop.IsCancellationRequested)
        {
            if (NextMessage() is { } message)
            {
                await stream.WriteUntilAsync(message, ended);
                continue;
            }
            if (window.Oldest() > parts.Options.AckTimeout)
                throw new IOException($"no acknowledgement within {parts.Options.AckTimeout.TotalSeconds:0} s");
            try
            {
                await board.Wake.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
        }
        await stream.WriteUntilAsync(new CarMessage { Goodbye = new Goodbye { Code = "stopping" } }, ended);
        await stream.CompleteAsync();
    }

    // Looked at afresh for every message, so that nothing urgent ever waits behind more than one small batch.
    private CarMessage? NextMessage()
    {
        if (answers.Reader.TryRead(out var answer))
            return answer;
        if (parts.Outbox.Lease(Math.Min(BatchEvents, window.UrgentRoom()), SendWindow.UrgentBytes, Priority.Urgent) is { Count: > 0 } urgent)
            return Batch(urgent);
        if (board.TakeLive() is { } live)
            return new CarMessage { Position = live };
        if (timeAskedAt == 0 || parts.Time.GetElapsedTime(timeAskedAt) > parts.Options.TimeEvery)
        {
            timeAskedAt = parts.Time.GetTimestamp();
            return new CarMessage { TimeRequest = clock.Ask() };
        }
        var (events, bytes) = window.BacklogRoom();
        return parts.Outbox.Lease(Math.Min(BatchEvents, events), bytes) is { Count: > 0 } backlog ? Batch(backlog) : null;
    }

    private CarMessage Batch(IReadOnlyList<Event> events)
    {
        window.Sent(events);
        return new CarMessage { Events = new EventBatch { Events = { events } } };
    }

    private static int Smaller(int own, uint asked) => asked == 0 ? own : (int)Math.Min((uint)own, asked);
}
