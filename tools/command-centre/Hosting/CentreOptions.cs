using System.Net;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Exports;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>What `serve` is told.</summary>
internal sealed record CentreOptions
{
    public required string DataDirectory { get; init; }

    /// <summary>Where cars connect. Default 127.0.0.1:8443; port 0 takes a free one.</summary>
    public IPEndPoint Grpc { get; init; } = new(IPAddress.Loopback, 8443);

    /// <summary>Where browsers connect. Default 127.0.0.1:8090. Anything but loopback is served over TLS.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8090);

    /// <summary>Names and addresses, besides loopback, that cars and browsers use for this centre.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Folder of the built console page; null: found beside the program or in the repository.</summary>
    public string? WebRoot { get; init; }

    /// <summary>Cars keep what they sent until a backup holds it (default: until it is on this disk). Without regular backups they fill up.</summary>
    public bool KeepUntilBackup { get; init; }

    /// <summary>Where metrics and traces go, OTLP over gRPC, such as http://127.0.0.1:4317; null: nowhere.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>What other platforms are told; nothing by default.</summary>
    public ExportOptions Exports { get; init; } = new();

    /// <summary>Log lines as JSON objects, for a collector.</summary>
    public bool JsonLog { get; init; }

    /// <summary>File with a PostgreSQL connection string; null: the environment, what the data folder keeps, or SQLite.</summary>
    public string? PostgresFile { get; init; }

    /// <summary>File with a RabbitMQ URI, for gateways that share a database; null: the environment, what lies with the keys, or none.</summary>
    public string? RabbitMqFile { get; init; }
    /// <summary>A sign-in at a console ends after this long, whatever happens. Default 8 hours.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromHours(8);

    /// <summary>And after this long without an act of its person. Default 30 minutes.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Supervisors and administrators set up a second factor before anything else. Default false: the bench has no telephones.</summary>
    public bool RequireSecondFactor { get; init; }

    /// <summary>File that says how the city's own sign-in (OpenID Connect) is reached; null: accounts of this centre alone.</summary>
    public string? CitySignIn { get; init; }

    /// <summary>How many look-ups are answered.</summary>
    public LookUpLimits LookUps { get; init; } = new();

    /// <summary>How calls are watched over.</summary>
    public CallOptions Calls { get; init; } = new();

    /// <exception cref="CentreException">Not ADDRESS:PORT.</exception>
    public static IPEndPoint ParseEndPoint(string text, string option) =>
        IPEndPoint.TryParse(text.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase), out var endPoint)
            ? endPoint
            : throw new CentreException($"{option} is '{text}', not ADDRESS:PORT such as 127.0.0.1:8443.");
}
