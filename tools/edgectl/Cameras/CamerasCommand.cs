using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using EdgeAgent.Hw.Cameras;
using EdgeAgent.Hw.Onvif;
using Spectre.Console;

namespace EdgeAgent.Edgectl.Cameras;

internal static class CamerasCommand
{
    private const int AtOnce = 3;

    public static Command Create() => new("cameras", "Finds the car's cameras and says what is wrong with them.") { CreateProbe(), LoginCommand.Create(), LoginCommand.CreateLogout() };

    private static Command CreateProbe()
    {
        var json = Cli.AsJson();
        var user = new Option<string>("--user") { Description = "ONVIF and RTSP user of the cameras.", DefaultValueFactory = _ => "" };
        var password = new Option<bool>("--password-stdin") { Description = "Read its password from standard input, one line." };
        var address = new Option<string[]>("--address") { Description = "A camera's device service, e.g. http://192.0.2.7/onvif/device_service, instead of looking for cameras." };
        var from = new Option<string[]>("--from") { Description = "Look through the interface with this address only. Default: all." };
        var wait = new Option<double>("--wait") { Description = "Seconds to wait for cameras to answer.", DefaultValueFactory = _ => 3 };
        var watch = new Option<double>("--watch") { Description = "Seconds to count each stream's pictures.", DefaultValueFactory = _ => 3 };
        var pictures = new Option<string?>("--pictures") { Description = "Put a picture of each camera into this folder." };
        var command = new Command(
            "probe",
            """
            Finds cameras by ONVIF WS-Discovery, asks each for its streams, and watches them: size, codec, pictures a second, black
            pictures, a wrong clock. Changes nothing.

            Example: edgectl cameras probe --user admin --password-stdin --pictures /tmp/cameras
            JSON: cameras: [{id, address, name, manufacturer, model, firmware, moves, clockOffsetSeconds, main, sub, usable, faults: [{code, grave, sentence}]}];
            main and sub: {token, url, encoding, width, height, fps, keyEverySeconds, openMs, brightness}, the last six null where nothing was seen.
            Exit codes: 0 every camera can be used, 1 none was found or one cannot be used, 2 wrong command line.
            """)
        { user, password, address, from, wait, watch, pictures, json };
        command.Does(json, async (parsed, stop) =>
        {
            bool asJson = parsed.GetValue(json);
            var options = new ProbeOptions(parsed.GetValue(user)!, parsed.GetValue(password) ? await Console.In.ReadLineAsync(stop) ?? "" : "", TimeSpan.FromSeconds(Cli.Within(parsed.GetValue(watch), 0.5, 60, "--watch")));
            var found = await FindAsync(parsed.GetValue(address) ?? [], parsed.GetValue(from) ?? [], TimeSpan.FromSeconds(Cli.Within(parsed.GetValue(wait), 0.5, 60, "--wait")), stop);
            var reports = await LookAsync(options, found, stop);
            if (parsed.GetValue(pictures) is { } folder)
                await SaveAsync(reports, folder, stop);
            if (asJson)
                Cli.Print(new { cameras = reports.Select(Shape) });
            else
                Show(reports);
            return reports.Count > 0 && reports.All(r => r.IsUsable) ? Cli.Done : Cli.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<FoundCamera>> FindAsync(string[] addresses, string[] from, TimeSpan wait, CancellationToken stop)
    {
        if (addresses.Length > 0)
            return [.. addresses.Select(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? new FoundCamera(a, uri, "", "")
                : throw new IOException($"--address {a}: not an address such as http://192.0.2.7/onvif/device_service."))];
        IPAddress[] through = [.. from.Select(f => IPAddress.TryParse(f, out var address) ? address : throw new IOException($"--from {f}: not an address of this machine."))];
        await Console.Error.WriteLineAsync($"Looking for cameras, {wait.TotalSeconds:0.#} s …");
        try
        {
            return await WsDiscovery.FindAsync(new DiscoveryOptions(wait) { From = through }, stop);
        }
        catch (SocketException e)
        {
            throw new IOException($"Cameras cannot be looked for through {string.Join(", ", from)}: {e.Message}.", e);
        }
    }

    private static async Task<IReadOnlyList<CameraReport>> LookAsync(ProbeOptions options, IReadOnlyList<FoundCamera> found, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync(found.Count == 0 ? "No camera answered: is the switch powered, and is this box in the cameras' network?" : $"{found.Count} found; looking at each …");
        using var gate = new SemaphoreSlim(AtOnce);
        int done = 0;
        return await Task.WhenAll(found.Select(async camera =>
        {
            await gate.WaitAsync(stop);
            try
            {
                var report = await options.LookAsync(camera, TimeProvider.System, stop);
                await Console.Error.WriteLineAsync($"  {Interlocked.Increment(ref done)} of {found.Count}: {Called(report)}");
                return report;
            }
            finally
            {
                gate.Release();
            }
        }));
    }

    private static string Called(CameraReport report) => report.Found.Name.Length > 0 ? report.Found.Name : report.Found.DeviceService.Authority;

    private static async Task SaveAsync(IReadOnlyList<CameraReport> reports, string folder, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        foreach (var (index, report) in reports.Index())
            if ((report.Main?.Seen ?? report.Sub?.Seen) is { } seen)
                await File.WriteAllBytesAsync(Path.Combine(folder, $"camera-{index + 1}.jpg"), seen.Jpeg, stop);
    }

    private static object Shape(CameraReport report) => new
    {
        report.Found.Id,
        Address = report.Found.DeviceService,
        report.Found.Name,
        report.Told?.Manufacturer,
        report.Told?.Model,
        report.Told?.Firmware,
        Moves = report.Told?.CanMove,
        ClockOffsetSeconds = report.Told?.ClockOffset.TotalSeconds,
        Main = Shape(report.Main),
        Sub = Shape(report.Sub),
        Usable = report.IsUsable,
        Faults = report.Faults.Select(f => new { f.Code, Grave = f.IsGrave, f.Sentence }),
    };

    private static object? Shape(StreamReport? stream) => stream is null ? null : new
    {
        stream.Token,
        stream.Url,
        Encoding = stream.Seen?.Codec,
        stream.Seen?.Width,
        stream.Seen?.Height,
        stream.Seen?.Fps,
        stream.Seen?.KeyEverySeconds,
        stream.Seen?.OpenMs,
        stream.Seen?.Brightness,
    };

    private static void Show(IReadOnlyList<CameraReport> reports)
    {
        var table = new Table().AddColumns("", "camera", "address", "model", "main", "sub", "turns");
        foreach (var report in reports)
            table.AddRow(
                report.IsUsable ? report.Faults.Count == 0 ? "[green]✓[/]" : "[yellow]![/]" : "[red]✗[/]", Markup.Escape(Called(report)), Markup.Escape(report.Found.DeviceService.Authority),
                Markup.Escape($"{report.Told?.Manufacturer} {report.Told?.Model}".Trim()), Words(report.Main?.Seen), Words(report.Sub?.Seen), report.Told is { CanMove: true } ? "yes" : "");
        AnsiConsole.Write(table);
        foreach (var report in reports)
            foreach (var fault in report.Faults)
                AnsiConsole.WriteLine($"{Called(report)}: {fault.Sentence}");
    }

    private static string Words(StreamSeen? seen) => seen is null ? "–" : $"{seen.Codec} {seen.Width}×{seen.Height} {seen.Fps:0.#}/s";
}
