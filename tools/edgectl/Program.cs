using System.CommandLine;
using EdgeAgent.Edgectl;
using EdgeAgent.Edgectl.Acceptance;
using EdgeAgent.Edgectl.Aim;
using EdgeAgent.Edgectl.Cameras;
using EdgeAgent.Edgectl.Difference;
using EdgeAgent.Edgectl.Flash;
using EdgeAgent.Edgectl.Gnss;
using EdgeAgent.Edgectl.Logs;
using EdgeAgent.Edgectl.Ptz;
using EdgeAgent.Edgectl.Support;

var root = new RootCommand(
    """
    For technicians at a car's box: makes it known to a centre, looks at what it holds, and puts new versions of the agent on it.

    Examples:
      edgectl provision --centre https://centre.example:8443 --code ABCD-EFGH.0123… --data /var/lib/edge-agent
      edgectl identity --data /var/lib/edge-agent
      edgectl outbox --data /var/lib/edge-agent --json
      edgectl cameras probe --user admin --password-stdin
      edgectl aim cam1 --listen 0.0.0.0:8091
      edgectl update --bundle edge-agent_1.4.0_amd64.bundle
      edgectl app status
      edgectl accept --technician "Li Na"
      edgectl doctor
      edgectl config check
      edgectl logs --level warning --since 2h
      edgectl support-bundle --data /var/lib/edge-agent --out support.tar.gz

    Exit codes: 0 done, 1 could not be done (one sentence on standard error), 2 the command line is wrong, 130 interrupted.
    """)
{
    ProvisionCommand.Create(),
    IdentityCommand.Create(),
    OutboxCommand.Create(),
    CamerasCommand.Create(),
    AimCommand.Create(),
    GnssCommand.Create(),
    PtzCommand.Create(),
    UpdateCommand.Create(),
    UpdateCommand.CreateRollback(),
    AppCommand.Create(),
    ReleaseCommand.Create(),
    AcceptCommand.Create(),
    AcceptCommand.CreateDoctor(),
    AcceptCommand.CreateFaults(),
    ConfigCommand.Create(),
    ListsCommand.Create(),
    LogsCommand.Create(),
    SupportBundleCommand.Create(),
    WhyDifferentCommand.Create(),
    SwapCommand.Create(),
    WipeCommand.Create(),
    DecommissionCommand.Create(),
    FlashCommand.Create(),
};
var parsed = root.Parse(args);
// Who starts the agent waits for its end when asked to end itself.
var patience = parsed.CommandResult.Command.Name == AppCommand.Start ? AppCommand.StopPatience : new InvocationConfiguration().ProcessTerminationTimeout;
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = patience });
return parsed.Errors.Count > 0 ? Cli.WrongCommandLine : exitCode;
