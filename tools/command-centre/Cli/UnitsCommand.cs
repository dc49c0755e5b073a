using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.CommandCentre.Cli;

internal static class UnitsCommand
{
    public static Command Create() => new("units", "Units that were enrolled.") { List(), Configure(), Heads(), Revoke() };

    private static Command List()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var command = new Command(
            "list",
            "Shows all units. "
            + "Example: command-centre units list --data /var/lib/centre --json") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var units = new UnitTable(centre.Database).All();
            if (parsed.GetValue(json))
            {
                CliShared.Print(new
                {
                    units = units.Select(unit => new
                    {
                        unit.UnitId,
                        unit.Label,
                        enrolledAtUnixMs = unit.EnrolledAt,
                        revokedAtUnixMs = unit.RevokedAt,
                        unit.RevokeReason,
                        lastSeenUnixMs = unit.LastSeenAt,
                        unit.SoftwareVersion,
                    }),
                });
                return;
            }
            foreach (var unit in units)
            {
                var state = unit.RevokedAt is not null ? $"revoked: {unit.RevokeReason}" : unit.EnrolledAt is null ? "not enrolled yet" : "enrolled";
                Console.Out.WriteLine($"{unit.UnitId}\t{unit.Label}\t{state}");
            }
        });
        return command;
    }

    private static Command Configure()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var file = new Option<string>("--file")
        {
            Description = $"JSON with keys of the car's own file, of these: {string.Join(", ", UnitSettings.Keys)}. '{{}}' gives all back to the file.",
            Required = true,
        };
        var json = CliShared.AsJson();
        var command = new Command(
            "configure",
            "Sets part of a unit's configuration, in place of what was set before; the car runs with it from its next start on. "
            + "Example: command-centre units configure --data /var/lib/centre --unit PB-0001 --file night-shift.json")
        { data, unit, file, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            using var signer = CentreSigner.Load(centre.Folder);
            var issuing = new ConfigurationIssuing(signer, centre.Commands, OpenCentre.Time);
            var (unitId, settings) = (parsed.GetValue(unit)!, File.ReadAllText(parsed.GetValue(file)!));
            var version = centre.Database.Write(transaction => issuing.Issue(transaction, unitId, settings, "command-line"));
            if (parsed.GetValue(json))
                CliShared.Print(new { unitId, version });
            else
                Console.Out.WriteLine($"Configuration version {version} waits for {unitId}; it runs with it from its next start on.");
        });
        return command;
    }

    private static Command Heads()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var count = new Option<int>("--count") { Description = "How many, newest first.", DefaultValueFactory = _ => 1 };
        var json = CliShared.AsJson();
        var command = new Command(
            "heads",
            "Where the unit's audit chain ended, as it told the centre: for audit-verifier --head. "
            + "Example: command-centre units heads --data /var/lib/centre --unit PB-0001")
        { data, unit, count, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var heads = new EventTable(centre.Database, centre.Sealing).NewestOf(parsed.GetValue(unit)!, "audit_head", Math.Clamp(parsed.GetValue(count), 1, 10_000))
                .Reverse().Select(stored => (stored.ReceivedAtUnixMs, Head: stored.Event.AuditHead))
                .Select(told => new { told.ReceivedAtUnixMs, told.Head.Sequence, head = $"{told.Head.Sequence}:{Convert.ToHexStringLower(told.Head.HeadSha256.Span)}" }).ToList();
            if (heads.Count == 0)
                throw new CentreException($"Unit '{parsed.GetValue(unit)}' has told no head of its audit chain.");
            if (parsed.GetValue(json))
                CliShared.Print(new { heads });
            else
                heads.ForEach(told => Console.Out.WriteLine(told.head));
        });
        return command;
    }

    private static Command Revoke()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why; shown and kept.", Required = true };
        var command = new Command(
            "revoke",
            "Ends a unit's rights for good; a running session ends at once. "
            + "Example: command-centre units revoke --data /var/lib/centre --unit PB-0001 --reason \"box stolen\"")
        { data, unit, reason };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (unitId, why, now) = (parsed.GetValue(unit)!, parsed.GetValue(reason)!, OpenCentre.Now);
            _ = centre.Database.Write(transaction =>
            {
                UnitTable.Revoke(transaction, unitId, why, now);
                ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
                AuditTable.Add(transaction, new AuditRow("command-line", "unit_revoked", unitId, why), now);
                return 0;
            });
            Console.Out.WriteLine($"{unitId} is revoked.");
        });
        return command;
    }
}
