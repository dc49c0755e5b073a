using System.Security.Cryptography;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>This server among those that share a database: a new id with each start.</summary>
internal sealed class Gateway(CentreDatabase database)
{
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Whether there may be others.</summary>
    public bool IsShared => database.IsShared;
}

/// <summary>6400-6419.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(6400, LogLevel.Information, "Gateway {Id}: others of this database are seen at {Count}")]
    public static partial void Others(ILogger log, string id, int count);

    [LoggerMessage(6401, LogLevel.Warning, "The other gateways cannot be seen ({Error}); trying again")]
    public static partial void Unseen(ILogger log, string error);

    [LoggerMessage(6402, LogLevel.Information, "RabbitMQ is connected")]
    public static partial void BrokerConnected(ILogger log);

    [LoggerMessage(6403, LogLevel.Warning, "RabbitMQ cannot be reached ({Error}): other gateways' positions age, all else goes by the database; trying again")]
    public static partial void BrokerLost(ILogger log, string error);

    [LoggerMessage(6404, LogLevel.Warning, "A message of another gateway cannot be read and is left out ({Error})")]
    public static partial void BadMessage(ILogger log, string error);
}
