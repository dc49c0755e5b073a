using System.Data.Common;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Backup;
using EdgeAgent.CommandCentre.Gateways;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Instructions;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Grpc.Core;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Sessions;

/// <summary>What a session works with; one for all sessions.</summary>
internal sealed record SessionServices
{
    public required EventIntake Intake { get; init; }
    public required CommitQueue Commits { get; init; }
    public required CentreDatabase Database { get; init; }
    public required Gateway Gateway { get; init; }
    public required CommandTable Commands { get; init; }
    public required Fleet Fleet { get; init; }
    public required LiveLeases Leases { get; init; }
    public required CentreSigner Signer { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }

    /// <summary>Cars are told to forget only what a backup holds.</summary>
    public bool KeepUntilBackup { get; init; }

    public IReadOnlyList<LaneWatermark> Watermarks(string unitId, byte[] incarnation) =>
        Database.Read(c => KeepUntilBackup ? BackupMarks.Watermarks(c, unitId, incarnation) : EventTable.Watermarks(c, unitId, incarnation));
}

/// <summary>
/// One car on the line. It reads, commits and answers in order, with a bounded number of batches on the way to the disk; one
/// task writes. A car that does not read its answers is not read from either.
/// </summary>
internal sealed class UnitSession : IDisposable
{
    public const int WindowEvents = 512;
    private const int MostOutgoing = 256;
    private const int MostBatchesOnTheWay = 8;
    private const int FleetRoom = 32;
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(5);

    private readonly SessionServices services;
    private readonly Channel<CentreMessage> outgoing = Channel.CreateBounded<CentreMessage>(MostOutgoing);
    private readonly Channel<Task<CentreMessage?>> answers = Channel.CreateBounded<Task<CentreMessage?>>(MostBatchesOnTheWay);
    private readonly CancellationTokenSource ending = new();
    private readonly CancellationTokenSource draining = new();
    private readonly SessionUpkeep upkeep;
    private Exception? failure;

    public UnitSession(string unitId, Hello hello, SessionServices services)
    {
        (UnitId, Hello, this.services) = (unitId, hello, services);
        Incarnation = hello.Incarnation.ToByteArray();
        SessionId = Uuid7.New(services.Time);
        upkeep = new SessionUpkeep(this, services);
        // First in the queue before anybody else can know of this session: a car takes nothing before its welcome.
        _ = outgoing.Writer.TryWrite(Welcome());
    }

    public string UnitId { get; }

    public Hello Hello { get; }

    public byte[] Incarnation { get; }

    public byte[] SessionId { get; }

    public async Task RunAsync(IAsyncStreamReader<CarMessage> reader, IServerStreamWriter<CentreMessage> writer, CancellationToken aborted)
    {
        using var abort = aborted.Register(() => ending.Cancel());
        var writing = WriteAsync(writer);
        var answering = AnswerAsync();
        var tending = upkeep.RunAsync(ending.Token);
        try
        {
            await ReadAsync(reader);
        }
        catch (Exception e) when (IsTransportLoss(e))
        {
            if (aborted.IsCancellationRequested)
                SessionLog.Lost(services.Log, UnitId);
        }
        finally
        {
            // What is on its way to the disk gets there, and its ack is tried; then the line is closed. A car that has
            // stopped reading is not waited for.
            draining.CancelAfter(DrainWithin);
            _ = answers.Writer.TryComplete();
            await answering;
            _ = outgoing.Writer.TryComplete();
            await ending.CancelAsync();
            await tending;
            await writing;
        }
        if (failure is not null)
            throw new RpcException(new Status(StatusCode.Unavailable, "The centre cannot store events at present: try again later."));
    }

    /// <summary>Ends the session with a word. What waits in the queue before it is still sent.</summary>
    public void Close(string code, string detail)
    {
        _ = outgoing.Writer.TryWrite(new CentreMessage { Goodbye = new Goodbye { Code = code, Detail = detail } });
        _ = outgoing.Writer.TryComplete();
        try
        {
            ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself a moment ago.
        }
    }

    /// <summary>Sends without waiting; false when the queue is full or closed.</summary>
    public bool TrySend(Command command) => outgoing.Writer.TryWrite(new CentreMessage { Command = command });

    /// <summary>Positions of others are the first thing to leave out when the line is slow.</summary>
    public void OfferFleet(FleetPositions fleet)
    {
        if (outgoing.Reader.Count < FleetRoom)
            _ = outgoing.Writer.TryWrite(new CentreMessage { Fleet = fleet });
    }

    public void CommandsWait() => upkeep.CommandsWait();

    /// <summary>There is more that the car may forget.</summary>
    public void BackedUp() => upkeep.Stored();

