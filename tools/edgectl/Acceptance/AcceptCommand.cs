using System.CommandLine;
using System.Text;
using EdgeAgent.DispatchClient.Uplink;
using EdgeAgent.Edgectl.Box;
using Spectre.Console;
using SignedEnvelope = Patrol.Dispatch.V1.SignedEnvelope;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>`edgectl accept` and `edgectl doctor`: one set of checks, with and without what disturbs a car at work.</summary>
internal static class AcceptCommand
{
    private const int MostNameCharacters = 64;

    private static Option<string> Settings() => new("--config") { Description = "The agent's settings.", DefaultValueFactory = _ => "/etc/edge-agent/agent.json" };

    public static Command Create()
    {
        var (config, json) = (Settings(), Cli.AsJson());
        var technician = new Option<string>("--technician") { Description = "Your name: it stands in the certificate.", Required = true };
        var report = new Option<string?>("--report") { Description = "Where the page for people goes. Default: acceptance, below the data folder." };
        var command = new Command(
            "accept",
            """
            Looks at everything a unit needs before it goes on the road: cameras, the roof camera's turning (seen in its picture), position,
            link, clock, keys, disk, lists, recognition, and that the agent comes back after a crash. Writes a page for people and a
            certificate signed by the unit, and registers it at the centre. Turns the roof camera and ends the agent once: not while
            somebody works with the car. Faces and plates in the page's pictures are covered.

            Example: edgectl accept --technician "Li Na"
            JSON: accepted, unitId, report, registered, seconds, checks: [{name, skipped, seconds, findings: [{code, grave, about, detail, sentence, remedy}], measured}].
            Exit codes: 0 accepted and registered, 1 not (what to do is said), 2 wrong command line.
            """)
        { config, technician, report, json };
        command.Validators.Add(given =>
        {
            if (given.GetValue(technician)?.Trim().Length is 0 or > MostNameCharacters)
                given.AddError($"--technician: 1 to {MostNameCharacters} characters.");
        });
        command.Does(json, async (parsed, stop) =>
        {
            long began = TimeProvider.System.GetTimestamp();
            Owner.BecomeBySettings(parsed.GetValue(config)!);
            using var unit = UnitAtHand.Open(parsed.GetValue(config)!, TimeProvider.System);
            var outcomes = await LookAsync(unit, disturbs: true, stop);
            var (page, registered) = await CertifyAsync(unit, outcomes, parsed.GetValue(technician)!.Trim(), parsed.GetValue(report), stop);
            bool accepted = !outcomes.Any(o => o.IsGrave);
            if (parsed.GetValue(json))
                Cli.Print(new { accepted, unitId = unit.Identity?.UnitId, report = page, registered, seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds, checks = outcomes.Select(Shape) });
            else
                Show(outcomes, accepted ? registered ? "Accepted, and registered at the centre." : "Accepted, but not registered at the centre: run it again once the link is there." : "Not accepted.", page);
            return accepted && registered ? Cli.Done : Cli.Failed;
        });
        return command;
    }

    public static Command CreateDoctor()
    {
        var (config, json) = (Settings(), Cli.AsJson());
        var command = new Command(
            "doctor",
            """
            Says what is wrong with a unit and what to do about it. Looks, and changes nothing: the same checks as accept without turning the
            roof camera and ending the agent.

            Example: edgectl doctor
            JSON: well, unitId, checks as accept's.
            Exit codes: 0 nothing grave, 1 something is, 2 wrong command line.
            """)
        { config, json };
        command.Does(json, async (parsed, stop) =>
        {
            using var unit = UnitAtHand.Open(parsed.GetValue(config)!, TimeProvider.System);
            var outcomes = await LookAsync(unit, disturbs: false, stop);
            bool well = !outcomes.Any(o => o.IsGrave);
            if (parsed.GetValue(json))
                Cli.Print(new { well, unitId = unit.Identity?.UnitId, checks = outcomes.Select(Shape) });
            else
                Show(outcomes, well ? "Nothing keeps this car from going out." : "This car must not go out like this.", null);
            return well ? Cli.Done : Cli.Failed;
        });
        return command;
    }

