using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Chaos.Login;
using EdgeAgent.Rig.Rtsp;
using Microsoft.AspNetCore.Builder;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>`chaos sitter`: somebody before the cab camera, for the car's real eyes.</summary>
internal static class SitterCommand
{
    public static Command Create()
    {
        var picture = new Option<string>("--picture") { Description = "A picture of one person who looks ahead.", Required = true };
        var port = new Option<int>("--port") { Description = "Of the control on loopback. 0: any free one." };
        var seed = new Option<int>("--seed") { Description = "Habits of the person, light and lens.", DefaultValueFactory = _ => 1 };
        var enrol = new Option<string?>("--enrol-pictures") { Description = "Write four pictures of this person for their enrolment into this folder, and end." };
        var command = new Command(
            "sitter", "A cab camera (RTSP on loopback) with a person drawn live, who does what they are told to read. Example: chaos sitter --picture .cache/rig/pictures/hopper.jpg")
        { picture, port, seed, enrol };
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                SourceFace face = Seat.Open(parsed.GetValue(picture)!);
                using var seat = new Seat(face, parsed.GetValue(seed));
                return parsed.GetValue(enrol) is { } folder
                    ? await EnrolAsync(seat, parsed.GetValue(seed), Path.GetFullPath(folder), stop)
                    : await ServeAsync(seat, parsed.GetValue(port), stop);
            }
            catch (ScenarioException e)
            {
                return Verdict.Refuse(e.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 0;
            }
        });
        return command;
    }

    /// <summary>`chaos cab-login`: the same person through the whole bench.</summary>
    public static Command CreateLogin()
    {
        var picture = new Option<string>("--picture") { Description = "A picture of one person who looks ahead.", DefaultValueFactory = _ => Path.Combine(".cache", "rig", "pictures", "hopper.jpg") };
        var logins = new Option<int>("--logins") { Description = "How often the officer signs in.", DefaultValueFactory = _ => 3 };
        var seed = new Option<int>("--seed") { Description = "Habits of the person, light and lens.", DefaultValueFactory = _ => 1 };
        var keep = new Option<string?>("--keep") { Description = "Leave everything that was written in this folder, which must be empty." };
        var repository = new Option<string>("--repository") { Description = "Root of the checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
        var command = new Command(
            "cab-login", "Sign-in by face and PIN on the real bench: a sitter's camera, eyes, host, the terminal's page, the centre's roster. Example: chaos cab-login --logins 3")
        { picture, logins, seed, keep, repository };
        command.SetAction((parsed, stop) => Verdict.RunAsync(async () =>
        {
            if (parsed.GetValue(logins) is not (>= 1 and <= 100) and var wrong)
                throw new ScenarioException($"--logins {wrong}: 1 to 100.");
            string root = Path.GetFullPath(parsed.GetValue(repository)!);
            string state = parsed.GetValue(keep) is { } folder ? Path.GetFullPath(folder) : Path.Combine(root, ".run", $"cab-login-{Environment.ProcessId}");
            try
            {
                CabLoginFigures figures = await new CabLoginRun(root, state, parsed.GetValue(picture)!, parsed.GetValue(logins)).RunAsync(parsed.GetValue(seed), stop);
                return (figures, (IReadOnlyList<string>)[.. figures.Wrong()]);
            }
            finally
            {
                if (parsed.GetValue(keep) is null && Directory.Exists(state))
                    Directory.Delete(state, recursive: true);
            }
        }));
        return command;
    }

    private static async Task<int> EnrolAsync(Seat seat, int seed, string folder, CancellationToken stop)
    {
        _ = Directory.CreateDirectory(folder);
        foreach ((int number, byte[] jpeg) in seat.EnrolmentPictures(seed).Index())
        {
            string file = Path.Combine(folder, $"enrol-{number + 1}.jpg");
            await File.WriteAllBytesAsync(file, jpeg, stop);
            Console.WriteLine(file);
        }
        return 0;
    }

    private static async Task<int> ServeAsync(Seat seat, int port, CancellationToken stop)
    {
        await using SeatCamera camera = await SeatCamera.StartAsync(seat, new RtspServer(new RtspServerOptions(), TimeProvider.System), TimeProvider.System, stop);
        await using WebApplication control = await SeatControl.StartAsync(seat, port, stop);
        Console.WriteLine(JsonSerializer.Serialize(new { camera = $"cab={camera.Main},{camera.Sub}", main = camera.Main, sub = camera.Sub, control = control.Urls.First() }));
        await camera.Playing.WaitAsync(stop);
        return 0;
    }
}
