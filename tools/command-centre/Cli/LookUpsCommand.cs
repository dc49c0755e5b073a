using System.CommandLine;
using EdgeAgent.CommandCentre.LookUps;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class LookUpsCommand
{
    private const int MostListed = 500;

    public static Command Create() => new("look-ups", "Who looked up what: for whoever oversees it.") { List(), Show() };

    private static Command List()
    {
        var data = CliShared.Data();
        var officer = new Option<string?>("--officer") { Description = "Only this officer's." };
        var json = CliShared.AsJson();
        var command = new Command(
            "list",
            $"The newest {MostListed}, without what they were about. "
            + "Example: command-centre look-ups list --data /var/lib/centre --officer 010001")
        { data, officer, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var rows = centre.Database.Read(c => LookUpTable.List(c, parsed.GetValue(officer), MostListed));
            if (parsed.GetValue(json))
            {
                CliShared.Print(new { lookUps = rows.Select(r => new { id = Uuid7.ToGuid(r.RequestId), r.UnitId, r.OfficerId, r.Kind, r.Purpose, r.Code, askedAtUnixMs = r.AskedAt, erased = r.ErasedAt is not null }) });
                return;
            }
            if (rows.Count == 0)
                Console.Out.WriteLine("Nothing was looked up.");
            foreach (var r in rows)
                Console.Out.WriteLine($"{Uuid7.ToGuid(r.RequestId)}\t{DateTimeOffset.FromUnixTimeMilliseconds(r.AskedAt):yyyy-MM-dd HH:mm:ss}\t{r.UnitId}\t{r.OfficerId}\t{r.Kind}\t{r.Purpose}\t{(r.Code.Length > 0 ? r.Code : "answered")}");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var id = new Option<Guid>("--request") { Description = "Id of the look-up.", Required = true };
        var by = new Option<string>("--by") { Description = "Account of the person who reads it.", Required = true };
        var purpose = new Option<string>("--purpose") { Description = "What for, at most 200 characters.", Required = true };
        var command = new Command(
            "show",
            "Shows what one look-up was about, while it is kept; the reading is in the audit first. "
            + "Example: command-centre look-ups show --data /var/lib/centre --request 0198… --by zhao --purpose \"complaint R-2026-000004\"")
        { data, id, by, purpose };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (person, why) = (CliShared.RequireId(parsed.GetValue(by)!, "a person's account"), parsed.GetValue(purpose)!.Trim());
            if (why.Length is 0 or > 200)
                throw new CentreException("--purpose has 1 to 200 characters.");
            var known = centre.Database.Write(transaction =>
            {
                var found = new LookUpTable(centre.Sealing).Find(transaction, Uuid7.ToBytes(parsed.GetValue(id)))
                    ?? throw new CentreException($"There is no look-up {parsed.GetValue(id)}. 'look-ups list' shows those there are.");
                AuditTable.Add(transaction, new AuditRow(person, "look_up_read", parsed.GetValue(id).ToString(), why), OpenCentre.Now);
                return found;
            });
            var request = known.Request ?? throw new CentreException($"What it was about was erased {LookUpSweep.Kept.TotalDays} days after it was asked, or was too large to be kept.");
            Console.Out.WriteLine($"{known.UnitId} {request.OfficerId}: {request.Subject} ({LookUpRules.Word(request.Purpose)}) {request.Reason}".TrimEnd());
        });
        return command;
    }
}
