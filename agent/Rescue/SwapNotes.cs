using System.Text.Json;
using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Rescue;

/// <summary>
/// A box that took a dead one's place says so in its own chain, with the end of the old one: whoever reads the one knows where the other
/// goes on. Written at the next start, because the chain has one writer; a crash in between writes it twice.
/// </summary>
internal static partial class SwapNotes
{
    private const string Noted = "noted";

    public static void Write(CarOptions options, Ledger ledger, ILogger log)
    {
        try
        {
            WriteAll(options, ledger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // The car goes out all the same.
            LogNotNoted(log, e.Message);
        }
    }

    private static void WriteAll(CarOptions options, Ledger ledger)
    {
        string rescued = Path.Combine(options.DataDirectory, Rescue.Folder);
        if (!Directory.Exists(rescued))
            return;
        foreach (string copy in Directory.EnumerateDirectories(rescued).Order())
        {
            string done = Path.Combine(copy, Rescue.Done);
            if (!File.Exists(done) || File.Exists(Path.Combine(copy, Noted)))
                continue;
            RescueReport report = JsonSerializer.Deserialize<RescueReport>(File.ReadAllBytes(done))!;
            string chain = report.AuditProblem.Length == 0 ? "chain_whole" : "chain_not_whole";
            ledger.Note(new AuditDraft(AuditKind.Swapped, AuditDraft.System, "", $"{report.Incarnation} {report.AuditHead}".TrimEnd(), chain));
            SafeFile.Replace(Path.Combine(copy, Noted), []);
        }
    }

    [LoggerMessage(4120, LogLevel.Warning, "What was rescued of a dead box could not be noted: {Why}")]
    private static partial void LogNotNoted(ILogger log, string why);
}
