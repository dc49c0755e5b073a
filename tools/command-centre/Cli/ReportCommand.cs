using System.CommandLine;
using EdgeAgent.CommandCentre.PublicReports;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class ReportCommand
{
    public static Command Create()
    {
        var data = CliShared.Data();
        var month = new Option<string>("--month") { Description = "Such as 2026-11.", Required = true };
        var output = new Option<string>("--out") { Description = "Where the page goes (HTML, complete in itself).", Required = true };
        var zone = RequestsCommand.Zone();
        var language = Language();
        var json = CliShared.AsJson();
        var command = new Command(
            "report",
            "Makes the month's usage report for the public: hits, decisions, false-alert rate, lists, live views, requests; no personal data. "
            + "Example: command-centre report --data /var/lib/centre --month 2026-11 --out report-2026-11.html")
        { data, month, output, zone, language, json };
        command.Does(parsed =>
        {
            var now = OpenCentre.Time.GetUtcNow();
            var wanted = ReportMonth.Parse(parsed.GetValue(month)!, parsed.GetValue(zone)!, now);
            var path = OutputPath(parsed.GetValue(output)!);
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var report = UsageReportMaker.Make(centre.Database, centre.Sealing, wanted, now);
            _ = centre.Database.Write(transaction =>
            {
                AuditTable.Add(transaction, new AuditRow("command-line", "report_made", wanted.Name, ""), OpenCentre.Now);
                return 0;
            });
            File.WriteAllText(path, UsagePage.Render(report, Enum.Parse<PageLanguage>(parsed.GetValue(language)!, ignoreCase: true)));
            if (parsed.GetValue(json))
                CliShared.Print(report);
            else
                Console.Out.WriteLine($"{path}: {wanted.Name}, {report.Hits.Shown.Words.En} hits shown{(report.Preliminary ? "; the month is not over" : "")}.");
        });
        return command;
    }

    public static Option<string> Language()
    {
        var language = new Option<string>("--language") { Description = "both, zh or en.", DefaultValueFactory = _ => "both" };
        _ = language.AcceptOnlyFromAmong("both", "zh", "en");
        return language;
    }

    /// <exception cref="CentreException">Its folder is not there, or it is a folder itself.</exception>
    public static string OutputPath(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new CentreException($"--out is {full}, which is a folder: name a file.");
        return Directory.Exists(Path.GetDirectoryName(full))
            ? full
            : throw new CentreException($"--out is {full}, whose folder is not there: make it first.");
    }
}
