using RabbitMQ.Client;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>What the gateways make of RabbitMQ. Everything is bounded, and goes by itself some time after its gateway.</summary>
internal static class BrokerTopology
{
    /// <summary>To every gateway's queue: look into the database.</summary>
    public const string Wake = "centre.wake";

    /// <summary>A stream that all gateways read: positions and counts, of no interest after a minute.</summary>
    public const string Positions = "centre.positions";

    /// <summary>Live pictures by unit, camera and quality, to the gateways where somebody watches.</summary>
    public const string Video = "centre.video";

    private const int MostWakes = 100, MostStreamBytes = 64 << 20, SegmentBytes = 8 << 20, MostVideoBytes = 32 << 20, GoneAfterMs = 600_000;

    public static string WakeQueue(string gatewayId) => $"centre.wake.{gatewayId}";

    public static string VideoQueue(string gatewayId) => $"centre.video.{gatewayId}";

    public static async Task DeclareAsync(IChannel channel, string gatewayId, CancellationToken stop)
    {
        await channel.ExchangeDeclareAsync(Wake, ExchangeType.Fanout, durable: true, cancellationToken: stop);
        await channel.ExchangeDeclareAsync(Video, ExchangeType.Direct, durable: true, cancellationToken: stop);
        _ = await channel.QueueDeclareAsync(
            WakeQueue(gatewayId), durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = GoneAfterMs, ["x-max-length"] = MostWakes, ["x-overflow"] = "drop-head" },
            cancellationToken: stop);
        await channel.QueueBindAsync(WakeQueue(gatewayId), Wake, "", cancellationToken: stop);
        _ = await channel.QueueDeclareAsync(
            VideoQueue(gatewayId), durable: false, exclusive: true, autoDelete: true,
            new Dictionary<string, object?> { ["x-max-length-bytes"] = MostVideoBytes, ["x-overflow"] = "drop-head" }, cancellationToken: stop);
        _ = await channel.QueueDeclareAsync(
            Positions, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>
            {
                ["x-queue-type"] = "stream",
                ["x-max-age"] = "1m",
                ["x-max-length-bytes"] = MostStreamBytes,
                ["x-stream-max-segment-size-bytes"] = SegmentBytes,
            },
            cancellationToken: stop);
    }
}
