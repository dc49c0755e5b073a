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
        CentreDatabase database = CentreDatabase.Open(folder.Database);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        string once = database.Write(transaction =>
        {
            UnitTable.Register(transaction, unit, "Car 1", now);
            return EnrolmentCodes.Create(transaction, unit, TimeSpan.FromHours(1), now);
        });
        using DeviceAuthority devices = DeviceAuthority.Load(folder, time);
        database.Checkpoint();
        return $"{once}.{devices.FingerprintHex}";
    }
}
