using System.Diagnostics;
using System.Net;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Positions;
using EdgeAgent.Agent.Terminal;
using EdgeAgent.Agent.Watchlists;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Hosting;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.DispatchClient.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAgent.Benchmarks.Bench;

/// <summary>
/// What <c>bench revocation</c> prints, milliseconds: from the moment at which the command line's order is durable at the centre until
/// nothing is matched against the list in the car, and, beside it, from an issued list, and from a newer version of it, to the first match.
/// </summary>
/// <param name="ByDelta">Rounds in which the newer version came as a delta, not whole.</param>
internal sealed record RevocationFigures(
    double P50Ms, double P95Ms, double MaxMs, double IssueP50Ms, double IssueMaxMs, double ChangeP50Ms, double ChangeMaxMs, int ByDelta,
    int Rounds, int Entries, double GoalMs, string Machine);

/// <summary>A real centre and a real host on one live link over loopback (mutual TLS); lists are issued and revoked as an administrator does it.</summary>
internal static class RevocationBench
{
    private const double GoalMs = 1000;
    private const string Unit = "PB-0001", Plate = "京A12345", Added = "沪C54321";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="InputException">Numbers out of range, or the link did not come up.</exception>
    public static async Task<RevocationFigures> RunAsync(int rounds, int entries, TextWriter progress)
    {
        if (rounds is < 1 or > 1000 || entries is < 1 or > 100_000)
            throw new InputException($"--rounds {rounds}, --entries {entries}: 1 to 1000 rounds of 1 to 100,000 entries.");
        string folder = Directory.CreateTempSubdirectory("bench-revocation-").FullName;
        try
        {
            string data = Path.Combine(folder, "centre");
            string code = MakeCentre(data);
            await using CentreServer centre = await CentreServer.StartAsync(
                new CentreOptions { DataDirectory = data, Grpc = new IPEndPoint(IPAddress.Loopback, 0), Http = new IPEndPoint(IPAddress.Loopback, 0), WebRoot = folder }, TimeProvider.System);
            string car = Directory.CreateDirectory(Path.Combine(folder, "car")).FullName;
            _ = await Enrolment.EnrolAsync(centre.Grpc, code, Path.Combine(car, "identity"), CancellationToken.None);
            await using WebApplication host = EdgeAgent.Agent.Program.Build(Options(car, centre.Grpc), TimeProvider.System, BootClock.OfThisMachine());
            await host.StartAsync();
            using var admin = new OpenCentre(data);
            RevocationFigures figures = await MeasureAsync(host.Services.GetRequiredService<WatchlistLibrary>(), admin.Issuing(), folder, rounds, entries, progress);
            await host.StopAsync();
            return figures;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<RevocationFigures> MeasureAsync(WatchlistLibrary lists, ListIssuing issuing, string folder, int rounds, int entries, TextWriter progress)
    {
        List<double> issued = [], changed = [], revoked = [];
        int byDelta = 0;
        for (int round = 1; round <= rounds; round++)
        {
            string id = $"list-{round}";
            _ = issuing.Issue(ListBuilder.Build(Draft(id, entries, Plate), folder, TimeProvider.System), []);
            issued.Add(await UntilAsync(() => Matches(lists, id)));
            _ = issuing.Issue(ListBuilder.Build(Draft(id, entries, Plate, Added), folder, TimeProvider.System), []);
            changed.Add(await UntilAsync(() => Matches(lists, id, Added)));
            byDelta += lists.Current.Lists[id].PatchedSinceUnixMs > 0 ? 1 : 0;
            issuing.Revoke(id, "bench");
            revoked.Add(await UntilAsync(() => !Matches(lists, id)));
            progress.WriteLine($"  round {round} of {rounds}: in use after {issued[^1]:0} ms, changed after {changed[^1]:0} ms, revoked after {revoked[^1]:0} ms");
        }
        return new RevocationFigures(
            Percentiles.Of(revoked, 0.5), Percentiles.Of(revoked, 0.95), revoked.Max(), Percentiles.Of(issued, 0.5), issued.Max(),
            Percentiles.Of(changed, 0.5), changed.Max(), byDelta, rounds, entries, GoalMs,
            Machines.Describe());
    }

    /// <summary>Whether the matcher would find the listed plate in this list.</summary>
    private static bool Matches(WatchlistLibrary lists, string id, string plate = Plate)
    {
        MatchSet set = lists.Current;
        return set.Lists.ContainsKey(id) && set.Plates.Find(plate, [.. plate.Select(_ => 1f)], []).Any(match => match.ListId == id);
    }

    private static async Task<double> UntilAsync(Func<bool> done)
    {
        long started = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new InputException($"Nothing changed in the car within {Patience.TotalSeconds:0} s: its link is not up.");
            await Task.Delay(1);
        }
        return Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
    }

    private static string MakeCentre(string data)
    {
        var folder = new DataFolder(data);
        _ = CentreKeys.Create(folder, TimeProvider.System);
        _ = CentreDatabase.Open(folder.Database);
        using var centre = new OpenCentre(data);
        return EnrolCommand.Offer(centre, Unit, "Car 1", TimeSpan.FromHours(1), TimeProvider.System);
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

    private static ListDraft Draft(string id, int entries, params string[] plates) => new()
    {
        ListId = id,
        Kind = "plates",
        Category = "stolen_vehicle",
        TitleZh = "被盗车辆",
        TitleEn = "Stolen vehicles",
        Authority = "Bench",
        LegalReference = "B-2026-1",
        Purpose = "bench revocation",
        Source = "bench",
        Entries = [.. Enumerable.Range(0, entries).Select(i => new EntryDraft { EntryId = $"e{i}", Plate = i < plates.Length ? plates[i] : $"京B{i:00000}", PlateClass = "blue" })],
    };
}
