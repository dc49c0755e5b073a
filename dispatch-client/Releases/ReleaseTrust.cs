using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>Whose releases this box takes, and for what.</summary>
/// <param name="Roots">Roots of releasers; never those of devices or lists.</param>
/// <param name="Product">What the box runs.</param>
/// <param name="Architecture">As Debian names it.</param>
public sealed record ReleaseTrust(IReadOnlyCollection<X509Certificate2> Roots, string Product, string Architecture)
{
    public const string Agent = "edge-agent";

    public static string ThisArchitecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>The agent's releases for this machine, by the roots of a PEM file.</summary>
    /// <exception cref="ReleaseException">no_release_roots.</exception>
    public static ReleaseTrust OfAgent(string rootsFile)
    {
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(rootsFile);
            return roots.Count > 0
                ? new ReleaseTrust([.. roots], Agent, ThisArchitecture)
                : throw new ReleaseException(ReleaseCodes.NoRoots, $"{rootsFile} holds no certificate: put the release root there (PEM).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ReleaseException(ReleaseCodes.NoRoots, $"{rootsFile} cannot be read ({e.Message}): without the release root (PEM) no bundle can be believed.", e);
        }
    }
}

/// <summary>How far a step is.</summary>
/// <param name="Step">verify, write or check.</param>
/// <param name="DoneBytes">So many.</param>
/// <param name="TotalBytes">Of these.</param>
public sealed record ReleaseProgress(string Step, long DoneBytes, long TotalBytes);
