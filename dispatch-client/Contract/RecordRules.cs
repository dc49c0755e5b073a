using Patrol.Dispatch.V1;

namespace EdgeAgent.Contract;

/// <summary>Closed sets and bounds of case records and of requests from the car's window, the same in car and centre.</summary>
public static class RecordRules
{
    public const int MostPlace = 200, MostStatement = 4000, MostOutcome = 2000, MostLegal = 500, MostPersons = 8, MostName = 60, MostNumber = 32, MostPersonStatement = 2000;
    public const int MostPictures = 8, MostSignatureBytes = 128 << 10, MostWhat = 1000, MostContact = 120, MostAnswer = 500;

    public static IReadOnlyList<string> Kinds { get; } = ["dispute", "noise", "minor_fight", "petty_theft", "damage", "traffic_minor", "fraud", "other"];

    public static IReadOnlyList<string> Roles { get; } = ["party", "victim", "witness", "reporter"];

    public static IReadOnlyList<string> RequestKinds { get; } = ["found", "lost", "office"];

    public static IReadOnlyList<string> Offices { get; } = ["household", "residence", "exit_entry", "traffic", "urban_management", "market", "labour", "community", "other"];

    /// <summary>What is wrong with a finished record; "" when nothing is.</summary>
    public static string Problem(CaseRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.RecordId.Length != Uuid7.Length || record.CallId.Length is not (0 or Uuid7.Length))
            return "bad_record_id";
        if (!Kinds.Contains(record.Kind))
            return "kind_unknown";
        if (record.Place.Length > MostPlace || record.Statement.Length > MostStatement || record.Outcome.Length > MostOutcome || record.LegalBasis.Length > MostLegal
            || record.Persons.Count > MostPersons || record.Persons.Any(IsTooLong))
            return "text_too_long";
        if (string.IsNullOrWhiteSpace(record.Place))
            return "place_required";
        if (record.Persons.Any(p => string.IsNullOrWhiteSpace(p.Name) || !Roles.Contains(p.Role)))
            return "person_incomplete";
        if (string.IsNullOrWhiteSpace(record.Statement))
            return "statement_required";
        if (record.HappenedAtUnixMs <= 0)
            return "time_required";
        return record.Persons.Any(p => p.Refused == (p.SignatureSha256.Length == 32)) ? "person_not_signed"
            : record.OfficerSignatureSha256.Length != 32 ? "officer_not_signed" : "";
    }

    public static string Problem(ServiceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestId.Length != Uuid7.Length)
            return "bad_request_id";
        if (!RequestKinds.Contains(request.Kind))
            return "kind_unknown";
        if (request.What.Length > MostWhat || request.Place.Length > MostPlace || request.Contact.Length > MostContact)
            return "text_too_long";
        if (string.IsNullOrWhiteSpace(request.What))
            return "what_required";
        return request.Kind == "office" != Offices.Contains(request.Office) ? "office_required" : "";
    }

    private static bool IsTooLong(RecordPerson person) =>
        person.Name.Length > MostName || person.IdNumber.Length > MostNumber || person.Phone.Length > MostNumber || person.Statement.Length > MostPersonStatement;
}
