using System.CommandLine;
using EdgeAgent.DispatchClient.Identity;

namespace EdgeAgent.Edgectl;

internal static class IdentityCommand
{
    public static Command Create()
    {
        var data = Cli.Data();
        var json = Cli.AsJson();
        var command = new Command(
            "identity",
            """
            Shows which unit this box is, for which centre, and until when its certificate holds, and where its key lies. Shows no key.

            Example: edgectl identity --data /var/lib/edge-agent
            Exit codes: 0 shown, 1 there is none or it cannot be read (codes no_identity, identity_unreadable, identity_mixed,
            tpm_unavailable, tpm_key_missing) or its certificate has ended, 2 wrong command line.
            """)
        { data, json };
        command.Does(json, (parsed, _) =>
        {
            using var identity = UnitIdentity.Load(Cli.IdentityIn(parsed.GetValue(data)!));
            var ends = new DateTimeOffset(identity.Certificate.NotAfter.ToUniversalTime());
            var ended = ends < TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(json))
            {
                Cli.Print(new
                {
                    unitId = identity.UnitId,
                    centre = identity.Centre,
                    certificateEndsUnixMs = ends.ToUnixTimeMilliseconds(),
                    certificateEnded = ended,
                    key = identity.KeyInTpm is null ? "file" : "tpm",
                    tpm = identity.KeyInTpm,
                    deviceRoots = identity.DeviceRoots.Count,
                    listRoots = identity.ListRoots.Count,
                    centreSigners = identity.CentreSigners.Count,
                });
            }
            else
            {
                Console.Out.WriteLine(
                    $"Unit {identity.UnitId} of {identity.Centre}; certificate {(ended ? "ended" : "ends")} on {ends:yyyy-MM-dd}; "
                    + (identity.KeyInTpm is { } place ? $"its key lies in the TPM ({place.Tcti}, {place.Handle})." : "its key lies in a file, readable by its owner alone."));
            }
            return Task.FromResult(ended ? Cli.Failed : Cli.Done);
        });
        return command;
    }
}
