using System.Security.Cryptography;
using EdgeAgent.Contract;
using EdgeAgent.DispatchClient.Identity;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Edgectl.Difference;

/// <summary>A fleet's reference whose signature was held against the centre that this unit knows.</summary>
/// <param name="Sha256">Of the payload as it was signed.</param>
internal sealed record SignedReference(FleetReference Content, byte[] Sha256)
{
    private const int MostBytes = 4 << 20;

    /// <exception cref="CommandException">not_a_reference, not_signed_by_centre, reference_ended.</exception>
    public static SignedReference Open(string path, UnitIdentity unit, DateTimeOffset now)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw new CommandException("not_a_reference", $"{path} is larger than {MostBytes >> 20} MiB: it is no reference.");
        try
        {
            var envelope = SignedEnvelope.Parser.ParseFrom(File.ReadAllBytes(path));
            if (envelope.PayloadType != Envelopes.ReferenceType)
                throw new CommandException("not_a_reference", $"{path} is no reference of a fleet: ask the centre for one (command-centre reference make).");
            if (Envelopes.OpenTrusted(envelope, Envelopes.ReferenceType, SignerRole.Centre, unit.CentreSigners) is not { } payload)
                throw new CommandException("not_signed_by_centre", $"{path} is not signed by the centre of unit {unit.UnitId}, or was changed afterwards: it is not compared with.");
            var reference = FleetReference.Parser.ParseFrom(payload.Span);
            if (reference.EndsAtUnixMs <= now.ToUnixTimeMilliseconds())
                throw new CommandException("reference_ended", $"{path} ended on {DateTimeOffset.FromUnixTimeMilliseconds(reference.EndsAtUnixMs):yyyy-MM-dd}: ask the centre for a newer one.");
            if (reference.Facts.GroupBy(f => (f.Section, f.Key)).Any(g => g.Count() > 1))
                throw new CommandException("not_a_reference", $"{path} says the same thing twice: ask the centre for another one.");
            return new SignedReference(reference, SHA256.HashData(payload.Span));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CommandException("not_a_reference", $"{path} is no reference of a fleet: its bytes cannot be read as one.", e);
        }
    }
}
