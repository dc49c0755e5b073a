using System.CommandLine;
using EdgeAgent.Edgectl;

var root = new RootCommand(
    """
    For technicians at a car's box: makes it known to a centre and looks at what it holds.

    Examples:
      edgectl provision --centre https://centre.example:8443 --code ABCD-EFGH.0123… --data /var/lib/edge-agent
      edgectl identity --data /var/lib/edge-agent
      edgectl outbox --data /var/lib/edge-agent --json

    Exit codes: 0 done, 1 could not be done (one sentence on standard error), 2 the command line is wrong, 130 interrupted.
    """)
{
    ProvisionCommand.Create(),
    IdentityCommand.Create(),
    OutboxCommand.Create(),
};
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? Cli.WrongCommandLine : exitCode;
