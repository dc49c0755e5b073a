using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAgent.Chaos.Link;

/// <summary>The real command centre in a process and a network of its own, which says when each live position came.</summary>
internal static class CentrePart
{
    public const string Name = "link-centre";

    public static Command Create()
    {
        var data = new Option<string>("--data") { Required = true };
        var address = new Option<string>("--address") { Required = true };
        var port = new Option<int>("--port") { Required = true };
        var unit = new Option<string>("--unit") { Required = true };
        var command = new Command(Name, "The centre's end of a link under test.") { data, address, port, unit };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            var end = new CancellationTokenSource();
            using PosixSignalRegistration asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                end.Cancel();
            });
            string host = parsed.GetRequiredValue(address);
            await using CentreServer server = await CentreServer.StartAsync(
                new CentreOptions
                {
                    DataDirectory = parsed.GetRequiredValue(data),
                    Grpc = new IPEndPoint(IPAddress.Parse(host), parsed.GetValue(port)),
                    Http = new IPEndPoint(IPAddress.Loopback, 0),
                    Hosts = [host],
                    WebRoot = parsed.GetRequiredValue(data),
                },
                TimeProvider.System, CancellationToken.None);
            Console.Out.WriteLine("ready");
            await WatchAsync(server.Services.GetRequiredService<Fleet>(), parsed.GetRequiredValue(unit), TimeProvider.System, end.Token);
        });
        return command;
    }

    private static async Task WatchAsync(Fleet fleet, string unit, TimeProvider time, CancellationToken end)
    {
        long before = 0;
        while (!end.IsCancellationRequested)
        {
            if (fleet.Find(unit)?.Position is { } position && position.AtUnixMs != before)
            {
                before = position.AtUnixMs;
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"live {before} {time.GetUtcNow().ToUnixTimeMilliseconds()}"));
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
