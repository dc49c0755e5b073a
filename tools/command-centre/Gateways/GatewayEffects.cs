using EdgeAgent.CommandCentre.LiveViews;
using EdgeAgent.CommandCentre.Sessions;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Gateways;

/// <summary>What another gateway did, and what it means to the cars and consoles of this one.</summary>
internal sealed class GatewayEffects(
    Gateway gateway, CentreDatabase database, SessionRegistry sessions, EventTable events, EventIntake intake, LiveLeases leases)
{
    public async Task OfAsync(IReadOnlyList<(long Seq, string Kind, string Subject)> changes)
    {
        if (!gateway.IsShared)
            return;
        foreach (var (_, kind, subject) in changes)
        {
            switch (kind)
            {
                case ChangeKind.Sessions:
                    Reconcile(subject);
                    break;
                case ChangeKind.Events when Foreign(subject) is { } told && Guid.TryParse(told, out var id):
                    if (events.Find(id) is { } stored)
                        intake.CameElsewhere(stored);
                    break;
                case ChangeKind.Leases when Guid.TryParse(subject, out var lease):
                    await leases.ReadAgainAsync(lease);
                    break;
                case ChangeKind.Answers when Foreign(subject) is { } answer:
                    Answered(answer);
                    break;
                default:
                    // Of the command line, or not for gateways.
                    break;
            }
        }
    }

    /// <summary>How this gateway begins the subject of a note that is for the others.</summary>
    public static string Mark(Gateway by, string subject) => $"{by.Id} {subject}";

    /// <summary>A car's answer as the subject of a note.</summary>
    public static string Answer(Gateway by, string unitId, CommandAck ack) =>
        Mark(by, $"{unitId} {Convert.ToHexString(ack.CommandId.Span)} {ack.Outcome} {(ack.Code.Length <= 40 && !ack.Code.Any(char.IsControl) ? ack.Code : "")}");

    private string? Foreign(string subject) =>
        subject.Split(' ', 2) is [var by, var rest] && by != gateway.Id ? rest : null;

    /// <summary>The newest session of a unit is the one whose row is in the table; any other one of ours is over.</summary>
    private void Reconcile(string unitId)
    {
        if (sessions.Find(unitId) is not { } own)
            return;
        var newest = database.Read(c => GatewayTable.SessionOf(c, unitId));
        if (newest is null || !newest.AsSpan().SequenceEqual(own.SessionId))
            own.Close("replaced", "A newer session of this unit has begun.");
    }

    private void Answered(string answer)
    {
        if (answer.Split(' ', 4) is [var unitId, var id, var outcome, var code] && Enum.TryParse<CommandOutcome>(outcome, out var known))
            leases.Answered(unitId, new CommandAck { CommandId = ByteString.CopyFrom(Convert.FromHexString(id)), Outcome = known, Code = code });
    }
}
