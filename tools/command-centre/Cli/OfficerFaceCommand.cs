using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Lists;
using EdgeAgent.CommandCentre.Storage;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

/// <summary>`officers face` and `officers face-withdraw`: what the administration page does, for whoever sits at the machine.</summary>
internal static class OfficerFaceCommand
{
    public static Command Enrol()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit.", Required = true };
        var officer = new Option<string>("--officer") { Description = "The officer's number.", Required = true };
        var pictures = new Option<string[]>("--picture") { Description = $"A JPEG of the officer, {OfficerFaces.FewestPictures} to {OfficerFaces.MostPictures} times, each taken anew.", Required = true };
        var consent = new Option<bool>("--consent") { Description = "The officer agrees, in person; this is written down." };
        var json = CliShared.AsJson();
        var command = new Command(
            "face",
            "Enrols an officer's face for sign-in and sends the signed roster; the pictures are looked at once and not kept. "
            + "Example: command-centre officers face --data /var/lib/centre --unit PB-0001 --officer 010001 --picture a.jpg --picture b.jpg --picture c.jpg --consent")
        { data, unit, officer, pictures, consent, json };
        command.Does(parsed =>
        {
            if (!parsed.GetValue(consent))
                throw new CentreException("A face is enrolled with the officer's consent only: ask them, and say so with --consent.");
            var faces = OfficerFaces.Enrol([.. parsed.GetValue(pictures)!.Select(Read)]);
            var (unitId, officerId) = (parsed.GetValue(unit)!, parsed.GetValue(officer)!);
            var version = With(parsed.GetValue(data)!, (centre, enrolment) => centre.Database.Write(transaction =>
            {
                _ = UnitTable.Require(transaction, unitId);
                return enrolment.Enrol(transaction, unitId, officerId, faces, "command-line");
            }));
            if (version == 0)
                throw new CentreException($"{officerId} is not on the roster of {unitId}.");
            if (parsed.GetValue(json))
                CliShared.Print(new { unitId, officerId, faces = faces.Count, rosterVersion = version });
            else
                Console.Out.WriteLine($"{faces.Count} faces of {officerId}: roster {version} of {unitId} is signed and on its way.");
        });
        return command;
    }

    public static Command Withdraw()
    {
        var data = CliShared.Data();
        var officer = new Option<string>("--officer") { Description = "The officer's number.", Required = true };
        var json = CliShared.AsJson();
        var command = new Command(
            "face-withdraw",
            "The officer's consent is withdrawn: their face goes out of every car's roster. Example: command-centre officers face-withdraw --data /var/lib/centre --officer 010001")
        { data, officer, json };
        command.Does(parsed =>
        {
            var officerId = parsed.GetValue(officer)!;
            var cars = With(parsed.GetValue(data)!, (centre, enrolment) => centre.Database.Write(transaction => enrolment.Withdraw(transaction, officerId, "command-line")));
            if (cars == 0)
                throw new CentreException($"No car has a face of {officerId}.");
            if (parsed.GetValue(json))
                CliShared.Print(new { officerId, cars });
            else
                Console.Out.WriteLine($"The face of {officerId} is out of {cars} rosters, which are signed and on their way.");
        });
        return command;
    }

    private static T With<T>(string data, Func<OpenCentre, FaceEnrolment, T> work)
    {
        using var centre = new OpenCentre(data);
        using var signer = CentreSigner.Load(centre.Folder);
        var officers = new OfficerTable(centre.Sealing);
        return work(centre, new FaceEnrolment(officers, new RosterIssuing(signer, officers, centre.Commands, OpenCentre.Time), OpenCentre.Time));
    }

    private static byte[] Read(string file)
    {
        var length = new FileInfo(file) is { Exists: true } info ? info.Length : throw new CentreException($"{file} does not exist.");
        return length <= OfficerFaces.MostPictureBytes ? File.ReadAllBytes(file) : throw new CentreException($"{file} has more than 2 MB.");
    }
}
