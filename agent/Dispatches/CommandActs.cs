using EdgeAgent.Agent.Audit;
using EdgeAgent.Agent.Hosting;
using EdgeAgent.Agent.Live;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Patrolling;
using EdgeAgent.Agent.Releases;
using EdgeAgent.Agent.Retention;
using EdgeAgent.Agent.Watchlists;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Dispatches;

/// <summary>Carries out the commands that act at once. What they change is durable, or over, when this returns.</summary>
internal sealed class CommandActs(WatchlistLibrary lists, ListSync listSync, OfficerDesk officers, LeaseBook leases, PtzDesk ptz, CentreSettings settings, RetentionDesk retention, ReleaseDesk releases, PatrolBook patrol, ClipDesk clips, IEnumerable<ITakesCommands> others, Ledger ledger)
{
    /// <returns>"" when done, else why not.</returns>
    public async Task<string> CarryOutAsync(Command command, CancellationToken stop)
    {
        switch (command.BodyCase)
        {
            case Command.BodyOneofCase.ListsChanged:
                listSync.Wake();
                return "";
            case Command.BodyOneofCase.RevokeList:
                lists.Revoke(command.RevokeList.ListId, command.RevokeList.EntryIds);
                return "";
            case Command.BodyOneofCase.LiveLease:
                return leases.Begin(command.LiveLease);
            case Command.BodyOneofCase.EndLive:
                leases.End(command.EndLive.LeaseId, command.EndLive.Reason);
                return "";
            case Command.BodyOneofCase.Officers:
                return officers.TakeRoster(command.Officers);
            case Command.BodyOneofCase.Configuration:
                return Configure(command.Issuer, command.Configuration);
            case Command.BodyOneofCase.Retention:
                return retention.Take(command.Issuer, command.Retention);
            case Command.BodyOneofCase.Patrol:
                return patrol.Take(command.Issuer, command.Patrol);
            case Command.BodyOneofCase.Hold:
                return retention.Hold(command.Issuer, command.Hold);
            case Command.BodyOneofCase.Release:
                return releases.Take(command.Release);
            case Command.BodyOneofCase.ReleaseRollback:
                return await releases.GoBackAsync(command.Issuer, command.ReleaseRollback, stop);
            case Command.BodyOneofCase.Clip:
                return clips.Ask(command);
            case Command.BodyOneofCase.Ptz:
                return await SteerAsync(command.Issuer, command.Ptz, stop);
            default:
                return others.Select(other => other.Take(command)).FirstOrDefault(code => code is not null) ?? "not_supported";
        }
    }

    private string Configure(string issuer, SignedEnvelope envelope)
    {
        string problem = settings.Take(envelope);
        if (problem.Length == 0)
            ledger.Note(new AuditDraft(AuditKind.Configuration, issuer, "", $"configuration/{settings.Version}", "configuration_taken"));
        return problem;
    }

    private async Task<string> SteerAsync(string issuer, PtzCommand asked, CancellationToken stop)
    {
        if (!leases.Holds(asked.LeaseId, asked.CameraId))
            return "no_lease";
        if (ptz.IsNewHand(asked.CameraId, Convert.ToHexStringLower(asked.LeaseId.Span)))
            ledger.Note(new AuditDraft(AuditKind.Ptz, issuer, "", asked.CameraId, asked.ActCase.ToString()));
        return asked.ActCase switch
        {
            PtzCommand.ActOneofCase.Continuous =>
                await ptz.MoveAsync(asked.CameraId, Of(asked.Continuous), (int)Math.Min(asked.HoldMs, int.MaxValue), stop),
            PtzCommand.ActOneofCase.Absolute => await ptz.GoToAsync(asked.CameraId, Of(asked.Absolute), stop),
            PtzCommand.ActOneofCase.Relative => await ptz.StepAsync(asked.CameraId, Of(asked.Relative), stop),
            PtzCommand.ActOneofCase.GoToPreset => await ptz.GoToPresetAsync(asked.CameraId, asked.GoToPreset, stop),
            PtzCommand.ActOneofCase.Stop => await ptz.StopAsync(asked.CameraId, stop),
            _ => "bad_ptz",
        };
    }

    private static EdgeAgent.Hw.Ptz.PtzVector Of(Patrol.Dispatch.V1.PtzVector v) => new(v.Pan, v.Tilt, v.Zoom);
}
