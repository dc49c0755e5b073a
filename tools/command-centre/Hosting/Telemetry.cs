using System.Diagnostics.Metrics;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EdgeAgent.CommandCentre.Hosting;

/// <summary>Metrics and traces to an OpenTelemetry collector, where there is one. Both hold numbers and durations, nobody's name.</summary>
internal static class Telemetry
{
    private static readonly string[] Meters = [CentreMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>The standard variable; null where it is not set or is no address.</summary>
    public static Uri? OfEnvironment() =>
        Uri.TryCreate(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"), UriKind.Absolute, out var endpoint) ? endpoint : null;

    public static void AddTelemetry(this IServiceCollection services, CentreOptions options)
    {
        services.AddHostedService<CentreGauges>();
        if (options.Otlp is not { } endpoint)
            return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("command-centre"))
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter((exporter, reader) =>
            {
                To(exporter, endpoint);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 5000;
            }))
            .WithTracing(traces => traces.AddSource(CentreMeter.Name, "Microsoft.AspNetCore").SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(0.1)))
                .AddOtlpExporter(exporter => To(exporter, endpoint)));
    }

    private static void To(OtlpExporterOptions exporter, Uri endpoint) => (exporter.Endpoint, exporter.Protocol) = (endpoint, OtlpExportProtocol.Grpc);
}

/// <summary>What stands at the moment when somebody asks.</summary>
internal sealed class CentreGauges : IHostedService, IDisposable
{
    private readonly Meter meter;

    public CentreGauges(IMeterFactory meters, SessionRegistry sessions, LiveLeases leases, ConsoleFeed feed)
    {
        meter = meters.Create(CentreMeter.Name);
        _ = meter.CreateObservableGauge("centre.sessions", () => sessions.All.Count(), "{car}", "Cars on the line.");
        _ = meter.CreateObservableGauge("centre.live_views", () => leases.Count, "{view}", "Live views that run.");
        _ = meter.CreateObservableGauge("centre.consoles", () => feed.Consoles, "{console}", "Consoles that listen.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => meter.Dispose();
}
