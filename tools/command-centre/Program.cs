using System.CommandLine;
using EdgeAgent.CommandCentre.Cli;

var root = new RootCommand(
    """
    The command centre: cars connect to it, people watch and decide at its page.

    Examples:
      command-centre init --data /var/lib/centre
      command-centre serve --data /var/lib/centre --grpc 0.0.0.0:8443 --host centre.example --http 127.0.0.1:8090
      command-centre enrol --data /var/lib/centre --unit PB-0001 --label "Beat 1"

    Exit codes: 0 done, 1 refused (the reason is on standard error), 130 interrupted.
    """)
{
    InitCommand.Create(),
    ServeCommand.Create(),
    EnrolCommand.Create(),
    UnitsCommand.Create(),
    OfficersCommand.Create(),
    AccountsCommand.Create(),
    ListsCommand.Create(),
    EntriesCommand.Alarms(),
    ReleasesCommand.Create(),
    ReferenceCommand.Create(),
    RegistryCommand.Create(),
    PlacesCommand.Create(),
    LookUpsCommand.Create(),
    RetentionCommand.Create(),
    PatrolCommand.Create(),
    RoadsCommand.Create(),
    EvidenceCommand.Create(),
    EventsCommand.Create(),
    RequestsCommand.Create(),
    ReportCommand.Create(),
    NoticeCommand.Create(),
    BackupCommand.Backup(),
    BackupCommand.Restore(),
};
// Long enough to end sessions and drain the writer.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
