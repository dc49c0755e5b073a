using System.Collections.Frozen;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>
/// Which purpose may learn what, and what a look-up must say of itself. The car asks nothing that this forbids, and the centre answers
/// nothing that this forbids, whatever a car asks.
/// </summary>
public static class LookUpRules
{
    private const int MaxReasonCharacters = 200, MaxIdCharacters = 64;

    // Whoever needs help is not checked for warrants; who had an accident is named, not judged.
    private static readonly FrozenDictionary<(LookUpPurpose, LookUpKind), LookUpFact[]> Allowed = new Dictionary<(LookUpPurpose, LookUpKind), LookUpFact[]>
    {
        [(LookUpPurpose.TrafficStop, LookUpKind.Plate)] = [LookUpFact.PlateClass, LookUpFact.Vehicle, LookUpFact.Stolen, LookUpFact.Insurance, LookUpFact.Inspection],
        [(LookUpPurpose.TrafficStop, LookUpKind.Document)] = [LookUpFact.Name, LookUpFact.Wanted],
        [(LookUpPurpose.IdentityCheck, LookUpKind.Document)] = [LookUpFact.Name, LookUpFact.Wanted, LookUpFact.Missing],
        [(LookUpPurpose.Accident, LookUpKind.Plate)] = [LookUpFact.PlateClass, LookUpFact.Vehicle, LookUpFact.Stolen, LookUpFact.Insurance],
        [(LookUpPurpose.Accident, LookUpKind.Document)] = [LookUpFact.Name],
        [(LookUpPurpose.PersonInDistress, LookUpKind.Document)] = [LookUpFact.Name, LookUpFact.Missing],
        [(LookUpPurpose.Call, LookUpKind.Plate)] = [LookUpFact.PlateClass, LookUpFact.Vehicle, LookUpFact.Stolen],
        [(LookUpPurpose.Call, LookUpKind.Document)] = [LookUpFact.Name, LookUpFact.Wanted, LookUpFact.Missing],
    }.ToFrozenDictionary();

    /// <summary>What this purpose may learn; empty where it may not ask at all.</summary>
    public static IReadOnlyList<LookUpFact> Facts(LookUpPurpose purpose, LookUpKind kind) => Allowed.GetValueOrDefault((purpose, kind)) ?? [];

    /// <summary>What is wrong with a request in itself, "" if nothing is: one of <see cref="LookUpCodes"/>.</summary>
    public static string Problem(LookUpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Id.Length != Uuid7.Length)
            return LookUpCodes.BadId;
        if (request.Kind == LookUpKind.Unspecified || !Enum.IsDefined(request.Kind))
            return LookUpCodes.BadKind;
        if (request.Purpose == LookUpPurpose.Unspecified || !Enum.IsDefined(request.Purpose))
            return LookUpCodes.BadPurpose;
        if (LookUpSubjects.Normalise(request.Kind, request.Subject) is not { } subject || subject != request.Subject)
            return request.Kind == LookUpKind.Plate ? LookUpCodes.BadPlate : LookUpCodes.BadDocument;
        if (Facts(request.Purpose, request.Kind).Count == 0)
            return LookUpCodes.PurposeNotAllowed;
        if (request.Purpose == LookUpPurpose.Call ? request.CallId.Length != Uuid7.Length : request.CallId.Length > 0)
            return LookUpCodes.CallNeeded;
        // Papers may be asked for anywhere: what for must be said.
        if (request.Purpose == LookUpPurpose.IdentityCheck && string.IsNullOrWhiteSpace(request.Reason))
            return LookUpCodes.ReasonNeeded;
        if (request.Reason.Length > MaxReasonCharacters)
            return LookUpCodes.ReasonTooLong;
        return request.OfficerId.Length is > 0 and <= MaxIdCharacters && request.SessionId.Length is > 0 and <= MaxIdCharacters ? "" : LookUpCodes.NotSignedIn;
    }

    /// <summary>As it stands in audit rows and on pages: TrafficStop is traffic_stop.</summary>
    public static string Word(LookUpPurpose purpose) => Snake(purpose.ToString());

    /// <inheritdoc cref="Word(LookUpPurpose)"/>
    public static string Word(LookUpKind kind) => Snake(kind.ToString());

    // A number that is no name stays a number: it comes from outside and must say nothing.
    private static string Snake(string name) => string.Concat(name.Select((c, at) => char.IsAsciiLetterUpper(c) ? $"{(at == 0 ? "" : "_")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