    internal ValueTask SendAsync(CentreMessage message) => outgoing.Writer.WriteAsync(message, draining.Token);

    private CentreMessage Welcome()
    {
        var welcome = new Welcome
        {
            Version = 1,
            SessionId = ByteString.CopyFrom(SessionId),
            UnitId = UnitId,
            WindowEvents = WindowEvents,
        };
        welcome.Watermarks.AddRange(services.Watermarks(UnitId, Incarnation));
        return new CentreMessage { Welcome = welcome };
    }

    private async Task ReadAsync(IAsyncStreamReader<CarMessage> reader)
    {
        while (await reader.MoveNext(ending.Token))
        {
            var message = reader.Current;
            switch (message.BodyCase)
            {
                case CarMessage.BodyOneofCase.Events:
                    upkeep.BatchCame();
                    await answers.Writer.WriteAsync(StoreAsync(message.Events), ending.Token);
                    break;
                case CarMessage.BodyOneofCase.Position:
                    _ = services.Fleet.Moved(UnitId, message.Position);
                    break;
                case CarMessage.BodyOneofCase.CommandAck:
                    await answers.Writer.WriteAsync(AnsweredAsync(message.CommandAck), ending.Token);
                    break;
                case CarMessage.BodyOneofCase.TimeRequest when message.TimeRequest.Nonce.Length is >= 8 and <= 64:
                    await SendAsync(SignedTime(message.TimeRequest.Nonce));
                    break;
                case CarMessage.BodyOneofCase.Goodbye:
                    return;
                default:
                    // A later car may say more than we know; what matters travels as events.
                    break;
            }
        }
    }

    private async Task<CentreMessage?> StoreAsync(EventBatch batch)
    {
        var acks = await services.Intake.StoreAsync(UnitId, Incarnation, batch, CancellationToken.None);
        upkeep.Stored();
        return new CentreMessage { Acks = acks };
    }

    private async Task<CentreMessage?> AnsweredAsync(CommandAck ack)
    {
        if (ack.CommandId.Length != Uuid7.Length)
            return null;
        var now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        _ = await services.Commits.CommitAsync(transaction =>
        {
            var kind = CommandTable.Answer(transaction, UnitId, ack, now);
            if (kind == nameof(Command.BodyOneofCase.Instruction))
                ChangeTable.Note(transaction, ChangeKind.Topics, InstructionDesk.Topic, now);
            // The view that it is about may have been begun at another gateway.
            if (services.Gateway.IsShared && kind is nameof(Command.BodyOneofCase.Ptz) or nameof(Command.BodyOneofCase.LiveLease))
                ChangeTable.Note(transaction, ChangeKind.Answers, GatewayEffects.Answer(services.Gateway, UnitId, ack), now);
            return kind;
        });
        services.Leases.Answered(UnitId, ack);
        if (ack.Outcome == CommandOutcome.Refused)
            SessionLog.CommandRefused(services.Log, UnitId, ack.Code.Length <= 64 ? ack.Code : ack.Code[..64]);
        return null;
    }

    private CentreMessage SignedTime(ByteString nonce)
    {
        var time = new SignedTime { Nonce = nonce, UnixMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds(), UnitId = UnitId };
        return new CentreMessage { SignedTime = services.Signer.Sign(Envelopes.TimeType, time) };
    }

    /// <summary>Sends the answers in the order of the questions, each once its commit is on disk.</summary>
    private async Task AnswerAsync()
    {
        await foreach (var answer in answers.Reader.ReadAllAsync())
        {
            try
            {
                if (await answer is { } message)
                    await SendAsync(message);
            }
            catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
            {
                // The line or the centre ends. What was stored will be found as duplicates; the rest was not acked.
                await ending.CancelAsync();
            }
            catch (Exception e) when (e is DbException or InvalidOperationException)
            {
                // Not stored, so not acked: the car keeps it. The session ends, and says why.
                SessionLog.StoreFailed(services.Log, UnitId, e.GetType().Name);
                failure ??= e;
                await ending.CancelAsync();
            }
        }
    }

    private async Task WriteAsync(IServerStreamWriter<CentreMessage> writer)
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync())
                await writer.WriteAsync(message, draining.Token);
        }
        catch (Exception e) when (IsTransportLoss(e))
        {
            await draining.CancelAsync();
            await ending.CancelAsync();
        }
    }

    private static bool IsTransportLoss(Exception e) =>
        e is IOException or OperationCanceledException or ChannelClosedException or InvalidOperationException;

    public void Dispose()
    {
        ending.Dispose();
        draining.Dispose();
    }
}
