using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeAgent.DispatchClient.Identity;
using EdgeAgent.Edgectl.Box;

namespace EdgeAgent.Edgectl;

internal static class ProvisionCommand
{
    public static Command Create()
    {
        var centre = new Option<Uri>("--centre")
        {
            Description = "The centre's address, https://host:port.",
            Required = true,
            CustomParser = ParseAddress,
        };
        var code = new Option<string>("--code") { Description = "CODE.FINGERPRINT as the centre's 'enrol' printed it; good once.", Required = true };
        var data = Cli.Data();
        var serial = new Option<string>("--serial") { Description = "The box's serial number, for the centre's books.", DefaultValueFactory = _ => "" };
        var force = new Option<bool>("--force") { Description = "Replace an identity that is there; the old one is kept beside it." };
        var place = new Option<KeyPlace>("--key") { Description = "Where the unit's key is born and stays: auto takes the TPM where there is one, else a file." };
        var tcti = new Option<string?>("--tpm-tcti") { Description = $"The way to the TPM as tpm2-tss writes it; without it device:{Tpm.DeviceFile}." };
        var json = Cli.AsJson();
        var command = new Command(
            "provision",
            """
            Makes the unit's key in this box, has the centre certify it, and writes DATA/identity, all of it or nothing.

            Example: edgectl provision --centre https://centre.example:8443 --code ABCD-EFGH.0123… --data /var/lib/edge-agent
            Exit codes: 0 enrolled, 1 not enrolled, nothing changed (with --json: {"error":CODE,"message":…}; codes identity_exists,
            bad_code, wrong_fingerprint, refused, unreachable, bad_reply, tpm_unavailable), 2 wrong command line.
            """)
        { centre, code, data, serial, force, place, tcti, json };
        command.Does(json, async (parsed, stop) =>
        {
            Owner.Become(parsed.GetValue(data)!);
            var directory = Cli.IdentityIn(parsed.GetValue(data)!);
            var options = new EnrolmentOptions
            {
                Force = parsed.GetValue(force),
                SerialNumber = parsed.GetValue(serial)!,
                Tpm = Choose(parsed.GetValue(place), parsed.GetValue(tcti)),
            };
            var unitId = await Enrolment.EnrolAsync(
                parsed.GetValue(centre)!, parsed.GetValue(code)!, directory, options, TimeProvider.System, stop);
            if (parsed.GetValue(json))
                Cli.Print(new { unitId, identity = Path.GetFullPath(directory) });
            else
                Console.Out.WriteLine($"This box is unit {unitId} now; its identity lies in {directory}.");
            return Cli.Done;
        });
        return command;
    }

    private static Tpm? Choose(KeyPlace place, string? tcti)
    {
        var there = tcti is not null || File.Exists(Tpm.DeviceFile);
        if (place is KeyPlace.Tpm || (place == KeyPlace.Auto && there))
            return new Tpm(tcti ?? $"device:{Tpm.DeviceFile}");
        if (place == KeyPlace.Auto)
            Console.Error.WriteLine($"Warning: there is no TPM ({Tpm.DeviceFile}), so the unit's key lies in a file, and who copies this disk is this unit.");
        return null;
    }

    private enum KeyPlace
    {
        Auto,
        Tpm,
        File,
    }

    private static Uri? ParseAddress(ArgumentResult given)
    {
        var text = given.Tokens.SingleOrDefault()?.Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
            return address;
        given.AddError($"--centre is '{text}'; it must be an address such as https://centre.example:8443.");
        return null;
    }
}
