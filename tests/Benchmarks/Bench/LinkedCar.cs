using System.Net;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.DispatchClient.Identity;
using Microsoft.AspNetCore.Builder;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>A real centre and a real host on one live link over loopback (mutual TLS), in folders that go with them; only eyes are absent.</summary>
internal sealed class LinkedCar : IAsyncDisposable
{
    public const string UnitId = "PB-0001";

    private LinkedCar(string folder, CentreServer centre, WebApplication host) => (Folder, Centre, Host) = (folder, centre, host);

    public string Folder { get; }

    public CentreServer Centre { get; }

    public WebApplication Host { get; }

    /// <summary>As an administrator's command line has it; the caller's to dispose.</summary>
    public OpenCentre OpenCentre() => new(DataOf(Folder));

    /// <param name="prepare">What is done at the centre before the car comes.</param>
    public static async Task<LinkedCar> StartAsync(Action<OpenCentre>? prepare = null, Func<CarOptions, CarOptions>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("bench-car-").FullName;
        string data = DataOf(folder);
        string code = MakeCentre(data, prepare);
        var centre = await CentreServer.StartAsync(
            new CentreOptions { DataDirectory = data, Grpc = new IPEndPoint(IPAddress.Loopback, 0), Http = new IPEndPoint(IPAddress.Loopback, 0), WebRoot = folder }, TimeProvider.System);
        string car = Directory.CreateDirectory(Path.Combine(folder, "car")).FullName;
        _ = await Enrolment.EnrolAsync(centre.Grpc, code, Path.Combine(car, "identity"), CancellationToken.None);
        CarOptions options = Options(car, centre.Grpc);
        WebApplication host = EdgeAgent.Agent.Program.Build(change?.Invoke(options) ?? options, TimeProvider.System, BootClock.OfThisMachine());
        await host.StartAsync();
        return new LinkedCar(folder, centre, host);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        await Host.DisposeAsync();
        await Centre.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public static ListDraft PlateList(string id, IEnumerable<string> plates) => new()
    {
        ListId = id,
        Kind = "plates",
        Category = "stolen_vehicle",
        TitleZh = "被盗车辆",
        TitleEn = "Stolen vehicles",
        Authority = "Bench",
        LegalReference = "B-2026-1",
        Purpose = "bench",
        Source = "bench",
        Entries = [.. plates.Select((plate, i) => new EntryDraft { EntryId = $"e{i}", Plate = plate, PlateClass = "blue" })],
    };

    private static string DataOf(string folder) => Path.Combine(folder, "centre");

    private static string MakeCentre(string data, Action<OpenCentre>? prepare)
    {
        var folder = new DataFolder(data);
        _ = CentreKeys.Create(folder, TimeProvider.System);
        _ = CentreDatabase.Open(folder.Database);
        using var centre = new OpenCentre(data);
        string code = EnrolCommand.Offer(centre, UnitId, "Car 1", TimeSpan.FromHours(1), TimeProvider.System);
        prepare?.Invoke(centre);
        return code;
    }

    private static CarOptions Options(string car, Uri centre) => new()
    {
        DataDirectory = car,
        IdentityDirectory = Path.Combine(car, "identity"),
        Centre = centre.ToString(),
        Terminal = new TerminalOptions { Url = "http://127.0.0.1:0" },
        Gnss = new GnssOptions { Port = 1 },
        Vision = new EyesOptions { Spawn = false },
        Cameras = [new CameraOptions { Id = "cam1", LabelZh = "前", LabelEn = "Front", Main = "rtsp://127.0.0.1:1/1" }],
    };
}
