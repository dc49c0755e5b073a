using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>
/// RabbitMQ between the gateways of a city: wake-ups, positions, live pictures. It makes things quick and keeps nothing: what
/// counts is in the database, which every gateway looks at by itself. So what waits while the broker is away is left out.
/// </summary>
internal sealed class Broker(DataFolder folder, CentreOptions options, Gateway gateway, ChangeWatcher watcher, TimeProvider time, ILogger<Broker> log)
    : BackgroundService
{
    private const int MostWaiting = 2048;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1), WakeAtMostEvery = TimeSpan.FromMilliseconds(20);
    private readonly Channel<Func<IChannel, CancellationToken, ValueTask>> work = Channel.CreateBounded<Func<IChannel, CancellationToken, ValueTask>>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool connected;
    private bool lost;

    public bool IsConnected => connected;

    /// <summary>A position or count of another gateway's car: its type, the unit where it is of one, the bytes.</summary>
    public event Action<string, string, ReadOnlyMemory<byte>>? PositionsCame;

    /// <summary>A piece of video that somebody here watches: what of, and the bytes.</summary>
    public event Action<string, ReadOnlyMemory<byte>>? VideoCame;

    /// <summary>Raised on every connection: bindings are to be made again.</summary>
    public event Action? Connected;

    /// <summary>There is something new in the table of changes. Many at once are one.</summary>
    public void WakeOthers() => wakes.Writer.TryWrite(true);

    public void PublishPositions(string type, string unitId, ReadOnlyMemory<byte> body) =>
        Publish("", BrokerTopology.Positions, new BasicProperties { AppId = gateway.Id, Type = type, CorrelationId = unitId }, body);

    public void PublishVideo(string key, ReadOnlyMemory<byte> body) =>
        Publish(BrokerTopology.Video, key, new BasicProperties { AppId = gateway.Id }, body);

    public void BindVideo(string key, bool wanted) => Do(async (channel, stop) =>
    {
        var queue = BrokerTopology.VideoQueue(gateway.Id);
        if (wanted)
            await channel.QueueBindAsync(queue, BrokerTopology.Video, key, cancellationToken: stop);
        else
            await channel.QueueUnbindAsync(queue, BrokerTopology.Video, key, cancellationToken: stop);
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!gateway.IsShared || BrokerChoice.Uri(folder, options.RabbitMqFile) is not { } uri)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SessionAsync(uri, stoppingToken);
            }
            catch (Exception e) when (e is RabbitMQClientException or IOException or SocketException or ObjectDisposedException or OperationCanceledException or TimeoutException)
            {
                if (!lost && !stoppingToken.IsCancellationRequested)
                    GatewayLog.BrokerLost(log, e.GetType().Name);
                lost = true;
            }
            connected = false;
            await Task.Delay(TryAgain, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SessionAsync(Uri uri, CancellationToken stop)
    {
        var factory = new ConnectionFactory
        {
            Uri = uri,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(10),
            ClientProvidedName = $"gateway {gateway.Id}",
        };
        await using var connection = await factory.CreateConnectionAsync(stop);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        connection.ConnectionShutdownAsync += (_, _) => over.CancelAsync();
        await using var listening = await connection.CreateChannelAsync(cancellationToken: stop);
        await using var telling = await connection.CreateChannelAsync(cancellationToken: stop);
        listening.ChannelShutdownAsync += (_, _) => over.CancelAsync();
        telling.ChannelShutdownAsync += (_, _) => over.CancelAsync();
        await BrokerTopology.DeclareAsync(listening, gateway.Id, over.Token);
        await ListenAsync(listening, over.Token);
        // What was meant for the time before is old by now.
        while (work.Reader.TryRead(out _))
        {
        }
        connected = true;
        lost = false;
        GatewayLog.BrokerConnected(log);
        Connected?.Invoke();
        watcher.LookNow();
        var waking = WakeAsync(over.Token);
        try
        {
            await foreach (var task in work.Reader.ReadAllAsync(over.Token))
                await task(telling, over.Token);
        }
        finally
        {
            connected = false;
            await over.CancelAsync();
            await waking;
        }
    }

    private async Task ListenAsync(IChannel channel, CancellationToken stop)
    {
        // A stream is read under a bounded window, and each message is said to be read.
        await channel.BasicQosAsync(0, 200, false, stop);
        await ConsumeAsync(channel, BrokerTopology.WakeQueue(gateway.Id), null, _ => watcher.LookNow(), stop);
        await ConsumeAsync(channel, BrokerTopology.VideoQueue(gateway.Id), null, message => VideoCame?.Invoke(message.RoutingKey, message.Body), stop);
        await ConsumeAsync(
            channel, BrokerTopology.Positions, new Dictionary<string, object?> { ["x-stream-offset"] = "next" },
            message => PositionsCame?.Invoke(message.BasicProperties.Type ?? "", message.BasicProperties.CorrelationId ?? "", message.Body), stop);
    }

    private async Task ConsumeAsync(IChannel channel, string queue, IDictionary<string, object?>? arguments, Action<BasicDeliverEventArgs> take, CancellationToken stop)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            try
            {
                if (message.BasicProperties.AppId != gateway.Id)
                    take(message);
            }
            catch (Exception e) when (e is Google.Protobuf.InvalidProtocolBufferException or Grpc.Core.RpcException or ArgumentException)
            {
                GatewayLog.BadMessage(log, e.GetType().Name);
            }
            finally
            {
                await channel.BasicAckAsync(message.DeliveryTag, false, stop);
            }
        };
        _ = await channel.BasicConsumeAsync(queue, false, "", false, false, arguments, consumer, stop);
    }

    private async Task WakeAsync(CancellationToken over)
    {
        try
        {
            while (await wakes.Reader.ReadAsync(over))
            {
                Publish(BrokerTopology.Wake, "", new BasicProperties { AppId = gateway.Id }, default);
                await Task.Delay(WakeAtMostEvery, time, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    private void Publish(string exchange, string key, BasicProperties properties, ReadOnlyMemory<byte> body) =>
        Do((channel, stop) => channel.BasicPublishAsync(exchange, key, false, properties, body, stop));

    private void Do(Func<IChannel, CancellationToken, ValueTask> task)
    {
        if (connected)
            _ = work.Writer.TryWrite(task);
    }
}
