using System.CommandLine;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class EnrolCommand
{
    private const int MostHours = 24 * 30;

    public static Command Create()
    {
        var data = CliShared.Data();
        var unit = new Option<string>("--unit") { Description = "Id of the unit, e.g. PB-0001.", Required = true };
        var label = new Option<string>("--label") { Description = "Its name for people.", Required = true };
        var district = new Option<string>("--district") { Description = "Whose unit it is; left out: of the whole city.", DefaultValueFactory = _ => "" };
        var police = new Option<string>("--police-type") { Description = string.Join(", ", UnitTable.PoliceTypes), DefaultValueFactory = _ => UnitTable.PoliceTypes[0] };
        _ = police.AcceptOnlyFromAmong([.. UnitTable.PoliceTypes]);
        var hours = new Option<int>("--valid-hours") { Description = "How long the code is good, 1 to 720.", DefaultValueFactory = _ => 24 };
        var command = new Command(
            "enrol",
            "Prints a code, good once, by which a box becomes this unit. A box that the unit had before loses its right. "
            + "Example: command-centre enrol --data /var/lib/centre --unit PB-0001 --label \"Beat 1\"")
        { data, unit, label, district, police, hours };
        command.Does(parsed =>
        {
            var valid = parsed.GetValue(hours) is >= 1 and <= MostHours and var wanted
                ? TimeSpan.FromHours(wanted)
                : throw new CentreException($"--valid-hours is 1 to {MostHours}.");
            var unitId = CliShared.RequireId(parsed.GetValue(unit)!, "the id of a unit");
            var name = parsed.GetValue(label)!.Trim();
            if (name.Length is 0 or > 64)
                throw new CentreException("--label has 1 to 64 characters.");
            var of = CliShared.District(parsed.GetValue(district));
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var now = OpenCentre.Now;
            var code = Offer(centre, unitId, name, valid, OpenCentre.Time);
            _ = centre.Database.Write(transaction =>
            {
                UnitTable.Place(transaction, unitId, of, parsed.GetValue(police)!);
                ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
                return 0;
            });
            CliShared.Print(new { code, unitId, endsAtUnixMs = now + (long)valid.TotalMilliseconds });
        });
        return command;
    }

    /// <summary>Registers the unit where it is new.</summary>
    /// <returns>The code to enrol its box with, the centre's fingerprint in it.</returns>
    /// <exception cref="CentreException">The unit was revoked.</exception>
    public static string Offer(OpenCentre centre, string unitId, string name, TimeSpan valid, TimeProvider time)
    {
        using var authority = DeviceAuthority.Load(centre.Folder, time);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var code = centre.Database.Write(transaction =>
        {
            UnitTable.Register(transaction, unitId, name, now);
            _ = UnitTable.Require(transaction, unitId);
            EntryRevocations.SendAll(transaction, centre.Commands, unitId, time);
            ChangeTable.Note(transaction, ChangeKind.Units, unitId, now);
            AuditTable.Add(transaction, new AuditRow("command-line", "enrolment_code", unitId, ""), now);
            return EnrolmentCodes.Create(transaction, unitId, valid, now);
        });
        return $"{code}.{authority.FingerprintHex}";
    }
}
