using System.CommandLine;
using EdgeAgent.CommandCentre.PublicReports;
using EdgeAgent.CommandCentre.Requests;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class NoticeCommand
{
    private const int MostAuthority = 40;
    private const int MostContact = 120;

    public static Command Create()
    {
        var authority = new Option<string>("--authority") { Description = "Whose cars they are.", Required = true };
        var contact = new Option<string>("--contact") { Description = "Whom the public asks: address, telephone, hours.", Required = true };
        var date = new Option<string?>("--date") { Description = "Of the notice, such as 2026-11-03. Default: today." };
        var output = new Option<string>("--out") { Description = "Where the poster goes (HTML, two A4 pages).", Required = true };
        var zone = RequestsCommand.Zone();
        var command = new Command(
            "notice",
            "Fills in the notice to the public (docs/public-notice.md) as a poster to print, Chinese and English. "
            + "Example: command-centre notice --authority 某市公安局 --contact \"某路1号，电话 110\" --out notice.html")
        { authority, contact, date, output, zone };
        command.Does(parsed =>
        {
            var path = ReportCommand.OutputPath(parsed.GetValue(output)!);
            var (name, whom) = (Line(parsed.GetValue(authority)!, "--authority", MostAuthority), Line(parsed.GetValue(contact)!, "--contact", MostContact));
            var today = LocalCalendar.Today(LocalCalendar.Zone(parsed.GetValue(zone)!), OpenCentre.Time.GetUtcNow());
            File.WriteAllText(path, NoticePage.Render(name, whom, $"{RequestRules.Day(parsed.GetValue(date), "--date", today):yyyy-MM-dd}"));
            Console.Out.WriteLine($"{path}: print both pages on A4, and have the law department read them first.");
        });
        return command;
    }

    // More than this does not fit the poster.
    private static string Line(string text, string option, int most) => text.Trim() is { Length: > 0 } line && line.Length <= most && !line.Any(char.IsControl)
        ? line
        : throw new CentreException($"{option} is one line of 1 to {most} characters.");
}
