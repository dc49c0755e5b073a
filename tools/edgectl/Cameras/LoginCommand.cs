using System.CommandLine;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Edgectl.Box;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Edgectl.Cameras;

/// <summary>`edgectl cameras login` and `logout`: cameras' passwords, sealed by the unit's key instead of written into the options file.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var (config, camera, json) = (ConfigCommand.File(), Camera(), Cli.AsJson());
        var user = new Option<string>("--user") { Description = "ONVIF and RTSP user of the camera.", Required = true };
        var command = new Command(
            "login",
            """
            Seals a camera's user and password with the unit's key in its data folder. They are used wherever the options file names none
            for that camera (its addresses without user, no PtzUser), from the agent's next start on, and are destroyed when the box is
            wiped. The password is read from standard input, one line.

            Example: edgectl cameras login --camera cam1 --camera cam2 --user patrol
            JSON: {"cameras": ids that have a sealed login now, "named": ids of those whose addresses in the options file have a user of their own}.
            Exit codes: 0 sealed, 1 not (codes unknown_camera, no_password, bad_configuration, no_identity, no_vault), 2 wrong command line.
            """)
        { config, camera, user, json };
        command.Does(json, async (parsed, stop) =>
        {
            if (!Console.IsInputRedirected)
                await Console.Error.WriteAsync("Password: ");
            string password = await Console.In.ReadLineAsync(stop) ?? "";
            return password.Length == 0
                ? throw new CommandException("no_password", "No password came from standard input. Nothing was changed.")
                : await ChangeAsync(parsed, config, camera, json, new CameraLogin(parsed.GetRequiredValue(user), password), stop);
        });
        return command;
    }

    public static Command CreateLogout()
    {
        var (config, camera, json) = (ConfigCommand.File(), Camera(), Cli.AsJson());
        var command = new Command(
            "logout",
            """
            Forgets a camera's sealed user and password.

            Example: edgectl cameras logout --camera cam1
            JSON: {"cameras": ids that still have a sealed login, "named": as of login}.
            Exit codes: 0 forgotten, 1 not (codes as of login), 2 wrong command line.
            """)
        { config, camera, json };
        command.Does(json, (parsed, stop) => ChangeAsync(parsed, config, camera, json, null, stop));
        return command;
    }

    private static Option<string[]> Camera() => new("--camera") { Description = "A camera's Id in the options file; more than one may be given.", Required = true };

    private static async Task<int> ChangeAsync(ParseResult parsed, Option<string> config, Option<string[]> camera, Option<bool> json, CameraLogin? login, CancellationToken stop)
    {
        var (options, problems) = CarOptions.Read(parsed.GetValue(config)!);
        if (options is null)
            throw new CommandException("bad_configuration", string.Join(' ', problems));
        Owner.Become(options.DataDirectory);
        string[] ids = parsed.GetRequiredValue(camera);
        if (ids.FirstOrDefault(id => options.Cameras.All(c => c.Id != id)) is { } unknown)
            throw new CommandException("unknown_camera", $"The options file has no camera '{unknown}'; it has {string.Join(", ", options.Cameras.Select(c => c.Id))}. Nothing was changed.");
        IReadOnlyCollection<string> known;
        using (UnitIdentity unit = UnitIdentity.Load(options.IdentityDirectory))
        using (UnitVault vault = Open(options, unit))
        {
            var logins = CameraLogins.Open(options.DataDirectory, vault, NullLogger.Instance);
            logins.Set(ids, login);
            known = logins.Cameras;
        }
        var named = options.Cameras.Where(c => ids.Contains(c.Id) && (c.PtzUser.Length > 0 || Uri.TryCreate(c.Main, UriKind.Absolute, out var main) && main.UserInfo.Length > 0)).Select(c => c.Id).ToList();
        if (parsed.GetValue(json))
            Cli.Print(new { cameras = known.Order(), named });
        else
            Tell(known, login is null ? [] : named);
        return Cli.Done;
    }

    private static void Tell(IReadOnlyCollection<string> known, List<string> named)
    {
        Console.Out.WriteLine(known.Count == 0 ? "No camera has a sealed login." : $"Sealed logins: {string.Join(", ", known.Order())}. In force once the agent is started again: systemctl restart edge-agent.");
        if (named.Count > 0)
            Console.Out.WriteLine($"The options file names a user of its own for {string.Join(", ", named)}, which goes first: take user and password out of it.");
    }

    private static UnitVault Open(CarOptions options, UnitIdentity unit)
    {
        try
        {
            return UnitVault.Open(options.DataDirectory, NullLogger.Instance, unit.Tpm);
        }
        catch (InvalidOperationException e)
        {
            throw new CommandException("no_vault", e.Message, e);
        }
    }
}
