using System.CommandLine;
using EdgeAgent.CommandCentre.Calls;
using EdgeAgent.CommandCentre.Exports;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.LookUps;

namespace EdgeAgent.CommandCentre.Cli;

internal static class ServeCommand
{
    public static Command Create()
    {
        var data = CliShared.Data();
        var grpc = new Option<string>("--grpc") { Description = "ADDRESS:PORT where cars connect.", DefaultValueFactory = _ => "127.0.0.1:8443" };
        var http = new Option<string>("--http")
        {
            Description = "ADDRESS:PORT of the console. Off loopback it is served over TLS.",
            DefaultValueFactory = _ => "127.0.0.1:8090",
        };
        var host = new Option<string[]>("--host") { Description = "Name or address by which cars and browsers reach this centre. May be repeated." };
        var webRoot = new Option<string?>("--web-root") { Description = "Folder of the built console page." };
        var keep = new Option<bool>("--keep-until-backup") { Description = "Cars keep what they sent until 'backup' has it, so that a lost disk loses nothing. Back up at least daily then." };
        var otlp = new Option<Uri?>("--otlp") { Description = "Where metrics and traces go (OTLP over gRPC), e.g. http://127.0.0.1:4317. Default: OTEL_EXPORTER_OTLP_ENDPOINT, or nowhere." };
        var exports = new Option<string?>("--exports") { Description = "File that says what other platforms are told, and on what ground (JT/T 808, GA/T 1400, GB/T 28181). Default: nothing." };
        var logs = new Option<string>("--log-format") { Description = "text or json, on standard error.", DefaultValueFactory = _ => "text" };
        _ = logs.AcceptOnlyFromAmong("text", "json");
        var postgres = new Option<string?>("--postgres") { Description = "File with a PostgreSQL connection string, in place of the data folder's own." };
        var rabbitMq = new Option<string?>("--rabbitmq") { Description = "File with a RabbitMQ URI, for gateways that share a PostgreSQL database." };
        var city = new Option<string?>("--city-sign-in") { Description = "File (JSON) of the city's own sign-in by OpenID Connect; accounts of this centre stay the way in when it is away." };
        var factor = new Option<bool>("--require-second-factor") { Description = "Supervisors and administrators set up a second factor before anything else." };
        var limits = new LookUpLimits();
        var minute = new Option<int>("--look-ups-per-minute") { Description = "Most look-ups of one officer in a minute.", DefaultValueFactory = _ => limits.OfficerPerMinute };
        var hour = new Option<int>("--look-ups-per-hour") { Description = "Most look-ups of one officer in an hour.", DefaultValueFactory = _ => limits.OfficerPerHour };
        var calls = new CallOptions();
        var escalate = new Option<string>("--escalate-after")
        {
            Description = "Seconds until an unacknowledged call is told to the dispatcher, to supervisors, to the whole city.",
            DefaultValueFactory = _ => string.Join(',', calls.EscalateAfter.Select(after => (int)after.TotalSeconds)),
        };
        var speed = new Option<int>("--arrival-speed") { Description = "km/h by which arrival is estimated, in a straight line.", DefaultValueFactory = _ => calls.ArrivalKmh };
        var command = new Command(
            "serve",
            "Runs the centre until it is told to stop (SIGTERM, Ctrl-C). Prints one JSON line when it is ready. "
            + "Example: command-centre serve --data /var/lib/centre")
        { data, grpc, http, host, webRoot, postgres, rabbitMq, minute, hour, escalate, speed, keep, otlp, logs, exports, city, factor };
        command.Does(async (parsed, stop) =>
        {
            var options = new CentreOptions
            {
                DataDirectory = parsed.GetValue(data)!,
                Grpc = CentreOptions.ParseEndPoint(parsed.GetValue(grpc)!, "--grpc"),
                Http = CentreOptions.ParseEndPoint(parsed.GetValue(http)!, "--http"),
                Hosts = parsed.GetValue(host) ?? [],
                WebRoot = parsed.GetValue(webRoot),
                KeepUntilBackup = parsed.GetValue(keep),
                Otlp = parsed.GetValue(otlp) ?? Telemetry.OfEnvironment(),
                Exports = parsed.GetValue(exports) is { } file ? ExportOptions.Read(file) : new ExportOptions(),
                JsonLog = parsed.GetValue(logs) == "json",
                PostgresFile = parsed.GetValue(postgres),
                RabbitMqFile = parsed.GetValue(rabbitMq),
                CitySignIn = parsed.GetValue(city),
                RequireSecondFactor = parsed.GetValue(factor),
                LookUps = limits with { OfficerPerMinute = parsed.GetValue(minute), OfficerPerHour = parsed.GetValue(hour) },
                Calls = calls with { EscalateAfter = CallOptions.ParseEscalation(parsed.GetValue(escalate)!), ArrivalKmh = parsed.GetValue(speed) },
            };
            await using var server = await CentreServer.StartAsync(options, TimeProvider.System, stop);
            var (cars, console) = (server.Grpc.GetLeftPart(UriPartial.Authority), server.Http.GetLeftPart(UriPartial.Authority));
            CliShared.Print(new { ready = true, grpc = cars, http = console });
            await server.WaitForShutdownAsync(stop);
        });
        return command;
    }
}