    public static Command CreateFaults()
    {
        var json = Cli.AsJson();
        var command = new Command("faults", "Every fault that accept and doctor name, and what to do. Example: edgectl faults") { json };
        command.Does(json, (parsed, _) =>
        {
            if (parsed.GetValue(json))
                Cli.Print(new { faults = FaultWords.All });
            else
                foreach (var fault in FaultWords.All)
                    Console.Out.WriteLine($"| `{fault.Code}` | {fault.Zh}<br>{fault.En} | {fault.DoZh}<br>{fault.DoEn} | {(fault.IsGrave ? "停用 stop" : "提示 note")} |");
            return Task.FromResult(Cli.Done);
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckOutcome>> LookAsync(UnitAtHand unit, bool disturbs, CancellationToken stop)
    {
        using var run = new AcceptanceRun(unit, disturbs, Console.Error.WriteLine);
        return await run.RunAsync(stop);
    }

    /// <returns>Where the page is, null where there is none; and whether the centre has the certificate.</returns>
    private static async Task<(string? Page, bool Registered)> CertifyAsync(UnitAtHand unit, IReadOnlyList<CheckOutcome> outcomes, string technician, string? folder, CancellationToken stop)
    {
        if (unit.Problems.Count > 0)
            return (null, false);
        var now = unit.Time.GetUtcNow() + (unit.ClockOffset ?? TimeSpan.Zero);
        string software = unit.Agent?.SoftwareVersion ?? "";
        byte[] page = Encoding.UTF8.GetBytes(AcceptanceReport.Page(unit.Identity?.UnitId ?? "?", technician, software, now, outcomes));
        folder = Directory.CreateDirectory(folder ?? BirthCertificates.FolderIn(unit.Options.DataDirectory)).FullName;
        string path = Path.Combine(folder, $"acceptance-{now.UtcDateTime:yyyyMMdd-HHmmss}.html");
        await File.WriteAllBytesAsync(path, page, stop);
        if (unit.Identity is null)
            return (path, false);
        var envelope = BirthCertificates.Make(unit.Identity, outcomes, technician, software, page, now);
        bool accepted = !outcomes.Any(o => o.IsGrave);
        // What was not accepted is no measure for the next time: which camera belongs where stays as it was.
        if (accepted || BirthCertificates.Last(unit.Options.DataDirectory) is null)
            BirthCertificates.Save(unit.Options.DataDirectory, envelope);
        return (path, await RegisterAsync(unit, envelope, stop));
    }

    private static async Task<bool> RegisterAsync(UnitAtHand unit, SignedEnvelope envelope, CancellationToken stop)
    {
        using var client = new AcceptanceClient(unit.Identity!, new Uri(unit.Options.Centre), unit.Time);
        try
        {
            await client.RegisterAsync(envelope, stop);
            return true;
        }
        catch (AcceptanceException e)
        {
            await Console.Error.WriteLineAsync($"Not registered at the centre: {e.Message}");
            return false;
        }
    }

    private static object Shape(CheckOutcome outcome) => new
    {
        outcome.Title.Name,
        Skipped = outcome.Skipped.Length > 0,
        outcome.Seconds,
        Findings = outcome.Findings.Select(f => new { f.Fault.Code, Grave = f.Fault.IsGrave, f.About, f.Detail, Sentence = f.Fault.En, Remedy = f.Fault.DoEn }),
        Measured = outcome.Measures.Select(m => new { Name = m.En, m.Value }),
    };

    private static void Show(IReadOnlyList<CheckOutcome> outcomes, string verdict, string? page)
    {
        foreach (var finding in outcomes.SelectMany(o => o.Findings).OrderByDescending(f => f.Fault.IsGrave))
        {
            string about = finding.About.Length > 0 ? $" [{finding.About}]" : "", detail = finding.Detail.Length > 0 ? $" ({finding.Detail})" : "";
            AnsiConsole.MarkupLine($"{(finding.Fault.IsGrave ? "[red]✗[/]" : "[yellow]![/]")} {Markup.Escape($"{finding.Fault.En}{about}{detail}")}");
            AnsiConsole.MarkupLine($"  [grey]→[/] {Markup.Escape(finding.Fault.DoEn)}");
        }
        AnsiConsole.MarkupLine($"[bold]{Markup.Escape(verdict)}[/]");
        if (page is not null)
            AnsiConsole.WriteLine($"The page for people: {page}");
    }
}
