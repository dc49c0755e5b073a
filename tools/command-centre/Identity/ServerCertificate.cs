using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.CommandCentre.Identity;

/// <summary>The server's own certificate: renewed before it ends, and when it is asked to answer for another name.</summary>
internal sealed class ServerCertificate(DataFolder folder, DeviceAuthority authority, IReadOnlyCollection<string> hosts, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(60);
    private X509Certificate2? current;

    /// <summary>The certificate to show; <see cref="Renew"/> was called before.</summary>
    public X509Certificate2 Current => current ?? throw new InvalidOperationException("The server's certificate was not loaded.");

    /// <summary>Loads it, or makes a new one where the present one does not do.</summary>
    public void Renew()
    {
        if (current is null && KeyPair.Exists(folder, CentreKeys.Server))
            current = KeyPair.Load(folder, CentreKeys.Server);
        if (current is not null && Serves(current))
            return;
        var names = hosts.Concat(current is null ? [] : HostsOf(current)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        using var issued = authority.IssueServer(names);
        KeyPair.Save(folder, CentreKeys.Server, issued);
        // Connections being made still hold the former object: it is left to the collector.
        current = KeyPair.Load(folder, CentreKeys.Server);
    }

    private bool Serves(X509Certificate2 certificate) =>
        certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore
        && certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.Root.SubjectName.RawData)
        && !hosts.Except(HostsOf(certificate), StringComparer.OrdinalIgnoreCase).Any();

    private static IEnumerable<string> HostsOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? [] : names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()));
    }

    public void Dispose() => current?.Dispose();
}
