namespace EdgeAgent.Contract;

/// <summary>Why a look-up was not answered. The terminal has a sentence for each.</summary>
public static class LookUpCodes
{
    public const string BadId = "bad_id";
    public const string BadKind = "bad_kind";
    public const string BadPlate = "bad_plate";
    public const string BadDocument = "bad_document";
    public const string BadPurpose = "bad_purpose";
    public const string PurposeNotAllowed = "purpose_not_allowed";
    public const string ReasonNeeded = "reason_needed";
    public const string ReasonTooLong = "reason_too_long";
    public const string CallNeeded = "call_needed";
    public const string NotSignedIn = "not_signed_in";
    public const string OfficerNotOnRoster = "officer_not_on_roster";
    public const string RateLimited = "rate_limited";
    public const string NotAvailable = "not_available";
    public const string NoLink = "no_link";
    public const string NoAnswer = "no_answer";
}
