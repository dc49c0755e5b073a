namespace EdgeAgent.DispatchClient.Uplink;

/// <summary>The centre's time, signed over our own nonce and meant for this unit.</summary>
/// <param name="UnixMs">The centre's clock while it answered.</param>
/// <param name="RoundTrip">From asking to having the answer, by the monotonic clock: the true time now lies between UnixMs and UnixMs + RoundTrip.</param>
/// <param name="ReceivedTimestamp">Of the TimeProvider, when the answer came.</param>
public sealed record VerifiedTime(long UnixMs, TimeSpan RoundTrip, long ReceivedTimestamp);
