using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Patrolling;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class PatrolCommand
{
    public static Command Create() => new("patrol", "What units are to patrol: beats, must-visit points, must-patrol lines, standing posts.") { Import(), Export(), Show(), End() };

    private static Command Import()
    {
        var (data, json) = (CliShared.Data(), CliShared.AsJson());
        var file = new Option<string>("--file") { Description = "The plan as GeoJSON, as 'patrol export' writes it.", Required = true };
        var by = By();
        var command = new Command(
            "import",
            "Takes a plan, or its next version, and sends its units what they are to patrol. Example: command-centre patrol import --data /var/lib/centre --file night.geojson --by zhao")
        { data, file, by, json };
        command.Does(parsed =>
        {
            var text = File.ReadAllText(parsed.GetValue(file)!);
            Editing(parsed.GetValue(data)!, parsed.GetValue(by)!, (issuing, transaction, editor) =>
            {
                var plan = PlanDocument.Read(text);
                var (version, units) = issuing.Put(transaction, plan, editor);
                if (parsed.GetValue(json))
                    CliShared.Print(new { planId = plan.Route.PlanId, version, units });
                else
                    Console.Out.WriteLine($"Version {version} of plan {plan.Route.PlanId} is on its way to {units.Count} units.");
            });
        });
        return command;
    }

    private static Command Export()
    {
        var (data, plan) = (CliShared.Data(), Plan());
        var command = new Command("export", "Prints a plan as GeoJSON. Example: command-centre patrol export --data /var/lib/centre --plan night > night.geojson") { data, plan };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var row = centre.Database.Read(c => PatrolTable.Newest(c, null, parsed.GetValue(plan)!));
            Console.Out.WriteLine(row is { Retired: 0 } ? row.Document : throw new CentreException($"There is no plan '{parsed.GetValue(plan)}'. 'patrol show' lists those there are."));
        });
        return command;
    }

    private static Command Show()
    {
        var (data, json) = (CliShared.Data(), CliShared.AsJson());
        var command = new Command("show", "Lists the plans in force. Example: command-centre patrol show --data /var/lib/centre") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            foreach (var row in centre.Database.Read(c => PatrolTable.Current(c)))
            {
                var plan = PlanDocument.Read(row.Document);
                if (parsed.GetValue(json))
                    CliShared.Print(new { row.PlanId, row.Version, plan.Route.Name, row.District, items = plan.Route.Items.Count, plan.Units });
                else
                    Console.Out.WriteLine($"{row.PlanId} v{row.Version} {plan.Route.Name}: {plan.Route.Items.Count} items, units {string.Join(", ", plan.Units)}");
            }
        });
        return command;
    }

    private static Command End()
    {
        var (data, plan, by) = (CliShared.Data(), Plan(), By());
        var command = new Command("end", "Ends a plan; its history stays. Example: command-centre patrol end --data /var/lib/centre --plan night --by zhao") { data, plan, by };
        command.Does(parsed =>
        {
            Editing(parsed.GetValue(data)!, parsed.GetValue(by)!, (issuing, transaction, editor) => issuing.Retire(transaction, parsed.GetValue(plan)!, editor));
            Console.Out.WriteLine($"Plan {parsed.GetValue(plan)} has ended.");
        });
        return command;
    }

    private static Option<string> Plan() => new("--plan") { Description = "The plan's id.", Required = true };

    private static Option<string> By() => new("--by") { Description = "The account of the supervisor or administrator who decides this.", Required = true };

    private static void Editing(string data, string by, Action<PatrolIssuing, System.Data.Common.DbTransaction, PlanEditor> edit)
    {
        using var centre = new OpenCentre(data);
        if (new AccountTable(centre.Database).Find(by) is not { Role: "supervisor" or "admin" } account)
            throw new CentreException($"'{by}' is not the account of a supervisor or administrator.");
        using var signer = CentreSigner.Load(centre.Folder);
        try
        {
            _ = centre.Database.Write(transaction =>
            {
                edit(new PatrolIssuing(signer, centre.Commands, OpenCentre.Time), transaction, new PlanEditor(account.User, account.District));
                return 0;
            });
        }
        catch (PlanFault fault)
        {
            throw new CentreException(Sentence(fault));
        }
    }

    private static string Sentence(PlanFault fault) => fault.Code switch
    {
        "plan_unreadable" => "This is no patrol plan: a GeoJSON FeatureCollection with patrolPlan (id, name, units) and features with id, name and kind is wanted.",
        "plan_too_large" => $"The plan is larger than {PlanDocument.MostBytes >> 10} KiB: make two of it, or draw with fewer corners.",
        "unknown_unit" => $"There is no unit '{fault.ItemId}' that this account may send. 'units list' shows those there are.",
        "unknown_plan" => "There is no plan of this id in force. 'patrol show' lists those there are.",
        "plan_of_other_district" => "This plan belongs to another district.",
        "too_many_plans" => $"There are {PatrolTable.MostPlans} plans already: end one first.",
        _ => $"The plan is refused: {fault.Code}{(fault.ItemId.Length > 0 ? $" at item '{fault.ItemId}'" : "")}.",
    };
}
