using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>A certificate (NAME.pem) and its key (NAME.key, PKCS#8), both readable by the centre's account alone.</summary>
internal static class KeyPair
{
    public static bool Exists(DataFolder folder, string name) => File.Exists(folder.KeyFile(name + ".pem")) && File.Exists(folder.KeyFile(name + ".key"));

    public static void Save(DataFolder folder, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("A certificate without its key.", nameof(certificate));
        // The key first: a certificate without a key counts as absent, and both are made again.
        PrivateFiles.Write(folder.KeyFile(name + ".key"), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        PrivateFiles.Write(folder.KeyFile(name + ".pem"), Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }

    /// <exception cref="CentreException">A file is missing, unreadable, or the two do not belong together.</exception>
    public static X509Certificate2 Load(DataFolder folder, string name)
    {
        var path = folder.KeyFile(name + ".pem");
        try
        {
            return X509Certificate2.CreateFromPemFile(path, folder.KeyFile(name + ".key"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CentreException($"{path} and its .key cannot be read ({e.Message}). Restore them from your backup of {folder.Keys}.", e);
        }
    }
}
