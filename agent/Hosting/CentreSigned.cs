using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Hosting;

/// <summary>What the centre signs for one unit, with a version that rises: rosters, configurations.</summary>
internal static class CentreSigned
{
    /// <summary>Opens an envelope of the centre's.</summary>
    /// <param name="what">First word of the codes.</param>
    /// <param name="about">Unit and version that the message names.</param>
    /// <param name="heldVersion">Only a newer one is taken.</param>
    /// <returns>The message, or WHAT_not_signed_by_centre, WHAT_unreadable, WHAT_of_other_unit, WHAT_not_newer.</returns>
    public static (T? Message, string Code) Open<T>(
        SignedEnvelope envelope, string payloadType, MessageParser<T> parser, string what, Func<T, (string UnitId, ulong Version)> about,
        X509Certificate2Collection signers, string unitId, ulong heldVersion)
        where T : class, IMessage<T>
    {
        if (Envelopes.OpenTrusted(envelope, payloadType, SignerRole.Centre, signers) is not { } payload)
            return (null, $"{what}_not_signed_by_centre");
        T message;
        try
        {
            message = parser.ParseFrom(payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, $"{what}_unreadable");
        }
        (string unit, ulong version) = about(message);
        return unit != unitId ? (null, $"{what}_of_other_unit") : version <= heldVersion ? (null, $"{what}_not_newer") : (message, "");
    }
}
