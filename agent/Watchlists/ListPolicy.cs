using EdgeAgent.Contract;

namespace EdgeAgent.Agent.Watchlists;

/// <summary>What lists this car takes, beyond what the contract demands of every list.</summary>
/// <param name="Trust">Whose signatures count.</param>
/// <param name="FaceModelSha256">Of the face model in use; templates of another are refused.</param>
/// <param name="FacesAfterContact">Face lists end this long after the centre last told the time. Default 24 h.</param>
internal sealed record ListPolicy(ListTrust Trust, ReadOnlyMemory<byte> FaceModelSha256, TimeSpan FacesAfterContact)
{
    public ListCheck Check(long nowUnixMs, ulong heldVersion) =>
        new() { NowUnixMs = nowUnixMs, HeldVersion = heldVersion, EmbeddingModelSha256 = FaceModelSha256 };
}
