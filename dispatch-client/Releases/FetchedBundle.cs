using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.DispatchClient.Releases;

/// <summary>The bundle that the centre offered and the agent fetched: <c>DATA/releases/offer</c> and, beside it, the bundle named by its hash.</summary>
public static class FetchedBundle
{
    /// <exception cref="ReleaseException">not_fetched.</exception>
    public static string In(string dataDirectory)
    {
        string folder = Path.Combine(dataDirectory, "releases"), offer = Path.Combine(folder, "offer");
        try
        {
            if (!File.Exists(offer))
                throw new ReleaseException(ReleaseCodes.NotFetched, $"The centre has offered nothing: there is no {offer}.");
            ReleaseOffer offered = ReleaseOffer.Parser.ParseFrom(File.ReadAllBytes(offer));
            string bundle = Path.Combine(folder, $"{Convert.ToHexStringLower(offered.Sha256.Span)}.bundle");
            return File.Exists(bundle) ? bundle
                : throw new ReleaseException(ReleaseCodes.NotFetched, $"Release {offered.Version} is offered and not fetched whole yet: the agent goes on while it has a link.");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ReleaseException(ReleaseCodes.NotFetched, $"{offer} cannot be read: have the centre offer the release again.", e);
        }
    }
}
