using EdgeAgent.Rig.Rtsp;
using EdgeAgent.Rig.Run;
using Microsoft.AspNetCore.Builder;

namespace EdgeAgent.Chaos.Sitter;

/// <summary>The whole bench with somebody before its cab camera, who was enrolled as its officer.</summary>
internal sealed class SeatedBench : IAsyncDisposable
{
    private readonly SeatCamera camera;
    private readonly WebApplication control;

    private SeatedBench(Seat seat, SeatCamera camera, WebApplication control, Bench bench) =>
        (Seat, this.camera, this.control, Bench) = (seat, camera, control, bench);

    public Bench Bench { get; }

    public Seat Seat { get; }

    /// <summary>Where a script tells whoever sits there what they read.</summary>
    public string Control => control.Urls.First();

    /// <param name="picture">Of whoever sits there.</param>
    /// <param name="drive">Null: nobody drives the pages.</param>
    public static async Task<SeatedBench> StartAsync(
        string repository, string state, string picture, int seed, DriveOptions? drive, Progress progress, CancellationToken stop)
    {
        var seat = new Seat(Seat.Open(picture), seed);
        SeatCamera camera = await SeatCamera.StartAsync(seat, new RtspServer(new RtspServerOptions(), TimeProvider.System), TimeProvider.System, stop);
        WebApplication control = await SeatControl.StartAsync(seat, 0, stop);
        RunOptions options = RunOptions.OfThisBuild(repository, state) with { Drive = drive, RigArguments = ["--camera", $"cab={camera.Main},{camera.Sub}"] };
        var seated = new SeatedBench(seat, camera, control, new Bench(options, progress, TimeProvider.System));
        try
        {
            await seated.Bench.StartAsync(stop);
            await progress.StepAsync("officer's face enrolled", () => seated.EnrolAsync(seed, stop));
            return seated;
        }
        catch
        {
            await seated.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Bench.DisposeAsync();
        await control.DisposeAsync();
        await camera.DisposeAsync();
        Seat.Dispose();
    }

    /// <summary>As an administrator does: pictures taken on purpose, consent, a signed roster that the car takes.</summary>
    private async Task EnrolAsync(int seed, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("sitter-").FullName;
        try
        {
            var arguments = new List<string> { "officers", "face", "--data", Bench.CentreData, "--unit", BenchPlan.UnitId, "--officer", BenchPlan.OfficerId, "--consent" };
            foreach ((int at, byte[] jpeg) in Seat.EnrolmentPictures(seed).Index())
            {
                string file = Path.Combine(folder, $"{at}.jpg");
                await File.WriteAllBytesAsync(file, jpeg, stop);
                arguments.AddRange(["--picture", file]);
            }
            _ = await Bench.CentreAsync([.. arguments], null, stop);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
