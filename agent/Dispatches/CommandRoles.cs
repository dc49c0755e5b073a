using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>Who at the centre may give which command. "system" is the centre itself: lists that changed, a new roster.</summary>
internal static class CommandRoles
{
    private static readonly HashSet<string> Dispatching = ["dispatcher", "supervisor"];
    private static readonly HashSet<string> Lists = ["system", "supervisor", "admin"];
    private static readonly HashSet<string> Administration = ["system", "admin"];

    public static bool Allows(Command command) => command.BodyCase switch
    {
        Command.BodyOneofCase.Call or Command.BodyOneofCase.Instruction => Dispatching.Contains(command.IssuerRole) || command.IssuerRole == "system",
        Command.BodyOneofCase.Sos => Dispatching.Contains(command.IssuerRole) || command.IssuerRole == "admin",
        Command.BodyOneofCase.LiveLease or Command.BodyOneofCase.Ptz or Command.BodyOneofCase.Clip => Dispatching.Contains(command.IssuerRole),
        // Ending a view takes nothing from anybody.
        Command.BodyOneofCase.EndLive => Dispatching.Contains(command.IssuerRole) || Administration.Contains(command.IssuerRole),
        Command.BodyOneofCase.ListsChanged or Command.BodyOneofCase.RevokeList => Lists.Contains(command.IssuerRole),
        Command.BodyOneofCase.Configuration or Command.BodyOneofCase.Release or Command.BodyOneofCase.ReleaseRollback or Command.BodyOneofCase.Officers or Command.BodyOneofCase.Retention or Command.BodyOneofCase.Patrol =>
            Administration.Contains(command.IssuerRole),
        // How far the centre is with what this car reported: it changes nothing but what the officers see.
        Command.BodyOneofCase.HazardNews or Command.BodyOneofCase.FieldNews => Dispatching.Contains(command.IssuerRole) || Administration.Contains(command.IssuerRole),
        Command.BodyOneofCase.Decommission => command.IssuerRole == "admin",
        Command.BodyOneofCase.Hold => command.IssuerRole is "supervisor" or "admin",
        _ => false,
    };
}
