using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.CommandCentre.Exhibits;
using EdgeAgent.CommandCentre.Storage;
using Command = System.CommandLine.Command;

namespace EdgeAgent.CommandCentre.Cli;

internal static class EvidenceCommand
{
    public static Command Create() => new("evidence", "Evidence that was exported.") { Verify() };

    private static Command Verify()
    {
        var file = new Option<string>("--file") { Description = "The package.", Required = true };
        var certificate = new Option<string>("--certificate") { Description = "The centre's certificate (PEM), got from the centre and not from the package.", Required = true };
        var command = new Command(
            "verify",
            "Whether a package is what the centre exported: its signature and every file. Needs no data folder. "
            + "Example: command-centre evidence verify --file 0198….zip --certificate centre.pem")
        { file, certificate };
        command.Does(parsed =>
        {
            using var centre = Load(parsed.GetValue(certificate)!);
            using var package = File.OpenRead(parsed.GetValue(file)!);
            if (PackageCheck.Problems(package, centre) is { Count: > 0 } problems)
                throw new CentreException(string.Join('\n', problems));
            Console.Out.WriteLine("The package is whole, and the centre signed it.");
        });
        return command;
    }

    private static X509Certificate2 Load(string path)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(path));
        }
        catch (CryptographicException e)
        {
            throw new CentreException($"{path} holds no certificate.", e);
        }
    }
}
