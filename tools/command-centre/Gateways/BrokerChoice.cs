using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>Where RabbitMQ is: a URI with a password in it, so from a file or the environment, never from arguments.</summary>
internal static class BrokerChoice
{
    public const string Variable = "RabbitMq";
    private const string FileName = "rabbitmq";

    /// <param name="file">What `--rabbitmq` named; it goes before the environment, and that before the file with the keys.</param>
    /// <exception cref="CentreException">Not an amqp or amqps URI.</exception>
    public static Uri? Uri(DataFolder folder, string? file)
    {
        var kept = folder.KeyFile(FileName);
        var told = file is not null ? Read(file) : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? text : File.Exists(kept) ? Read(kept) : null;
        if (told is null)
            return null;
        return System.Uri.TryCreate(told.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? uri
            : throw new CentreException("The RabbitMQ URI cannot be read: one line such as amqps://centre:…@mq.example/centre.");
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CentreException($"{file} cannot be read ({e.GetType().Name}): it should hold a RabbitMQ URI.", e);
        }
    }
}
