using System.CommandLine;
using System.Data.Common;
using Command = System.CommandLine.Command;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Cli;

internal static class OfficersCommand
{
    public static Command Create() => new("officers", "Who may sign in to which unit.") { Add(), Remove(), OfficerFaceCommand.Enrol(), OfficerFaceCommand.Withdraw() };

    private static Command Add()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var officer = new Option<string>("--officer") { Description = "The officer's number.", Required = true };
        var name = new Option<string>("--name") { Description = "Name shown at the terminal.", Required = true };
        var role = new Option<string>("--role") { Description = "officer or leader.", DefaultValueFactory = _ => "officer" };
        var police = new Option<string>("--police-type") { Description = "public_order or traffic.", DefaultValueFactory = _ => "public_order" };
        var pin = new Option<bool>("--pin-stdin") { Description = "Read the PIN (6 to 32 digits) from standard input.", Required = true };
        var json = CliShared.AsJson();
        _ = role.AcceptOnlyFromAmong("officer", "leader");
        _ = police.AcceptOnlyFromAmong("public_order", "traffic");
        var command = new Command(
            "add",
            "Adds an officer to a unit's roster, or changes one, and sends the signed roster. "
            + "Example: echo 123456 | command-centre officers add --data /var/lib/centre --unit PB-0001 --officer 010001 --name 张三 --pin-stdin")
        { data, unit, officer, name, role, police, pin, json };
        command.Does(parsed =>
        {
            var type = parsed.GetValue(police) == "traffic" ? PoliceType.Traffic : PoliceType.PublicOrder;
            var officerId = CliShared.RequireId(parsed.GetValue(officer)!, "an officer's number");
            var shown = parsed.GetValue(name)!.Trim();
            if (shown.Length is 0 or > 64)
                throw new CentreException("--name has 1 to 64 characters.");
            var entry = RosterIssuing.WithPin(officerId, shown, parsed.GetValue(role)!, type, CliShared.Secret("PIN"));
            Change(
                parsed.GetValue(data)!, parsed.GetValue(unit)!, officerId, "officer_added", parsed.GetValue(json),
                (officers, transaction, unitId) =>
                {
                    if (officers.Of(transaction, unitId).FirstOrDefault(known => known.OfficerId == officerId) is { } known)
                    {
                        // A new PIN is no withdrawal of consent.
                        entry.Faces.AddRange(known.Faces);
                        entry.FaceConsent = known.FaceConsent;
                    }
                    officers.Put(transaction, unitId, entry);
                });
        });
        return command;
    }

    private static Command Remove()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var officer = new Option<string>("--officer") { Description = "The officer's number.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "remove",
            "Takes an officer off a unit's roster and sends it. "
            + "Example: command-centre officers remove --data /var/lib/centre --unit PB-0001 --officer 010001")
        { data, unit, officer, json };
        command.Does(parsed =>
        {
            var officerId = parsed.GetValue(officer)!;
            Change(parsed.GetValue(data)!, parsed.GetValue(unit)!, officerId, "officer_removed", parsed.GetValue(json), (_, transaction, unitId) =>
            {
                if (OfficerTable.Remove(transaction, unitId, officerId) == 0)
                    throw new CentreException($"{officerId} is not on the roster of {unitId}.");
            });
        });
        return command;
    }

    private static void Change(
        string data, string unitId, string officerId, string action, bool json, Action<OfficerTable, DbTransaction, string> change)
    {
        using var centre = new OpenCentre(data);
        using var signer = CentreSigner.Load(centre.Folder);
        var officers = new OfficerTable(centre.Sealing);
        var rosters = new RosterIssuing(signer, officers, centre.Commands, OpenCentre.Time);
        var version = centre.Database.Write(transaction =>
        {
            _ = UnitTable.Require(transaction, unitId);
            change(officers, transaction, unitId);
            AuditTable.Add(transaction, new AuditRow("command-line", action, $"{unitId} {officerId}", ""), OpenCentre.Now);
            return rosters.Issue(transaction, unitId, "command-line");
        });
        if (json)
            CliShared.Print(new { unitId, officerId, rosterVersion = version });
        else
            Console.Out.WriteLine($"Roster {version} of {unitId} is signed and on its way.");
    }
}
