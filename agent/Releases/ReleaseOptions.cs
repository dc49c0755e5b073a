using System.Text.Json.Serialization;
using EdgeAgent.DispatchClient.Releases;

namespace EdgeAgent.Agent.Releases;

/// <summary>How a fetched release comes into its slot.</summary>
internal sealed record ReleaseOptions
{
    /// <summary>Whose releases this car takes (PEM). Default /etc/edge-agent/release-roots.pem.</summary>
    public string RootsFile { get; init; } = "/etc/edge-agent/release-roots.pem";

    /// <summary>The slots that this program was started from; null: no launcher started it, and nothing is installed.</summary>
    [JsonIgnore]
    public LaunchPlace? Place { get; init; } = LaunchPlace.OfThisProcess();

    public IEnumerable<string> Problems()
    {
        if (RootsFile.Length == 0)
            yield return "Releases.RootsFile is empty: name the file with the release roots (PEM).";
    }
}
