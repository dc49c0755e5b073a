using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Retention;
using EdgeAgent.CommandCentre.Storage;
using Google.Protobuf;
using Patrol.Dispatch.V1;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class RetentionCommand
{
    public static Command Create() => new("retention", "How long what is kept, and what is held beyond that.") { Set(), Show(), Hold("hold", true), Hold("release", false) };

    private static Command Set()
    {
        var data = CliShared.Data();
        var file = new Option<string>("--file") { Description = "The policy as JSON, every clock in it; 'retention show' prints one to start from.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "set",
            "Signs the region's retention policy and sends it to every unit; in force at once, here and there. "
            + "Example: command-centre retention set --data /var/lib/centre --file retention.json")
        { data, file, json };
        command.Does(parsed =>
        {
            RetentionPolicy asked;
            try
            {
                asked = JsonParser.Default.Parse<RetentionPolicy>(File.ReadAllText(parsed.GetValue(file)!));
            }
            catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException)
            {
                throw new CentreException($"{parsed.GetValue(file)} is no retention policy: {e.Message}", e);
            }
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            using var signer = CentreSigner.Load(centre.Folder);
            var issuing = new RetentionIssuing(signer, centre.Commands, OpenCentre.Time);
            var policy = centre.Database.Write(transaction => issuing.Issue(transaction, asked, "command-line"));
            if (parsed.GetValue(json))
                CliShared.Print(new { policy.Version });
            else
                Console.Out.WriteLine($"Retention policy version {policy.Version} of {policy.Region} is signed and on its way to the units.");
        });
        return command;
    }

    private static Command Show()
    {
        var data = CliShared.Data();
        var json = CliShared.AsJson();
        var command = new Command(
            "show",
            "Prints the policy in force as JSON, and what is on hold. "
            + "Example: command-centre retention show --data /var/lib/centre > retention.json") { data, json };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var policy = centre.Database.Read(c => RetentionIssuing.Current(c));
            Console.Out.WriteLine(new JsonFormatter(JsonFormatter.Settings.Default.WithIndentation(parsed.GetValue(json) ? null : "  ")).Format(policy));
            foreach (var (eventId, by, reason, at) in centre.Database.Read(Holds.All))
                Console.Error.WriteLine($"on hold since {DateTimeOffset.FromUnixTimeMilliseconds(at):u}: {eventId} by {by}: {reason}");
        });
        return command;
    }

    private static Command Hold(string name, bool hold)
    {
        var data = CliShared.Data();
        var happened = new Option<Guid>("--event") { Description = "Id of the decision or of the call, as the console shows it; its video, or its recording, is meant as well.", Required = true };
        var by = new Option<string>("--by") { Description = "Who decides this.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why; shown and kept.", Required = true };
        var command = new Command(
            name,
            hold
                ? "Keeps a confirmed alert and its video, or a call and its recording, beyond their clocks. Example: command-centre retention hold --data /var/lib/centre --event 0198… --by li --reason \"case 17\""
                : "Ends a hold; what is past its clock goes with the next sweep. Example: command-centre retention release --data /var/lib/centre --event 0198… --by li --reason \"case 17 closed\"")
        { data, happened, by, reason };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var person = CliShared.RequireId(parsed.GetValue(by)!, "a person's account");
            _ = centre.Database.Write(transaction =>
            {
                new Holds(centre.Commands, OpenCentre.Time).Set(transaction, parsed.GetValue(happened), hold, parsed.GetValue(reason)!, person);
                return 0;
            });
            Console.Out.WriteLine($"{parsed.GetValue(happened)} is {(hold ? "on hold" : "on hold no longer")}.");
        });
        return command;
    }
}
