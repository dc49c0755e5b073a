using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Agent.Records;

/// <summary>Somebody in a case, as written down.</summary>
internal sealed record CasePerson(string Role, string Name, string IdNumber, string Phone, string Statement, bool Refused);

/// <summary>What is written in the form; what is signed.</summary>
internal sealed record CaseFields(string Kind, string CallId, string Place, long HappenedAtUnixMs, IReadOnlyList<CasePerson> Persons, string Statement, string Outcome, string LegalBasis)
{
    /// <summary>Longer than it may ever be, or nonsense; what is merely not filled in yet is no problem of a draft.</summary>
    public string Problem() =>
        !RecordRules.Kinds.Contains(Kind) ? "kind_unknown"
        : CallId.Length is not (0 or 32) || !CallId.All(char.IsAsciiHexDigit) ? "bad_call"
        : Place.Length > RecordRules.MostPlace || Statement.Length > RecordRules.MostStatement || Outcome.Length > RecordRules.MostOutcome || LegalBasis.Length > RecordRules.MostLegal
            || Persons.Count > RecordRules.MostPersons || Persons.Any(IsTooLong) ? "text_too_long"
        : Persons.Any(p => !RecordRules.Roles.Contains(p.Role)) ? "person_incomplete" : "";

    public bool IsSame(CaseFields other) =>
        Persons.SequenceEqual(other.Persons) && this with { Persons = other.Persons } == other;

    private static bool IsTooLong(CasePerson p) =>
        p.Name.Length > RecordRules.MostName || p.IdNumber.Length > RecordRules.MostNumber || p.Phone.Length > RecordRules.MostNumber || p.Statement.Length > RecordRules.MostPersonStatement;
}

/// <summary>A case record, from the first touch to what the centre did with it. Signatures and pictures by the hash of their content, lower-case hex.</summary>
/// <param name="Position">Where the car was when it was begun, serialised; empty: not known.</param>
internal sealed record CaseDraft(Guid Id, long CreatedAtUnixMs, string OfficerId, byte[] Position, CaseFields Fields)
{
    public IReadOnlyList<string> PersonSignatures { get; init; } = [];

    public string OfficerSignature { get; init; } = "";

    public IReadOnlyList<string> Pictures { get; init; } = [];

    /// <summary>Unspecified while it is written.</summary>
    public FieldState State { get; init; }

    public long ChangedAtUnixMs { get; init; }

    /// <summary>What the centre said to it.</summary>
    public string Answer { get; init; } = "";

    public CaseRecord Told()
    {
        var told = new CaseRecord
        {
            RecordId = ByteString.CopyFrom(Uuid7.ToBytes(Id)),
            Kind = Fields.Kind,
            CallId = ByteString.CopyFrom(Convert.FromHexString(Fields.CallId)),
            Place = Fields.Place.Trim(),
            Position = Position.Length == 0 ? null : Patrol.Dispatch.V1.Position.Parser.ParseFrom(Position),
            HappenedAtUnixMs = Fields.HappenedAtUnixMs,
            Statement = Fields.Statement.Trim(),
            Outcome = Fields.Outcome.Trim(),
            LegalBasis = Fields.LegalBasis.Trim(),
            OfficerSignatureSha256 = Hash(OfficerSignature),
        };
        told.Persons.AddRange(Fields.Persons.Select((p, at) => new RecordPerson
        {
            Role = p.Role,
            Name = p.Name.Trim(),
            IdNumber = p.IdNumber.Trim(),
            Phone = p.Phone.Trim(),
            Statement = p.Statement.Trim(),
            Refused = p.Refused,
            SignatureSha256 = Hash(p.Refused ? "" : PersonSignatures.ElementAtOrDefault(at) ?? ""),
        }));
        return told;
    }

    private static ByteString Hash(string hex) => ByteString.CopyFrom(Convert.FromHexString(hex));
}

/// <summary>Something lost or found, or a wish for another office.</summary>
/// <param name="Picture">Hash of the picture that goes with it; "" none.</param>
internal sealed record WindowRequest(Guid Id, string Kind, string What, string Place, string Contact, string Office, long AtUnixMs, string OfficerId, string Picture)
{
    public FieldState State { get; init; } = FieldState.Sent;

    public long ChangedAtUnixMs { get; init; }

    public string Answer { get; init; } = "";
}
