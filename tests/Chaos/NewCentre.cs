using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.Chaos;

/// <summary>A centre's data folder with one car expected.</summary>
internal static class NewCentre
{
    /// <returns>The code to enrol the car with, the centre's fingerprint in it.</returns>
    public static string Make(string data, string unit, TimeProvider time)
    {
        var folder = new DataFolder(data);
        _ = CentreKeys.Create(folder, time);
        _ = CentreDatabase.Open(folder.Database);
        using var centre = new OpenCentre(data);
        string code = EnrolCommand.Offer(centre, unit, "Car 1", TimeSpan.FromHours(1), time);
        centre.Database.Checkpoint();
        return code;
    }
}
