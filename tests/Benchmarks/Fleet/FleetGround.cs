using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeAgent.Benchmarks.Servers;
using EdgeAgent.CommandCentre.Cli;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Identity;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;

namespace EdgeAgent.Benchmarks.Fleet;

/// <summary>What one simulated car is given: its certificate of the centre's device CA, and the key to it.</summary>
internal sealed record FleetCar(string UnitId, byte[] Key, byte[] Certificate);

/// <summary>A centre's data folder with a city's cars enrolled in it, and one dispatcher.</summary>
internal static class FleetGround
{
    public const string Account = "bench";

    /// <param name="postgres">A connection string; null: SQLite.</param>
    /// <returns>The file with the cars' keys.</returns>
    public static async Task<string> MakeAsync(string folder, int cars, string password, string? postgres)
    {
        string data = DataOf(folder);
        var place = new DataFolder(data);
        _ = CentreKeys.Create(place, TimeProvider.System);
        if (postgres is not null)
        {
            string told = Path.Combine(folder, "postgres");
            PrivateFiles.Write(told, System.Text.Encoding.UTF8.GetBytes(postgres));
            DatabaseChoice.Keep(place, told);
        }
        CentreDatabase.Of(place).Checkpoint();
        using var centre = new OpenCentre(data);
        using var authority = DeviceAuthority.Load(place, TimeProvider.System);
        FleetCar[] made = [.. Enumerable.Range(1, cars).Select(n => NewCar(authority, $"PB-{n:0000}"))];
        long now = OpenCentre.Now;
        _ = centre.Database.Write(transaction =>
        {
            foreach (FleetCar car in made)
            {
                using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(car.Certificate);
                UnitTable.Register(transaction, car.UnitId, $"Car {car.UnitId}", now);
                _ = Dapper.SqlMapper.Execute(transaction.Connection!, "UPDATE units SET enrolled_at = @now WHERE unit_id = @UnitId", new { now, car.UnitId }, transaction);
                UnitTable.AddCertificate(transaction, car.UnitId, car.Certificate, Envelopes.KeyId(certificate), now, now + 86_400_000, replacesOthers: true);
            }
            AccountTable.Put(transaction, Account, "dispatcher", "", ConsoleAccess.HashPassword(Account, password), now);
            return 0;
        });
        centre.Database.Checkpoint();
        string file = Path.Combine(folder, "cars.json");
        PrivateFiles.Write(file, JsonSerializer.SerializeToUtf8Bytes(made));
        return await Task.FromResult(file);
    }

    public static string DataOf(string folder) => Path.Combine(folder, "centre");

    /// <summary>The ids of all decided alerts that are in the database, one for each row.</summary>
    public static IReadOnlyList<string> StoredAlerts(string folder)
    {
        using var centre = new OpenCentre(DataOf(folder));
        return centre.Database.Read(c => Dapper.SqlMapper.Query<byte[]>(c, "SELECT event_id FROM events WHERE kind = 'alert_decided'").Select(id => Uuid7.ToGuid(id).ToString()).ToList());
    }

    private static FleetCar NewCar(DeviceAuthority authority, string unitId)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] request = new CertificateRequest("CN=car", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        using X509Certificate2 certificate = authority.IssueUnit(unitId, request);
        return new FleetCar(unitId, key.ExportPkcs8PrivateKey(), certificate.RawData);
    }
}
