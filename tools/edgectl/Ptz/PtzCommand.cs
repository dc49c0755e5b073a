using System.CommandLine;
using EdgeAgent.Hw.Onvif;
using EdgeAgent.Hw.Ptz;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace EdgeAgent.Edgectl.Ptz;

/// <summary>`edgectl ptz`: the roof camera by hand, and whether it really turns.</summary>
internal static class PtzCommand
{
    /// <summary>How far a check turns the head, and how near to that it must come.</summary>
    private const double CheckStep = 0.1, CheckTolerance = 0.02;

    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(20);

    private static readonly Option<string> Address = new("--address") { Description = "The camera's device service, e.g. http://192.0.2.7/onvif/device_service (edgectl cameras probe names it).", Required = true };
    private static readonly Option<string> User = new("--user") { Description = "Its ONVIF user.", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Password = new("--password-stdin") { Description = "Read its password from standard input, one line." };

    public static Command Create() => new(
        "ptz",
        """
        Moves a roof camera and says where it looks. Pan and tilt are −1 to 1, zoom is 0 to 1, as ONVIF's generic spaces have them.

        Examples:
          edgectl ptz status --address http://192.0.2.7/onvif/device_service --user admin --password-stdin
          edgectl ptz goto --pan 0.5 --tilt 0 --zoom 0 --address … --user admin --password-stdin
          edgectl ptz check --address … --user admin --password-stdin
        JSON: status, goto: pan, tilt, zoom, moving; presets: presets: [{token, name}]; check: turned, pan: [before, away, back], seconds, sentence.
        Exit codes: 0 done, 1 the camera refused, did not answer or did not turn, 2 wrong command line.
        """)
    { CreateStatus(), CreateGoTo(), CreatePresets(), CreateCheck() };

    private static Command CreateStatus() => Over(new Command("status", "Where it looks. Example: edgectl ptz status --address …"), (client, _, json, stop) => TellAsync(client, json, stop));

    private static Command CreateGoTo()
    {
        Option<double> pan = new("--pan") { Description = "−1 to 1.", Required = true }, tilt = new("--tilt") { Description = "−1 to 1.", Required = true };
        var zoom = new Option<double>("--zoom") { Description = "0 to 1." };
        return Over(new Command("goto", "Turns there and waits. Example: edgectl ptz goto --pan 0 --tilt 0 --address …") { pan, tilt, zoom }, async (client, parsed, json, stop) =>
        {
            var place = new PtzVector(
                Cli.Within(parsed.GetValue(pan), -1, 1, "--pan"), Cli.Within(parsed.GetValue(tilt), -1, 1, "--tilt"), Cli.Within(parsed.GetValue(zoom), 0, 1, "--zoom"));
            _ = await GoAsync(client, place, stop);
            return await TellAsync(client, json, stop);
        });
    }

    private static Command CreatePresets() => Over(new Command("presets", "The stored places. Example: edgectl ptz presets --address …"), async (client, _, json, stop) =>
    {
        var presets = await client.PresetsAsync(stop);
        if (json)
            Cli.Print(new { presets });
        else
            foreach (var preset in presets)
                AnsiConsole.WriteLine($"{preset.Token}  {preset.Name}");
        return Cli.Done;
    });

    private static Command CreateCheck() => Over(new Command("check", "Turns it a little and back, and says whether it did. Example: edgectl ptz check --address …"), async (client, _, json, stop) =>
    {
        long began = TimeProvider.System.GetTimestamp();
        var before = (await client.StatusAsync(stop)).Position;
        double step = before.Pan > 0 ? -CheckStep : CheckStep;
        var away = await GoAsync(client, before with { Pan = before.Pan + step }, stop);
        var back = await GoAsync(client, before, stop);
        bool turned = Math.Abs(away.Pan - before.Pan - step) <= CheckTolerance && Math.Abs(back.Pan - before.Pan) <= CheckTolerance;
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        string sentence = turned ? "It turned, and came back." : "It says that it stands elsewhere than it was sent: is something in its way, or its motor worn?";
        if (json)
            Cli.Print(new { turned, pan = new[] { before.Pan, away.Pan, back.Pan }, seconds, sentence });
        else
            AnsiConsole.MarkupLine($"{(turned ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(sentence)} {seconds:0.0} s");
        return turned ? Cli.Done : Cli.Failed;
    });

    private static Command Over(Command command, Func<PtzClient, ParseResult, bool, CancellationToken, Task<int>> work)
    {
        var json = Cli.AsJson();
        foreach (Option option in (Option[])[Address, User, Password, json])
            command.Options.Add(option);
        command.Does(json, async (parsed, stop) =>
        {
            string address = parsed.GetValue(Address)!;
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new IOException($"--address {address}: not an address such as http://192.0.2.7/onvif/device_service.");
            string password = parsed.GetValue(Password) ? await Console.In.ReadLineAsync(stop) ?? "" : "";
            await using var client = new PtzClient(new PtzOptions(new OnvifAccess(uri, parsed.GetValue(User)!, password)), TimeProvider.System, NullLogger<PtzClient>.Instance);
            try
            {
                return await work(client, parsed, parsed.GetValue(json), stop);
            }
            catch (OnvifException e)
            {
                throw new IOException($"{e.Message}.", e);
            }
        });
        return command;
    }

    private static async Task<int> TellAsync(PtzClient client, bool json, CancellationToken stop)
    {
        var status = await client.StatusAsync(stop);
        if (json)
            Cli.Print(new { status.Position.Pan, status.Position.Tilt, status.Position.Zoom, status.Moving });
        else
            AnsiConsole.WriteLine($"pan {status.Position.Pan:0.000}, tilt {status.Position.Tilt:0.000}, zoom {status.Position.Zoom:0.000}{(status.Moving ? ", moving" : "")}");
        return Cli.Done;
    }

    /// <summary>Where it stands then.</summary>
    private static async Task<PtzVector> GoAsync(PtzClient client, PtzVector place, CancellationToken stop)
    {
        var status = await client.GoAndStandAsync(place, LongestTurn, stop);
        return status.Moving ? throw new IOException($"The camera still moves after {LongestTurn.TotalSeconds:0} s.") : status.Position;
    }
}
