using System.CommandLine;

namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>Where <c>eval</c> leaves the page for people.</summary>
internal static class ReportPath
{
    /// <summary>The option <c>--report FILE.html</c>; without it <c>.cache/reports/NAME.html</c> under the current folder.</summary>
    public static Option<FileInfo> Option(string name) => new("--report")
    {
        Description = "where the report for people goes (HTML, complete in itself)",
        HelpName = "FILE.html",
        DefaultValueFactory = _ => new FileInfo(Path.Combine(".cache", "reports", name + ".html")),
    };

    /// <summary>Writes the report and says on standard error where it is.</summary>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static void Save(HtmlReport report, FileInfo file, TextWriter progress)
    {
        report.Save(file.FullName);
        progress.WriteLine($"  report: {file.FullName}");
    }
}
