using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAgent.CommandCentre.Storage;
using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>
/// The key files of a data folder. Each purpose has its own: what signs devices cannot sign lists, and the other way round. The
/// list root, issuer and approvers are here for the bench; in a city they are with the people whom they name, and the signed
/// envelopes come in through 'lists import'.
/// </summary>
internal static class CentreKeys
{
    public const string StorageKeyFile = "storage.key";
    public const string DeviceCa = "device-ca";
    public const string Server = "server";
    public const string CentreSigner = "centre-signer";
    public const string ListRoot = "list-root";
    public const string ListIssuer = "list-issuer";

    /// <summary>File names of the approvers' keys and the persons of the bench who hold them.</summary>
    public static readonly IReadOnlyList<(string File, string Person)> Approvers =
        [("list-approver-1", "Approver One (bench)"), ("list-approver-2", "Approver Two (bench)")];

    private static readonly TimeSpan RootLife = TimeSpan.FromDays(365 * 20);
    private static readonly TimeSpan SignerLife = TimeSpan.FromDays(365 * 5);

    /// <summary>Makes what is missing and leaves the rest alone.</summary>
    /// <returns>Names of the files that were made.</returns>
    public static IReadOnlyList<string> Create(DataFolder folder, TimeProvider time)
    {
        PrivateFiles.CreateFolder(folder.Path);
        PrivateFiles.CreateFolder(folder.Keys);
        PrivateFiles.CreateFolder(folder.Evidence);
        var made = new List<string>();
        var now = time.GetUtcNow();
        var storageKey = folder.KeyFile(StorageKeyFile);
        if (!File.Exists(storageKey))
        {
            // A new key over an old database would make everything in it unreadable without a word.
            if (File.Exists(folder.Database) || DatabaseChoice.Postgres(folder) is not null && KeyPair.Exists(folder, DeviceCa))
                throw new CentreException($"{storageKey} is missing beside a database that was sealed with it. Restore it from your backup.");
            PrivateFiles.Write(storageKey, Encoding.ASCII.GetBytes(Convert.ToBase64String(Sealing.NewKey()) + "\n"));
            made.Add(StorageKeyFile);
        }

        void Ensure(string name, Func<X509Certificate2> create)
        {
            if (KeyPair.Exists(folder, name))
                return;
            using var certificate = create();
            KeyPair.Save(folder, name, certificate);
            made.Add(name);
        }

        Ensure(DeviceCa, () => DeviceAuthority.CreateRoot("Patrol device CA", now, now + RootLife));
        Ensure(CentreSigner, () => SelfSigned("Patrol centre signer", now, now + SignerLife));
        Ensure(ListRoot, () => ListCertificates.CreateRoot("Patrol list root", now, now + RootLife));
        using var root = KeyPair.Load(folder, ListRoot);
        var categories = Enum.GetValues<ListCategory>().Where(category => category != ListCategory.Unspecified).ToList();
        Ensure(ListIssuer, () => ListCertificates.CreateIssuer(root, "List issuer (bench)", categories, now, now + SignerLife));
        foreach (var (file, person) in Approvers)
            Ensure(file, () => ListCertificates.CreateApprover(root, person, now, now + SignerLife));
        return made;
    }

    /// <exception cref="CentreException">The file is missing or holds no key.</exception>
    public static Sealing LoadSealing(DataFolder folder)
    {
        var path = folder.KeyFile(StorageKeyFile);
        try
        {
            return new Sealing(Convert.FromBase64String(File.ReadAllText(path).Trim()));
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or UnauthorizedAccessException)
        {
            throw new CentreException($"{path} cannot be read as a storage key ({e.Message}). Restore it from your backup.", e);
        }
    }

    private static X509Certificate2 SelfSigned(string name, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        return request.CreateSelfSigned(from - TimeSpan.FromHours(1), to);
    }
}
