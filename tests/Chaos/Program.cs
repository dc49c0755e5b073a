using System.CommandLine;
using EdgeAgent.Chaos;
using EdgeAgent.Chaos.Accept;
using EdgeAgent.Chaos.Canary;
using EdgeAgent.Chaos.Disk;
using EdgeAgent.Chaos.Link;
using EdgeAgent.Chaos.Login;
using EdgeAgent.Chaos.Power;
using EdgeAgent.Chaos.Records;
using EdgeAgent.Chaos.Restart;
using EdgeAgent.Chaos.Sitter;
using EdgeAgent.Chaos.Update;

var root = new RootCommand("Faults on purpose. Progress goes to standard error; the last line of standard output is one JSON object; exit code 1 when something was lost.")
{
    LinkCommand.Create(),
    LinkCommand.CreateOffline(),
    PowerCommand.Create(),
    PowerCommand.CreateWriter(),
    DiskCommand.Create(),
    RecordsCommand.CreateAudit(),
    RecordsCommand.CreateClock(),
    RecordsCommand.CreateAlerts(),
    CanaryCommand.Create(),
    CanaryCommand.CreateHolder(),
    LoginCommand.Create(),
    SitterCommand.Create(),
    SitterCommand.CreateLogin(),
    ShiftCommand.Create(),
    AcceptCommand.Create(),
    RestartCommand.Create(),
    UpdateCommand.Create(),
    UpdateCommand.CreateCareless(),
    DiskCar.Create(),
    CarPart.Create(),
    CentrePart.Create(),
};
ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
    return Verdict.Refuse(string.Join(" ", result.Errors.Select(e => e.Message)));
// The ends of a link take SIGTERM as "end the load", and as long as it takes to deliver.
bool isEnd = result.CommandResult.Command.Name is CarPart.Name or CentrePart.Name;
return await result.InvokeAsync(isEnd ? new InvocationConfiguration { ProcessTerminationTimeout = null } : new InvocationConfiguration());
