using EdgeAgent.Contract;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>What lists this car takes, beyond what the contract demands of every list.</summary>
/// <param name="Trust">Whose signatures count.</param>
/// <param name="FaceModelSha256">Of the face model in use; templates of another are refused.</param>
/// <param name="Options">How long lists outlive the centre's last word.</param>
internal sealed record ListPolicy(ListTrust Trust, ReadOnlyMemory<byte> FaceModelSha256, ListOptions Options)
{
    /// <summary>A list of this kind ends so long after the centre last told the time, whatever date it carries.</summary>
    public TimeSpan AfterContact(ListKind kind) => kind == ListKind.Faces ? Options.FacesAfterContact : Options.PlatesAfterContact;

    public ListCheck Check(long nowUnixMs, ulong heldVersion) =>
        new() { NowUnixMs = nowUnixMs, HeldVersion = heldVersion, EmbeddingModelSha256 = FaceModelSha256 };
}
