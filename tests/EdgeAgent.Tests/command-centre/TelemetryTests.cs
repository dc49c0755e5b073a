using System.Collections.Concurrent;
using System.Text;
using EdgeAgent.CommandCentre.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAgent.Tests.CommandCentre;

public sealed class TelemetryTests
{
    /// <summary>A collector that keeps the bytes: names and labels of OTLP stand in them as they are.</summary>
    [Fact]
    public async Task Metrics_and_traces_reach_a_collector_and_name_nobody()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await CollectorAsync(received);
        await using var centre = CentreUnderTest.Make();
        await using var server = await CentreServer.StartAsync(
            new CentreOptions
            {
                DataDirectory = centre.Data,
                Grpc = new(System.Net.IPAddress.Loopback, 0),
                Http = new(System.Net.IPAddress.Loopback, 0),
                WebRoot = centre.Data,
                Otlp = new Uri(collector.Urls.First()),
            },
            TimeProvider.System);
        using var car = await RawCar.EnrolAsync(server.Grpc, centre.EnrolmentCode("PB-SECRET"));
        using var session = await car.ConnectAsync();
        // One in ten is told of: none of 200 comes once in a thousand million.
        for (var number = 1ul; number <= 200; number++)
            _ = await session.StoreAsync(car.Decided(number));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!All("centre.events", "centre.commit.duration", "centre.sessions", "events.store", "command-centre"))
            await Task.Delay(100, patience.Token);
        var told = string.Concat(received.Select(one => one.Body));
        Assert.DoesNotContain("PB-SECRET", told, StringComparison.Ordinal);
        Assert.DoesNotContain("010001", told, StringComparison.Ordinal);
        Assert.Equal(
            ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
            received.Select(one => one.Path).Distinct().Order());

        bool All(params string[] words) => words.All(word => received.Any(one => one.Body.Contains(word, StringComparison.Ordinal)));
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentQueue<(string Path, string Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/grpc";
            context.Response.AppendTrailer("grpc-status", "0");
            await context.Response.Body.WriteAsync(new byte[5]);
        });
        await app.StartAsync();
        return app;
    }
}
